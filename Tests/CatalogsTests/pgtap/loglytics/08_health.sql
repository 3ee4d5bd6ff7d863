-- The questions of a health check, which the originals ask by names that are not there.
\set table_sizes `cat catalogs/queries/table_sizes.sql`
\set index_usage `cat catalogs/queries/index_usage.sql`
\set slow_queries `cat catalogs/queries/slow_queries.sql`
BEGIN;
SELECT no_plan();

CREATE TABLE loglytics."Mixed Case" (id bigint PRIMARY KEY);
INSERT INTO loglytics."Mixed Case" SELECT generate_series(1, 1000);
PREPARE table_sizes(text) AS :table_sizes;
PREPARE index_usage(text) AS :index_usage;
CREATE TEMPORARY TABLE sizes AS EXECUTE table_sizes('loglytics');
SELECT cmp_ok((SELECT total_bytes FROM sizes WHERE table_name = 'Mixed Case'), '>', 8192::bigint,
  'a table''s name may need quotes');
SELECT cmp_ok((SELECT parts FROM sizes WHERE table_name = 'log_entries'), '>', 0::bigint, 'parts are counted');
SELECT cmp_ok((SELECT total_bytes FROM sizes WHERE table_name = 'log_entries'), '>', 8192::bigint, 'and their sizes');
SELECT is((SELECT count(*) FROM sizes WHERE table_name ~ '_2026'), 0::bigint, 'a part is no table of its own');
SELECT is((SELECT bool_and(has_row_security AND forces_row_security) FROM sizes
  WHERE table_name NOT IN ('Mixed Case', 'dashboard_stats', 'schema_migrations')), true, 'row-level security shows');
CREATE TEMPORARY TABLE indexes AS EXECUTE index_usage('loglytics');
SELECT is((SELECT is_unique FROM indexes WHERE index_name = 'users_email_key'), true, 'indexes by name');
SELECT is((SELECT count(*) FROM indexes WHERE NOT is_valid), 0::bigint, 'and all of them valid');

-- pg_stat_statements, where it is loaded.
SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_stat_statements')
  AND current_setting('shared_preload_libraries') LIKE '%pg_stat_statements%' AS has_statements
\gset
\if :has_statements
CREATE EXTENSION IF NOT EXISTS pg_stat_statements SCHEMA public;
PREPARE slow_queries AS :slow_queries;
CREATE TEMPORARY TABLE slow AS EXECUTE slow_queries;
SELECT cmp_ok((SELECT count(*) FROM slow), '<=', 20::bigint, 'the twenty slowest statements');
SELECT cmp_ok((SELECT min(calls) FROM slow), '>=', 1::bigint, 'with how often they ran');
\endif

SELECT * FROM finish();
ROLLBACK;
