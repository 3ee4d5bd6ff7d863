-- The statements of this database that took the most time. Needs pg_stat_statements in
-- shared_preload_libraries and created in this database; the columns are those since PostgreSQL 13.
-- Statements are shown without their values.
SELECT s.queryid::text AS id, s.calls, round(s.total_exec_time::numeric, 3)::double precision AS total_milliseconds,
  round(s.mean_exec_time::numeric, 3)::double precision AS mean_milliseconds,
  round(s.max_exec_time::numeric, 3)::double precision AS max_milliseconds, s.rows,
  left(regexp_replace(s.query, '\s+', ' ', 'g'), 300) AS statement
FROM pg_stat_statements AS s
WHERE s.dbid = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = current_database())
ORDER BY s.total_exec_time DESC, s.queryid
LIMIT 20
