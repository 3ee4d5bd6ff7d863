-- A database that the original made, with the example data in it: recognised, and read as it is.
\ir ../common/named_queries.sql
\ir ../common/copy_to_original.sql
\set existing `cat catalogs/anzx/existing.sql`
BEGIN;
SELECT no_plan();
\ir original.psql

CREATE TEMPORARY TABLE queries AS SELECT * FROM pg_temp.named_queries(:'existing');
CREATE FUNCTION pg_temp.ask(wanted text, night text DEFAULT '2026-03-12') RETURNS jsonb LANGUAGE sql AS $$
  SELECT pg_temp.answer('postgres', '{}', query, (night || ' 00:00+00')::timestamptz,
    (night || ' 00:00+00')::timestamptz + interval '1 day') FROM queries WHERE name = wanted
$$;
SELECT is(ARRAY(SELECT name FROM queries ORDER BY name), ARRAY['activity', 'audit', 'consent', 'expired', 'metadata_columns', 'organizations', 'recognise'], 'the queries');
-- Recognised as it is; an array that stands for a vector is the one difference.
SELECT is(
  (SELECT jsonb_agg(d) FROM jsonb_array_elements(pg_temp.ask('recognise')) AS d WHERE d ->> 'found_type' IS DISTINCT FROM 'real[]'),
  NULL, 'recognised column by column');
SELECT pg_temp.copy_to_original('anzx', tab)
FROM unnest(ARRAY['organizations', 'users', 'assistants', 'conversations', 'messages', 'audit_logs']) AS tab;
SELECT is(jsonb_typeof(pg_temp.ask(name)), 'array', name || ' runs') FROM queries ORDER BY name;
SELECT is((SELECT r ->> 'messages' FROM jsonb_array_elements(pg_temp.ask('activity')) AS r WHERE r ->> 'organization' = 'Harbour Dental')::bigint,
  (SELECT count(*) FROM anzx.messages WHERE organization_id = md5('anzx/organization/Harbour Dental')::uuid
   AND created_at >= '2026-03-12 00:00+00' AND created_at < '2026-03-13 00:00+00'),
  'activity: times without a zone are UTC, whatever the session''s zone');
SELECT is(pg_temp.ask('audit') #>> '{0,risk_level}', 'high', 'audit: the riskiest first');
SELECT ok((SELECT bool_and((r ->> 'rows')::bigint > 0) FROM jsonb_array_elements(pg_temp.ask('expired')) AS r), 'expired: what retention would take');
SELECT is(jsonb_array_length(pg_temp.ask('consent')), 3, 'consent: each organization');
ALTER TABLE existing.documents RENAME COLUMN metadata TO doc_metadata;
SELECT is((SELECT r ->> 'column_name' FROM jsonb_array_elements(pg_temp.ask('metadata_columns')) AS r WHERE r ->> 'table_name' = 'documents'),
  'doc_metadata', 'metadata_columns: as create_all names them');
SELECT is((SELECT jsonb_agg(d ->> 'column_name') FROM jsonb_array_elements(pg_temp.ask('recognise')) AS d
  WHERE d ->> 'table_name' = 'documents' AND d ->> 'column_name' LIKE '%metadata'), '["doc_metadata", "metadata"]', 'recognise: as a difference');

SELECT * FROM finish();
ROLLBACK;
