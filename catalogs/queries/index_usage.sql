-- How often each index of a schema was used, the least used first. $1: the schema.
-- The names in this view are relname and indexrelname; it has no tablename and no indexname.
SELECT s.relname AS table_name, s.indexrelname AS index_name, s.idx_scan AS scans,
  s.idx_tup_read AS entries_read, s.idx_tup_fetch AS rows_fetched,
  pg_catalog.pg_relation_size(s.indexrelid) AS bytes, i.indisunique AS is_unique, i.indisvalid AS is_valid
FROM pg_catalog.pg_stat_user_indexes AS s
JOIN pg_catalog.pg_index AS i ON i.indexrelid = s.indexrelid
WHERE s.schemaname = $1
ORDER BY s.idx_scan, bytes DESC, s.indexrelname
