-- The report's queries over the example data: they run, find what the seed put there, and nothing of others.
\ir ../common/probe.sql
\ir ../common/named_queries.sql
\set report `cat catalogs/anzx/report.sql`
BEGIN;
SELECT no_plan();

CREATE TEMPORARY TABLE queries AS SELECT * FROM pg_temp.named_queries(:'report');
CREATE FUNCTION pg_temp.ask(tenant text, wanted text, night text DEFAULT '2026-03-12') RETURNS jsonb LANGUAGE sql AS $$
  SELECT pg_temp.answer('daybreak_reader', jsonb_build_object('anzx.organization_id', tenant), query,
    (night || ' 00:00+00')::timestamptz, (night || ' 00:00+00')::timestamptz + interval '1 day')
  FROM queries WHERE name = wanted
$$;
CREATE TEMPORARY TABLE answers AS SELECT name, pg_temp.ask(md5('anzx/organization/Harbour Dental')::uuid::text, name) AS rows FROM queries;
SELECT is(ARRAY(SELECT name FROM queries ORDER BY name), ARRAY['activity', 'assistants', 'audit', 'consent', 'failed_sign_ins', 'history', 'hours', 'knowledge', 'limits', 'poor_answers'], 'the report''s queries');
SELECT is(jsonb_typeof(rows), 'array', format('%s runs for a reader', name)) FROM answers ORDER BY name;
SELECT isnt(rows, '[]', name || ' finds something in the example data') FROM answers ORDER BY name;
SELECT is(jsonb_typeof(pg_temp.ask(md5('anzx/organization/Harbour Dental')::uuid::text, name, '2031-01-01')), 'array', name || ' runs over a window without rows')
FROM queries ORDER BY name;
-- Words of one tenant are in no answer to another, or to nobody.
SELECT ok(pg_temp.ask('', name)::text !~ (SELECT string_agg(marker, '|') FROM unnest(ARRAY['Dental', 'support', '198.51', 'handbook']) AS marker),
  name || ' tells nobody anything') FROM queries ORDER BY name;
CREATE FUNCTION pg_temp.rows_of(wanted text) RETURNS SETOF jsonb LANGUAGE sql AS
$$ SELECT jsonb_array_elements(rows) FROM answers WHERE name = wanted $$;

CREATE TEMPORARY VIEW night AS SELECT * FROM anzx.messages
WHERE organization_id = md5('anzx/organization/Harbour Dental')::uuid
  AND created_at >= '2026-03-12 00:00+00' AND created_at < '2026-03-13 00:00+00';
SELECT is((SELECT (r ->> 'messages')::bigint FROM pg_temp.rows_of('activity') AS r WHERE r ->> 'days_back' = '0'),
  (SELECT count(*) FROM night), 'activity: all messages');
SELECT is((SELECT (r ->> 'cost')::numeric FROM pg_temp.rows_of('activity') AS r WHERE r ->> 'days_back' = '0'),
  (SELECT sum(cost) FROM night), 'activity: and their cost');
SELECT is((SELECT sum((r ->> 'messages')::bigint) FROM pg_temp.rows_of('hours') AS r), (SELECT count(*)::numeric FROM night), 'hours: all messages');
SELECT is((SELECT count(*) FROM pg_temp.rows_of('hours')), 24::bigint, 'hours: a row an hour');
SELECT ok((SELECT bool_and((r ->> 'confidence_score')::float8 < 0.5 OR (r ->> 'latency_ms')::integer > 10000
  OR (r ->> 'feedback_rating')::integer <= 2) FROM pg_temp.rows_of('poor_answers') AS r), 'poor_answers: those alone');
SELECT ok((SELECT bool_and(NOT r ? 'content') FROM pg_temp.rows_of('poor_answers') AS r), 'poor_answers: no word of what was said');
SELECT is((SELECT r ->> 'failures' FROM pg_temp.rows_of('failed_sign_ins') AS r WHERE r ->> 'ip_address' = '198.51.100.77'), '40',
  'failed_sign_ins: the attack');
SELECT is((SELECT r ->> 'risk_level' FROM pg_temp.rows_of('audit') AS r LIMIT 1), 'high', 'audit: the riskiest first');
SELECT is((SELECT format('%s %s %s', r ->> 'people', r ->> 'privacy_given', r ->> 'privacy_withdrawn') FROM pg_temp.rows_of('consent') AS r),
  '6 4 1', 'consent: who agreed, and who withdrew it');
SELECT is((SELECT string_agg(r ->> 'name', ',') FROM pg_temp.rows_of('knowledge') AS r), 'old blog', 'knowledge: the source that failed');
SELECT is((SELECT count(*) FROM pg_temp.rows_of('history')), 28::bigint, 'history: 28 days');

SELECT * FROM finish();
ROLLBACK;
