-- A database that the original made, with the example data in it: recognised, and read as it is.
\ir ../common/named_queries.sql
\ir ../common/copy_to_original.sql
\set existing `cat catalogs/loghunter/existing.sql`
BEGIN;
SELECT no_plan();
\ir original.psql

CREATE TEMPORARY TABLE queries AS SELECT * FROM pg_temp.named_queries(:'existing');
CREATE FUNCTION pg_temp.ask(wanted text, night text DEFAULT '2026-03-12') RETURNS jsonb LANGUAGE sql AS $$
  SELECT pg_temp.answer('postgres', '{}', query, (night || ' 00:00+00')::timestamptz,
    (night || ' 00:00+00')::timestamptz + interval '1 day') FROM queries WHERE name = wanted
$$;
SELECT is(ARRAY(SELECT name FROM queries ORDER BY name), ARRAY['analyses', 'clusters', 'jobs', 'keys', 'missing', 'recognise', 'tenants'], 'the queries');
-- Recognised as it is; an array that stands for a vector is the one difference.
SELECT is(
  (SELECT jsonb_agg(d) FROM jsonb_array_elements(pg_temp.ask('recognise')) AS d WHERE d ->> 'found_type' IS DISTINCT FROM 'real[]'),
  NULL, 'recognised column by column');
SELECT pg_temp.copy_to_original('loghunter', tab) FROM unnest(ARRAY['tenants', 'error_clusters']) AS tab;
SELECT pg_temp.copy_to_original('loghunter', 'api_keys', '{"key_prefix": "left(key_prefix, 8)"}');
SELECT pg_temp.copy_to_original('loghunter', 'analysis_results', '{"job_id": "gen_random_uuid()"}');
INSERT INTO existing.jobs (tenant_id, status, error_message, created_at)
SELECT id, 'failed', 'model not found', '2026-03-12 03:00+00' FROM existing.tenants WHERE name = 'acme';
SELECT is(jsonb_typeof(pg_temp.ask(name)), 'array', name || ' runs') FROM queries ORDER BY name;
SELECT is(pg_temp.ask('missing'), '[{"table_name": "anomaly_baselines"}, {"table_name": "anomaly_events"},
  {"table_name": "saved_filters"}]', 'missing: what was never made');
SELECT is((SELECT count(*) FROM jsonb_array_elements(pg_temp.ask('clusters')) AS r WHERE r ->> 'tenant' = 'acme'),
  (SELECT count(*) FROM loghunter.error_clusters AS c JOIN loghunter.tenants AS t ON t.id = c.tenant_id
   WHERE t.name = 'acme' AND c.last_seen_at >= '2026-03-12 00:00+00' AND c.last_seen_at < '2026-03-13 00:00+00'),
  'clusters: those last seen in the night');
SELECT is(pg_temp.ask('jobs') #>> '{0,error_message}', 'model not found', 'jobs: those that failed');
SELECT ok((SELECT bool_and(NOT r ? 'key_hash') FROM jsonb_array_elements(pg_temp.ask('keys')) AS r), 'keys: no digest');
INSERT INTO existing.tenants (name) VALUES ('default');
SELECT is((SELECT count(*) FROM jsonb_array_elements(pg_temp.ask('tenants')) AS r WHERE r ->> 'name_is_shared' = 'true'), 2::bigint,
  'tenants: two of one name are told');
-- A result that hangs on another tenant's cluster, which nothing forbids there.
INSERT INTO existing.analysis_results (cluster_id, tenant_id, job_id, provider, model, root_cause, confidence, summary, created_at)
SELECT c.id, t.id, gen_random_uuid(), 'ollama', 'm', 'crossed', 1, 's', now()
FROM existing.error_clusters AS c, existing.tenants AS t WHERE t.name = 'globex' AND c.tenant_id <> t.id;
SELECT ok(pg_temp.ask('analyses')::text !~ 'crossed', 'analyses: none of another tenant''s cluster');
SELECT isnt(pg_temp.ask('analyses'), '[]', 'analyses: but those that belong');

SELECT * FROM finish();
ROLLBACK;
