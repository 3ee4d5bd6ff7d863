-- Reading a database of LogHunter's own, as it is: nothing of Daybreak is in it, and nothing is added. One
-- named query after another. Names are not qualified: SET LOCAL search_path TO the schema, usually public,
-- and read in a transaction that is READ ONLY. Every query names the tenant: nothing there keeps them apart.
-- Parameters, where a query has them: $1 the window's start, $2 its end (timestamptz, half-open).

-- name: recognise
-- What differs from the tables of LogHunter's own migration: a column that is missing, of another type, or more
-- than expected. No row: it is that database. A table of which every column is missing is not there.
WITH expected (table_name, column_name, type) AS (VALUES
  ('analysis_results', 'id', 'uuid'),
  ('analysis_results', 'cluster_id', 'uuid'),
  ('analysis_results', 'tenant_id', 'uuid'),
  ('analysis_results', 'job_id', 'uuid'),
  ('analysis_results', 'provider', 'character varying(64)'),
  ('analysis_results', 'model', 'character varying(255)'),
  ('analysis_results', 'root_cause', 'text'),
  ('analysis_results', 'confidence', 'double precision'),
  ('analysis_results', 'summary', 'text'),
  ('analysis_results', 'suggested_action', 'text'),
  ('analysis_results', 'created_at', 'timestamp with time zone'),
  ('api_keys', 'id', 'uuid'),
  ('api_keys', 'tenant_id', 'uuid'),
  ('api_keys', 'name', 'character varying(255)'),
  ('api_keys', 'key_hash', 'character varying(255)'),
  ('api_keys', 'key_prefix', 'character varying(8)'),
  ('api_keys', 'scopes', 'text[]'),
  ('api_keys', 'last_used_at', 'timestamp with time zone'),
  ('api_keys', 'deleted_at', 'timestamp with time zone'),
  ('api_keys', 'created_at', 'timestamp with time zone'),
  ('api_keys', 'updated_at', 'timestamp with time zone'),
  ('error_clusters', 'id', 'uuid'),
  ('error_clusters', 'tenant_id', 'uuid'),
  ('error_clusters', 'service', 'character varying(255)'),
  ('error_clusters', 'namespace', 'character varying(255)'),
  ('error_clusters', 'fingerprint', 'character varying(64)'),
  ('error_clusters', 'level', 'character varying(16)'),
  ('error_clusters', 'first_seen_at', 'timestamp with time zone'),
  ('error_clusters', 'last_seen_at', 'timestamp with time zone'),
  ('error_clusters', 'count', 'integer'),
  ('error_clusters', 'sample_message', 'text'),
  ('error_clusters', 'created_at', 'timestamp with time zone'),
  ('error_clusters', 'updated_at', 'timestamp with time zone'),
  ('jobs', 'id', 'uuid'),
  ('jobs', 'tenant_id', 'uuid'),
  ('jobs', 'type', 'character varying(64)'),
  ('jobs', 'status', 'character varying(16)'),
  ('jobs', 'cluster_id', 'uuid'),
  ('jobs', 'error_message', 'text'),
  ('jobs', 'started_at', 'timestamp with time zone'),
  ('jobs', 'completed_at', 'timestamp with time zone'),
  ('jobs', 'created_at', 'timestamp with time zone'),
  ('jobs', 'updated_at', 'timestamp with time zone'),
  ('tenants', 'id', 'uuid'),
  ('tenants', 'name', 'character varying(255)'),
  ('tenants', 'loki_org_id', 'character varying(255)'),
  ('tenants', 'created_at', 'timestamp with time zone'),
  ('tenants', 'updated_at', 'timestamp with time zone')
), found AS (
  SELECT c.relname::text AS table_name, a.attname::text AS column_name,
    replace(replace(format_type(a.atttypid, a.atttypmod), 'public.', ''), current_schema() || '.', '') AS type
  FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
    AND c.relname IN (SELECT table_name FROM expected)
)
SELECT table_name, column_name, e.type AS expected_type, f.type AS found_type
FROM expected AS e FULL JOIN found AS f USING (table_name, column_name)
WHERE e.type IS DISTINCT FROM f.type
ORDER BY table_name, column_name;

-- name: missing
-- Tables of the document that LogHunter never made.
SELECT name AS table_name FROM unnest(ARRAY['anomaly_baselines', 'anomaly_events', 'saved_filters']) AS name
WHERE to_regclass(quote_ident(current_schema()) || '.' || name) IS NULL ORDER BY name;

-- name: tenants
-- Tenants; several may have one name.
SELECT t.id, t.name, t.loki_org_id, count(*) OVER (PARTITION BY t.name) > 1 AS name_is_shared
FROM tenants AS t ORDER BY t.name COLLATE "C", t.created_at, t.id;

-- name: clusters
-- Clusters last seen in the window. The count is that of all analyses together, the same night's twice where it
-- was analysed twice; level and first time are those of the first.
SELECT t.id AS tenant_id, t.name AS tenant, c.service, c.namespace, c.fingerprint, c.level, c.count, c.first_seen_at,
  c.last_seen_at, c.sample_message
FROM error_clusters AS c JOIN tenants AS t ON t.id = c.tenant_id
WHERE c.last_seen_at >= $1 AND c.last_seen_at < $2
ORDER BY t.name COLLATE "C", t.id, c.count DESC,
  array_position(ARRAY['FATAL', 'CRITICAL', 'ERROR', 'WARN'], c.level::text), c.fingerprint, c.service COLLATE "C";

-- name: analyses
-- What models said of them, the newest of each cluster. A result whose cluster is another tenant's is left out.
SELECT DISTINCT ON (c.id) t.name AS tenant, c.service, c.fingerprint, a.provider, a.model, a.confidence, a.summary,
  a.root_cause, a.suggested_action, a.created_at
FROM analysis_results AS a JOIN error_clusters AS c ON c.id = a.cluster_id AND c.tenant_id = a.tenant_id
JOIN tenants AS t ON t.id = c.tenant_id
WHERE c.last_seen_at >= $1 AND c.last_seen_at < $2
ORDER BY c.id, a.created_at DESC, a.id;

-- name: jobs
-- Analyses that failed, or have been waiting for an hour.
SELECT t.name AS tenant, j.type, j.status, j.error_message, j.created_at, j.started_at
FROM jobs AS j JOIN tenants AS t ON t.id = j.tenant_id
WHERE j.created_at < $2 AND (j.status = 'failed' AND j.created_at >= $1
  OR j.status IN ('pending', 'running') AND j.created_at < $2 - interval '1 hour')
ORDER BY j.created_at DESC, j.id LIMIT 50;

-- name: keys
-- Keys by prefix, and how many share it; no digest.
SELECT t.name AS tenant, k.name, k.key_prefix, count(*) OVER (PARTITION BY k.key_prefix) AS keys_of_prefix, k.scopes,
  k.last_used_at
FROM api_keys AS k JOIN tenants AS t ON t.id = k.tenant_id
WHERE k.deleted_at IS NULL ORDER BY t.name COLLATE "C", k.name COLLATE "C", k.id;
