-- A database that the original made, with the example data in it: recognised, and read as it is.
\ir ../common/named_queries.sql
\ir ../common/copy_to_original.sql
\set existing `cat catalogs/loglytics/existing.sql`
BEGIN;
SELECT no_plan();
\ir original.psql

CREATE TEMPORARY TABLE queries AS SELECT * FROM pg_temp.named_queries(:'existing');
CREATE FUNCTION pg_temp.ask(wanted text, night text DEFAULT '2026-03-12') RETURNS jsonb LANGUAGE sql AS $$
  SELECT pg_temp.answer('postgres', '{}', query, (night || ' 00:00+00')::timestamptz,
    (night || ' 00:00+00')::timestamptz + interval '1 day') FROM queries WHERE name = wanted
$$;
SELECT is(ARRAY(SELECT name FROM queries ORDER BY name), ARRAY['errors', 'kind_of_log_entries', 'lines', 'projects', 'recognise', 'unencrypted_connections', 'users'], 'the queries');
-- Recognised as it is; an array that stands for a vector is the one difference.
SELECT is(
  (SELECT jsonb_agg(d) FROM jsonb_array_elements(pg_temp.ask('recognise')) AS d WHERE d ->> 'found_type' IS DISTINCT FROM 'real[]'),
  NULL, 'recognised column by column');
SELECT pg_temp.copy_to_original('loglytics', tab)
FROM unnest(ARRAY['users', 'projects', 'project_shares', 'log_files', 'log_entries', 'live_log_connections']) AS tab;
SELECT is(jsonb_typeof(pg_temp.ask(name)), 'array', name || ' runs') FROM queries ORDER BY name;
SELECT is(jsonb_array_length(pg_temp.ask('lines'))::bigint, (SELECT count(*) FROM loglytics.log_entries
  WHERE "timestamp" >= '2026-03-12 00:00+00' AND "timestamp" < '2026-03-13 00:00+00'), 'lines: all of the night');
SELECT is(pg_temp.ask('errors') #>> '{0,message}', 'payment provider answered <num> for order <num>', 'errors: the outage first');
SELECT is(pg_temp.ask('projects') #>> '{0,project}', 'Checkout', 'projects: the worst first');
SELECT is((pg_temp.ask('projects') #>> '{0,members}')::integer, 3, 'projects: members counted once');
SELECT is(pg_temp.ask('kind_of_log_entries') #>> '{0,kind}', 'plain', 'a plain table is told');
SELECT is(jsonb_array_length(pg_temp.ask('users')), 8, 'users: all');
SELECT is(pg_temp.ask('unencrypted_connections'), '[]', 'envelopes are envelopes');
UPDATE existing.live_log_connections SET connection_config = '{"access_key": "AKIA"}' WHERE status = 'error';
SELECT is((SELECT sum((r ->> 'connections')::integer) FROM jsonb_array_elements(pg_temp.ask('unencrypted_connections')) AS r),
  5::bigint, 'settings in clear are counted');
SELECT ok(pg_temp.ask('unencrypted_connections')::text !~ 'AKIA', 'and not shown');
-- A hand-repaired one: partitioned, a column renamed.
ALTER TABLE existing.log_entries RENAME TO old_entries;
CREATE TABLE existing.log_entries (LIKE existing.old_entries, PRIMARY KEY (id, "timestamp")) PARTITION BY RANGE ("timestamp");
ALTER TABLE existing.chats RENAME COLUMN title TO name;
SELECT is(pg_temp.ask('kind_of_log_entries') -> 0,
  '{"kind": "partitioned", "key": "PRIMARY KEY (id, \"timestamp\")", "has_row_security": false, "forces_row_security": false}',
  'a partitioned one is told, with its key');
SELECT is((SELECT jsonb_agg(d ->> 'column_name') FROM jsonb_array_elements(pg_temp.ask('recognise')) AS d
  WHERE d ->> 'table_name' = 'chats'), '["name", "title"]', 'a column under another name is a difference');
DROP TABLE existing.webhooks;
SELECT is((SELECT count(*) FROM jsonb_array_elements(pg_temp.ask('recognise')) AS d WHERE d ->> 'table_name' = 'webhooks'
  AND d ->> 'found_type' IS NULL), 9::bigint, 'a table that is not there lacks every column');

SELECT * FROM finish();
ROLLBACK;
