-- The report's queries over the example data: they run, find what the seed put there, and nothing of others.
\ir ../common/probe.sql
\ir ../common/named_queries.sql
\set report `cat catalogs/loglytics/report.sql`
BEGIN;
SELECT no_plan();

CREATE TEMPORARY TABLE queries AS SELECT * FROM pg_temp.named_queries(:'report');
CREATE FUNCTION pg_temp.ask(tenant text, wanted text, night text DEFAULT '2026-03-12') RETURNS jsonb LANGUAGE sql AS $$
  SELECT pg_temp.answer('daybreak_reader', jsonb_build_object('app.current_user_id', tenant), query,
    (night || ' 00:00+00')::timestamptz, (night || ' 00:00+00')::timestamptz + interval '1 day')
  FROM queries WHERE name = wanted
$$;
CREATE TEMPORARY TABLE answers AS SELECT name, pg_temp.ask(md5('loglytics/user/olga')::uuid::text, name) AS rows FROM queries;
SELECT is(ARRAY(SELECT name FROM queries ORDER BY name), ARRAY['activity', 'alerts', 'categories', 'connections', 'dashboard', 'errors', 'files', 'hours', 'projects', 'silent_sources', 'usage'], 'the report''s queries');
SELECT is(jsonb_typeof(rows), 'array', format('%s runs for a reader', name)) FROM answers ORDER BY name;
SELECT isnt(rows, '[]', name || ' finds something in the example data') FROM answers ORDER BY name;
SELECT is(jsonb_typeof(pg_temp.ask(md5('loglytics/user/olga')::uuid::text, name, '2031-01-01')), 'array', name || ' runs over a window without rows')
FROM queries ORDER BY name;
-- Words of one tenant are in no answer to another, or to nobody.
SELECT ok(pg_temp.ask('', name)::text !~ (SELECT string_agg(marker, '|') FROM unnest(ARRAY['Checkout', 'Reactor', 'payment']) AS marker),
  name || ' tells nobody anything') FROM queries ORDER BY name;
CREATE FUNCTION pg_temp.rows_of(wanted text) RETURNS SETOF jsonb LANGUAGE sql AS
$$ SELECT jsonb_array_elements(rows) FROM answers WHERE name = wanted $$;

CREATE TEMPORARY VIEW night AS SELECT e.* FROM loglytics.log_entries AS e
JOIN loglytics.projects AS p ON p.id = e.project_id
WHERE p.user_id = md5('loglytics/user/olga')::uuid
  AND e."timestamp" >= '2026-03-12 00:00+00' AND e."timestamp" < '2026-03-13 00:00+00';
SELECT is((SELECT (r ->> 'lines')::bigint FROM pg_temp.rows_of('activity') AS r), (SELECT count(*) FROM night), 'activity: all lines');
SELECT is((SELECT sum((r ->> 'lines')::bigint) FROM pg_temp.rows_of('hours') AS r), (SELECT count(*)::numeric FROM night), 'hours: all lines');
SELECT is((SELECT count(*) FROM pg_temp.rows_of('hours')), 24::bigint, 'hours: a row an hour');
SELECT is((SELECT sum((r ->> 'errors')::bigint) FROM pg_temp.rows_of('categories') AS r),
  (SELECT count(*)::numeric FROM night WHERE log_level IN ('ERROR', 'CRITICAL')), 'categories: every error has one');
SELECT is((SELECT r ->> 'message' FROM pg_temp.rows_of('errors') AS r LIMIT 1), 'payment provider answered <num> for order <num>',
  'errors: the outage comes first');
SELECT is((SELECT r ->> 'is_new' FROM pg_temp.rows_of('errors') AS r LIMIT 1), 'true', 'errors: and is new');
SELECT is((SELECT count(*) FROM pg_temp.rows_of('errors') AS r WHERE r ->> 'is_new' = 'true'), 1::bigint, 'errors: nothing else is');
SELECT is((SELECT string_agg(r ->> 'source', ',') FROM pg_temp.rows_of('silent_sources') AS r), 'mailer',
  'silent_sources: the one that fell silent');
SELECT is((SELECT string_agg(r ->> 'project', ',') FROM pg_temp.rows_of('projects') AS r), 'Checkout,Warehouse', 'projects: the worst first');
SELECT is((SELECT jsonb_agg(r ->> 'project') FROM jsonb_array_elements(pg_temp.ask(md5('loglytics/user/vera')::uuid::text, 'projects')) AS r),
  '["Checkout"]', 'projects: a viewer has the report of what is shared');
SELECT is((SELECT jsonb_agg(r ->> 'project') FROM jsonb_array_elements(pg_temp.ask(md5('loglytics/user/sam')::uuid::text, 'projects')) AS r),
  '["Reactor"]', 'projects: and nobody that of others');

SELECT * FROM finish();
ROLLBACK;
