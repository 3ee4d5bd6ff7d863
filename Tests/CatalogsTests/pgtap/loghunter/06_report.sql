-- The report's queries over the example data: they run, find what the seed put there, and nothing of others.
\ir ../common/probe.sql
\ir ../common/named_queries.sql
\set report `cat catalogs/loghunter/report.sql`
BEGIN;
SELECT no_plan();

CREATE TEMPORARY TABLE queries AS SELECT * FROM pg_temp.named_queries(:'report');
CREATE FUNCTION pg_temp.ask(tenant text, wanted text, night text DEFAULT '2026-03-12') RETURNS jsonb LANGUAGE sql AS $$
  SELECT pg_temp.answer('daybreak_reader', jsonb_build_object('loghunter.tenant_id', tenant), query,
    (night || ' 00:00+00')::timestamptz, (night || ' 00:00+00')::timestamptz + interval '1 day')
  FROM queries WHERE name = wanted
$$;
CREATE TEMPORARY TABLE answers AS SELECT name, pg_temp.ask(md5('loghunter/tenant/acme')::uuid::text, name) AS rows FROM queries;
SELECT is(ARRAY(SELECT name FROM queries ORDER BY name), ARRAY['activity', 'analyses', 'anomalies', 'baselines', 'clusters', 'gone', 'history', 'keys'], 'the report''s queries');
SELECT is(jsonb_typeof(rows), 'array', format('%s runs for a reader', name)) FROM answers ORDER BY name;
SELECT isnt(rows, '[]', name || ' finds something in the example data') FROM answers ORDER BY name;
SELECT is(jsonb_typeof(pg_temp.ask(md5('loghunter/tenant/acme')::uuid::text, name, '2031-01-01')), 'array', name || ' runs over a window without rows')
FROM queries ORDER BY name;
-- Words of one tenant are in no answer to another, or to nobody.
SELECT ok(pg_temp.ask('', name)::text !~ (SELECT string_agg(marker, '|') FROM unnest(ARRAY['checkout', 'payment', 'dbk_', 'lhk_']) AS marker),
  name || ' tells nobody anything') FROM queries ORDER BY name;
CREATE FUNCTION pg_temp.rows_of(wanted text) RETURNS SETOF jsonb LANGUAGE sql AS
$$ SELECT jsonb_array_elements(rows) FROM answers WHERE name = wanted $$;

CREATE TEMPORARY VIEW night AS SELECT * FROM loghunter.error_cluster_windows
WHERE tenant_id = md5('loghunter/tenant/acme')::uuid AND window_start = '2026-03-12 00:00+00';
SELECT is((SELECT (r ->> 'lines')::numeric FROM pg_temp.rows_of('activity') AS r), (SELECT sum(count) FROM night), 'activity: all lines');
SELECT is((SELECT (r ->> 'new_clusters')::bigint FROM pg_temp.rows_of('activity') AS r), 1::bigint, 'activity: one new cluster');
SELECT is((SELECT sum((r ->> 'lines')::bigint) FROM pg_temp.rows_of('clusters') AS r), (SELECT sum(count) FROM night), 'clusters: all lines');
SELECT is((SELECT r ->> 'service' FROM pg_temp.rows_of('clusters') AS r LIMIT 1), 'checkout', 'clusters: the outage first');
SELECT is((SELECT string_agg(r ->> 'level', ',') FROM pg_temp.rows_of('clusters') AS r WHERE r ->> 'lifecycle' = 'new'), 'FATAL',
  'clusters: the new one');
SELECT ok((SELECT bool_or(r ->> 'service' = 'search' AND r ->> 'sample_message' LIKE 'certificate%')
  FROM pg_temp.rows_of('clusters') AS r WHERE r ->> 'lifecycle' = 'regressed'), 'clusters: the one that came back');
SELECT is((SELECT string_agg(DISTINCT r ->> 'service', ',') FROM pg_temp.rows_of('gone') AS r), 'mailer', 'gone: the silent service''s');
SELECT is((SELECT r ->> 'metric' FROM pg_temp.rows_of('anomalies') AS r LIMIT 1), 'error_rate', 'anomalies: the worst first');
SELECT is((SELECT r ->> 'deviation_note' FROM pg_temp.rows_of('anomalies') AS r WHERE r ->> 'metric' = 'fatal_rate'),
  'the baseline has no such event', 'anomalies: why there is no factor');
SELECT is((SELECT count(*) FROM pg_temp.rows_of('history')), 28::bigint, 'history: 28 days');
SELECT is((SELECT r ->> 'level' FROM pg_temp.rows_of('analyses') AS r LIMIT 1), 'FATAL', 'analyses: the most severe first');
SELECT ok((SELECT bool_and(r ? 'key_hash') IS NOT TRUE FROM pg_temp.rows_of('keys') AS r), 'keys: no digest');

SELECT * FROM finish();
ROLLBACK;
