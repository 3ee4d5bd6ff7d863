-- Reading a database of Loglytics that others made, as it is: nothing of Daybreak is in it, and nothing is added.
-- One named query after another. Names are not qualified: SET LOCAL search_path TO the schema, usually
-- public, and read in a transaction that is READ ONLY, as the tables' owner: its policies ask an auth.uid()
-- that answers NULL.
-- Parameters, where a query has them: $1 the window's start, $2 its end (timestamptz, half-open).

-- name: recognise
-- What differs from the tables of Loglytics' own migration: a column that is missing, of another type, or more
-- than expected. No row: it is that database. A table of which every column is missing is not there.
WITH expected (table_name, column_name, type) AS (VALUES
  ('alerts', 'id', 'uuid'),
  ('alerts', 'user_id', 'uuid'),
  ('alerts', 'project_id', 'uuid'),
  ('alerts', 'live_connection_id', 'uuid'),
  ('alerts', 'alert_type', 'alert_type'),
  ('alerts', 'severity', 'alert_severity'),
  ('alerts', 'message', 'text'),
  ('alerts', 'metadata', 'jsonb'),
  ('alerts', 'is_read', 'boolean'),
  ('alerts', 'notified_via', 'jsonb'),
  ('alerts', 'created_at', 'timestamp with time zone'),
  ('analytics_cache', 'id', 'uuid'),
  ('analytics_cache', 'project_id', 'uuid'),
  ('analytics_cache', 'user_id', 'uuid'),
  ('analytics_cache', 'log_file_id', 'uuid'),
  ('analytics_cache', 'analytics_type', 'character varying(100)'),
  ('analytics_cache', 'analytics_data', 'jsonb'),
  ('analytics_cache', 'created_at', 'timestamp with time zone'),
  ('analytics_cache', 'updated_at', 'timestamp with time zone'),
  ('api_keys', 'id', 'uuid'),
  ('api_keys', 'user_id', 'uuid'),
  ('api_keys', 'key_hash', 'character varying(255)'),
  ('api_keys', 'name', 'character varying(255)'),
  ('api_keys', 'last_used_at', 'timestamp with time zone'),
  ('api_keys', 'expires_at', 'timestamp with time zone'),
  ('api_keys', 'is_active', 'boolean'),
  ('api_keys', 'created_at', 'timestamp with time zone'),
  ('audit_logs', 'id', 'uuid'),
  ('audit_logs', 'user_id', 'uuid'),
  ('audit_logs', 'action', 'character varying(100)'),
  ('audit_logs', 'resource_type', 'character varying(100)'),
  ('audit_logs', 'resource_id', 'uuid'),
  ('audit_logs', 'metadata', 'jsonb'),
  ('audit_logs', 'ip_address', 'inet'),
  ('audit_logs', 'created_at', 'timestamp with time zone'),
  ('chats', 'id', 'uuid'),
  ('chats', 'project_id', 'uuid'),
  ('chats', 'user_id', 'uuid'),
  ('chats', 'title', 'character varying(255)'),
  ('chats', 'created_at', 'timestamp with time zone'),
  ('chats', 'updated_at', 'timestamp with time zone'),
  ('live_log_connections', 'id', 'uuid'),
  ('live_log_connections', 'project_id', 'uuid'),
  ('live_log_connections', 'user_id', 'uuid'),
  ('live_log_connections', 'connection_name', 'character varying(255)'),
  ('live_log_connections', 'cloud_provider', 'cloud_provider'),
  ('live_log_connections', 'connection_config', 'jsonb'),
  ('live_log_connections', 'status', 'connection_status'),
  ('live_log_connections', 'last_sync_at', 'timestamp with time zone'),
  ('live_log_connections', 'created_at', 'timestamp with time zone'),
  ('live_log_connections', 'updated_at', 'timestamp with time zone'),
  ('log_entries', 'id', 'uuid'),
  ('log_entries', 'log_file_id', 'uuid'),
  ('log_entries', 'project_id', 'uuid'),
  ('log_entries', 'user_id', 'uuid'),
  ('log_entries', 'timestamp', 'timestamp with time zone'),
  ('log_entries', 'log_level', 'log_level'),
  ('log_entries', 'message', 'text'),
  ('log_entries', 'source', 'character varying(255)'),
  ('log_entries', 'metadata', 'jsonb'),
  ('log_entries', 'raw_content', 'text'),
  ('log_entries', 'created_at', 'timestamp with time zone'),
  ('log_files', 'id', 'uuid'),
  ('log_files', 'chat_id', 'uuid'),
  ('log_files', 'project_id', 'uuid'),
  ('log_files', 'user_id', 'uuid'),
  ('log_files', 'filename', 'character varying(255)'),
  ('log_files', 'file_size', 'bigint'),
  ('log_files', 'file_type', 'character varying(50)'),
  ('log_files', 's3_key', 'text'),
  ('log_files', 'upload_status', 'upload_status'),
  ('log_files', 'processing_metadata', 'jsonb'),
  ('log_files', 'created_at', 'timestamp with time zone'),
  ('log_files', 'updated_at', 'timestamp with time zone'),
  ('messages', 'id', 'uuid'),
  ('messages', 'chat_id', 'uuid'),
  ('messages', 'role', 'message_role'),
  ('messages', 'content', 'text'),
  ('messages', 'metadata', 'jsonb'),
  ('messages', 'created_at', 'timestamp with time zone'),
  ('project_shares', 'id', 'uuid'),
  ('project_shares', 'project_id', 'uuid'),
  ('project_shares', 'shared_by_user_id', 'uuid'),
  ('project_shares', 'shared_with_user_id', 'uuid'),
  ('project_shares', 'role', 'share_role'),
  ('project_shares', 'created_at', 'timestamp with time zone'),
  ('project_shares', 'updated_at', 'timestamp with time zone'),
  ('projects', 'id', 'uuid'),
  ('projects', 'user_id', 'uuid'),
  ('projects', 'name', 'character varying(255)'),
  ('projects', 'description', 'text'),
  ('projects', 'created_at', 'timestamp with time zone'),
  ('projects', 'updated_at', 'timestamp with time zone'),
  ('rag_vectors', 'id', 'uuid'),
  ('rag_vectors', 'project_id', 'uuid'),
  ('rag_vectors', 'user_id', 'uuid'),
  ('rag_vectors', 'log_file_id', 'uuid'),
  ('rag_vectors', 'content', 'text'),
  ('rag_vectors', 'embedding', 'vector(384)'),
  ('rag_vectors', 'metadata', 'jsonb'),
  ('rag_vectors', 'created_at', 'timestamp with time zone'),
  ('usage_tracking', 'id', 'uuid'),
  ('usage_tracking', 'user_id', 'uuid'),
  ('usage_tracking', 'date', 'date'),
  ('usage_tracking', 'llm_tokens_used', 'bigint'),
  ('usage_tracking', 'api_calls_count', 'integer'),
  ('usage_tracking', 'storage_used_bytes', 'bigint'),
  ('usage_tracking', 'created_at', 'timestamp with time zone'),
  ('usage_tracking', 'updated_at', 'timestamp with time zone'),
  ('users', 'id', 'uuid'),
  ('users', 'email', 'character varying(255)'),
  ('users', 'password_hash', 'character varying(255)'),
  ('users', 'full_name', 'character varying(255)'),
  ('users', 'subscription_tier', 'subscription_tier'),
  ('users', 'selected_llm_model', 'llm_model'),
  ('users', 'is_active', 'boolean'),
  ('users', 'created_at', 'timestamp with time zone'),
  ('users', 'updated_at', 'timestamp with time zone'),
  ('webhooks', 'id', 'uuid'),
  ('webhooks', 'user_id', 'uuid'),
  ('webhooks', 'project_id', 'uuid'),
  ('webhooks', 'url', 'text'),
  ('webhooks', 'events', 'jsonb'),
  ('webhooks', 'is_active', 'boolean'),
  ('webhooks', 'secret_key', 'character varying(255)'),
  ('webhooks', 'created_at', 'timestamp with time zone'),
  ('webhooks', 'updated_at', 'timestamp with time zone')
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

-- name: kind_of_log_entries
-- How log_entries is kept: hypertable, partitioned or plain, and its key.
SELECT CASE
    WHEN to_regclass('_timescaledb_catalog.hypertable') IS NOT NULL
      AND EXISTS (SELECT FROM pg_inherits AS i JOIN pg_class AS p ON p.oid = i.inhrelid
        WHERE i.inhparent = c.oid AND p.relname LIKE '\_hyper\_%') THEN 'hypertable'
    WHEN c.relkind = 'p' THEN 'partitioned' ELSE 'plain' END AS kind,
  (SELECT pg_get_constraintdef(k.oid) FROM pg_constraint AS k WHERE k.conrelid = c.oid AND k.contype = 'p') AS key,
  c.relrowsecurity AS has_row_security, c.relforcerowsecurity AS forces_row_security
FROM pg_class AS c WHERE c.oid = 'log_entries'::regclass;

-- name: users
-- Who is a tenant there.
SELECT u.id, u.email, u.is_active, count(p.id) AS projects
FROM users AS u LEFT JOIN projects AS p ON p.user_id = u.id
GROUP BY u.id, u.email, u.is_active ORDER BY u.email COLLATE "C", u.id;

-- name: lines
-- The window's lines, for the pipeline.
SELECT e."timestamp", coalesce(e.log_level::text, 'UNKNOWN') AS level, p.name AS project, e.source, e.message
FROM log_entries AS e JOIN projects AS p ON p.id = e.project_id
WHERE e."timestamp" >= $1 AND e."timestamp" < $2
ORDER BY e."timestamp", e.id;

-- name: projects
-- Each project's lines in the window. Three tables, each summed up before the join: their dashboards join first
-- and multiply.
SELECT p.name AS project, u.email AS owner, coalesce(e.lines, 0) AS lines, coalesce(e.errors, 0) AS errors,
  coalesce(f.files, 0) AS files, coalesce(s.members, 0) AS members
FROM projects AS p JOIN users AS u ON u.id = p.user_id
LEFT JOIN (SELECT project_id, count(*) AS lines, count(*) FILTER (WHERE log_level IN ('ERROR', 'CRITICAL')) AS errors
  FROM log_entries WHERE "timestamp" >= $1 AND "timestamp" < $2 GROUP BY project_id) AS e ON e.project_id = p.id
LEFT JOIN (SELECT project_id, count(*) AS files FROM log_files GROUP BY project_id) AS f ON f.project_id = p.id
LEFT JOIN (SELECT project_id, count(*) AS members FROM project_shares GROUP BY project_id) AS s ON s.project_id = p.id
ORDER BY errors DESC, p.name COLLATE "C", p.id;

-- name: errors
-- Messages of errors, their numbers taken out.
SELECT p.name AS project, left(regexp_replace(e.message, '\d+', '<num>', 'g'), 100) AS message, count(*) AS count,
  min(e."timestamp") AS first_at, max(e."timestamp") AS last_at
FROM log_entries AS e JOIN projects AS p ON p.id = e.project_id
WHERE e."timestamp" >= $1 AND e."timestamp" < $2 AND e.log_level IN ('ERROR', 'CRITICAL')
GROUP BY 1, 2 ORDER BY count DESC, 1, 2 LIMIT 20;

-- name: unencrypted_connections
-- Connections whose settings are no envelope: how many, and nothing of what is in them.
SELECT p.name AS project, count(*) AS connections FROM live_log_connections AS c JOIN projects AS p ON p.id = c.project_id
WHERE NOT coalesce(jsonb_typeof(c.connection_config) = 'object' AND c.connection_config ?& ARRAY['alg', 'nonce', 'ct'], false)
GROUP BY p.name ORDER BY p.name;
