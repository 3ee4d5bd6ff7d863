-- Tables of a schema, the largest first. $1: the schema.
-- A table in parts has the size of its parts; names are never put together as text, so that any are right.
SELECT c.relname AS table_name,
  CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_inherits AS i WHERE i.inhparent = c.oid) THEN
    (SELECT coalesce(sum(pg_catalog.pg_total_relation_size(i.inhrelid)), 0)::bigint
     FROM pg_catalog.pg_inherits AS i WHERE i.inhparent = c.oid)
    ELSE pg_catalog.pg_total_relation_size(c.oid) END AS total_bytes,
  c.reltuples::bigint AS estimated_rows,
  (SELECT count(*) FROM pg_catalog.pg_inherits AS i WHERE i.inhparent = c.oid) AS parts,
  c.relrowsecurity AS has_row_security, c.relforcerowsecurity AS forces_row_security
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition
ORDER BY total_bytes DESC, c.relname
