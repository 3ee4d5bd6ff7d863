-- What loglytics's schema consists of: tables, columns, keys, indexes, functions, policies, rights.
BEGIN;
SELECT no_plan();

SELECT tables_are('loglytics', ARRAY[
  'alerts', 'analytics_cache', 'api_keys', 'audit_logs', 'chats', 'live_log_connections',
  'log_entries', 'log_files', 'messages', 'project_shares', 'projects', 'rag_vectors',
  'schema_migrations', 'usage_tracking', 'users', 'webhooks'
], 'tables');
SELECT has_pk('loglytics', t, t || ' has a primary key')
FROM unnest(ARRAY[
  'users', 'api_keys', 'audit_logs', 'usage_tracking', 'projects', 'project_shares', 'chats',
  'messages', 'log_files', 'log_entries', 'rag_vectors', 'analytics_cache', 'live_log_connections',
  'alerts', 'webhooks'
]) AS t;

-- Columns: table, name, type, whether NULL is refused. An embedding is an array without pgvector.
CREATE TEMPORARY TABLE expected_columns (tab text, col text, type text, required boolean);
INSERT INTO expected_columns VALUES
  ('users', 'id', 'uuid', true),
  ('users', 'email', 'character varying(255)', true),
  ('users', 'password_hash', 'character varying(255)', true),
  ('users', 'full_name', 'character varying(255)', false),
  ('users', 'subscription_tier', 'loglytics.subscription_tier', true),
  ('users', 'selected_llm_model', 'loglytics.llm_model', true),
  ('users', 'is_active', 'boolean', true),
  ('users', 'created_at', 'timestamp with time zone', true),
  ('users', 'updated_at', 'timestamp with time zone', false),
  ('api_keys', 'id', 'uuid', true),
  ('api_keys', 'user_id', 'uuid', true),
  ('api_keys', 'key_hash', 'character varying(255)', true),
  ('api_keys', 'name', 'character varying(255)', true),
  ('api_keys', 'last_used_at', 'timestamp with time zone', false),
  ('api_keys', 'expires_at', 'timestamp with time zone', false),
  ('api_keys', 'is_active', 'boolean', true),
  ('api_keys', 'created_at', 'timestamp with time zone', true),
  ('api_keys', 'key_prefix', 'text', true),
  ('api_keys', 'scopes', 'text[]', true),
  ('api_keys', 'deleted_at', 'timestamp with time zone', false),
  ('audit_logs', 'id', 'uuid', true),
  ('audit_logs', 'user_id', 'uuid', true),
  ('audit_logs', 'action', 'character varying(100)', true),
  ('audit_logs', 'resource_type', 'character varying(100)', true),
  ('audit_logs', 'resource_id', 'uuid', false),
  ('audit_logs', 'metadata', 'jsonb', false),
  ('audit_logs', 'ip_address', 'inet', false),
  ('audit_logs', 'created_at', 'timestamp with time zone', true),
  ('usage_tracking', 'id', 'uuid', true),
  ('usage_tracking', 'user_id', 'uuid', true),
  ('usage_tracking', 'date', 'date', true),
  ('usage_tracking', 'llm_tokens_used', 'bigint', true),
  ('usage_tracking', 'api_calls_count', 'integer', true),
  ('usage_tracking', 'storage_used_bytes', 'bigint', true),
  ('usage_tracking', 'created_at', 'timestamp with time zone', true),
  ('usage_tracking', 'updated_at', 'timestamp with time zone', false),
  ('projects', 'id', 'uuid', true),
  ('projects', 'user_id', 'uuid', true),
  ('projects', 'name', 'character varying(255)', true),
  ('projects', 'description', 'text', false),
  ('projects', 'created_at', 'timestamp with time zone', true),
  ('projects', 'updated_at', 'timestamp with time zone', false),
  ('project_shares', 'id', 'uuid', true),
  ('project_shares', 'project_id', 'uuid', true),
  ('project_shares', 'shared_by_user_id', 'uuid', true),
  ('project_shares', 'shared_with_user_id', 'uuid', true),
  ('project_shares', 'role', 'loglytics.share_role', true),
  ('project_shares', 'created_at', 'timestamp with time zone', true),
  ('project_shares', 'updated_at', 'timestamp with time zone', false),
  ('chats', 'id', 'uuid', true),
  ('chats', 'project_id', 'uuid', true),
  ('chats', 'user_id', 'uuid', true),
  ('chats', 'title', 'character varying(255)', true),
  ('chats', 'created_at', 'timestamp with time zone', true),
  ('chats', 'updated_at', 'timestamp with time zone', false),
  ('messages', 'id', 'uuid', true),
  ('messages', 'chat_id', 'uuid', true),
  ('messages', 'role', 'loglytics.message_role', true),
  ('messages', 'content', 'text', true),
  ('messages', 'metadata', 'jsonb', false),
  ('messages', 'created_at', 'timestamp with time zone', true),
  ('log_files', 'id', 'uuid', true),
  ('log_files', 'chat_id', 'uuid', false),
  ('log_files', 'project_id', 'uuid', true),
  ('log_files', 'user_id', 'uuid', true),
  ('log_files', 'filename', 'character varying(255)', true),
  ('log_files', 'file_size', 'bigint', false),
  ('log_files', 'file_type', 'character varying(50)', false),
  ('log_files', 's3_key', 'text', false),
  ('log_files', 'upload_status', 'loglytics.upload_status', true),
  ('log_files', 'processing_metadata', 'jsonb', false),
  ('log_files', 'created_at', 'timestamp with time zone', true),
  ('log_files', 'updated_at', 'timestamp with time zone', false),
  ('log_entries', 'id', 'uuid', true),
  ('log_entries', 'log_file_id', 'uuid', true),
  ('log_entries', 'project_id', 'uuid', true),
  ('log_entries', 'user_id', 'uuid', true),
  ('log_entries', 'timestamp', 'timestamp with time zone', true),
  ('log_entries', 'log_level', 'loglytics.log_level', false),
  ('log_entries', 'message', 'text', true),
  ('log_entries', 'source', 'character varying(255)', false),
  ('log_entries', 'metadata', 'jsonb', false),
  ('log_entries', 'raw_content', 'text', false),
  ('log_entries', 'created_at', 'timestamp with time zone', true),
  ('rag_vectors', 'id', 'uuid', true),
  ('rag_vectors', 'project_id', 'uuid', true),
  ('rag_vectors', 'user_id', 'uuid', true),
  ('rag_vectors', 'log_file_id', 'uuid', false),
  ('rag_vectors', 'content', 'text', true),
  ('rag_vectors', 'embedding', CASE current_setting('daybreak.test_server') WHEN 'bare' THEN 'real[]' ELSE 'vector(384)' END, true),
  ('rag_vectors', 'metadata', 'jsonb', false),
  ('rag_vectors', 'created_at', 'timestamp with time zone', true),
  ('rag_vectors', 'embedding_model', 'text', true),
  ('analytics_cache', 'id', 'uuid', true),
  ('analytics_cache', 'project_id', 'uuid', true),
  ('analytics_cache', 'user_id', 'uuid', true),
  ('analytics_cache', 'log_file_id', 'uuid', true),
  ('analytics_cache', 'analytics_type', 'character varying(100)', true),
  ('analytics_cache', 'analytics_data', 'jsonb', true),
  ('analytics_cache', 'created_at', 'timestamp with time zone', true),
  ('analytics_cache', 'updated_at', 'timestamp with time zone', false),
  ('live_log_connections', 'id', 'uuid', true),
  ('live_log_connections', 'project_id', 'uuid', true),
  ('live_log_connections', 'user_id', 'uuid', true),
  ('live_log_connections', 'connection_name', 'character varying(255)', true),
  ('live_log_connections', 'cloud_provider', 'loglytics.cloud_provider', true),
  ('live_log_connections', 'connection_config', 'jsonb', true),
  ('live_log_connections', 'status', 'loglytics.connection_status', true),
  ('live_log_connections', 'last_sync_at', 'timestamp with time zone', false),
  ('live_log_connections', 'created_at', 'timestamp with time zone', true),
  ('live_log_connections', 'updated_at', 'timestamp with time zone', false),
  ('alerts', 'id', 'uuid', true),
  ('alerts', 'user_id', 'uuid', true),
  ('alerts', 'project_id', 'uuid', true),
  ('alerts', 'live_connection_id', 'uuid', false),
  ('alerts', 'alert_type', 'loglytics.alert_type', true),
  ('alerts', 'severity', 'loglytics.alert_severity', true),
  ('alerts', 'message', 'text', true),
  ('alerts', 'metadata', 'jsonb', false),
  ('alerts', 'is_read', 'boolean', true),
  ('alerts', 'notified_via', 'jsonb', false),
  ('alerts', 'created_at', 'timestamp with time zone', true),
  ('webhooks', 'id', 'uuid', true),
  ('webhooks', 'user_id', 'uuid', true),
  ('webhooks', 'project_id', 'uuid', true),
  ('webhooks', 'url', 'text', true),
  ('webhooks', 'events', 'jsonb', true),
  ('webhooks', 'is_active', 'boolean', true),
  ('webhooks', 'secret_key', 'character varying(255)', false),
  ('webhooks', 'created_at', 'timestamp with time zone', true),
  ('webhooks', 'updated_at', 'timestamp with time zone', false);
SELECT is(
  (SELECT replace(format_type(a.atttypid, a.atttypmod), 'public.', '') || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
   FROM pg_attribute AS a WHERE a.attrelid = format('loglytics.%I', tab)::regclass AND a.attname = col),
  type || CASE WHEN required THEN ' NOT NULL' ELSE '' END, format('column %s.%s', tab, col))
FROM expected_columns;
SELECT is(
  (SELECT count(*) FROM pg_attribute AS a
   WHERE a.attrelid = format('loglytics.%I', tab)::regclass AND a.attnum > 0 AND NOT a.attisdropped),
  count(*), tab || ' has no other column')
FROM expected_columns GROUP BY tab ORDER BY tab;

-- Defaults, which the originals leave to the program: a raw INSERT has them here.
SELECT col_has_default('loglytics', tab, col, format('%s.%s has a default', tab, col))
FROM expected_columns
WHERE col IN ('id', 'is_active', 'is_read', 'created_at', 'updated_at', 'status', 'scopes', 'upload_status')
  AND NOT (tab, col) IN (('subscriptions', 'id'))
ORDER BY tab, col;

SELECT enum_has_labels('loglytics', 'subscription_tier', ARRAY['free', 'pro'], 'enum subscription_tier');
SELECT enum_has_labels('loglytics', 'llm_model', ARRAY['local', 'maverick'], 'enum llm_model');
SELECT enum_has_labels('loglytics', 'message_role', ARRAY['user', 'assistant', 'system'], 'enum message_role');
SELECT enum_has_labels('loglytics', 'upload_status', ARRAY['uploading', 'processing', 'completed', 'failed'], 'enum upload_status');
SELECT enum_has_labels('loglytics', 'log_level', ARRAY['DEBUG', 'INFO', 'WARN', 'ERROR', 'CRITICAL'], 'enum log_level');
SELECT enum_has_labels('loglytics', 'cloud_provider', ARRAY['aws', 'azure', 'gcp'], 'enum cloud_provider');
SELECT enum_has_labels('loglytics', 'connection_status', ARRAY['active', 'paused', 'error'], 'enum connection_status');
SELECT enum_has_labels('loglytics', 'alert_type', ARRAY['error_threshold', 'anomaly', 'pattern_match'], 'enum alert_type');
SELECT enum_has_labels('loglytics', 'alert_severity', ARRAY['low', 'medium', 'high', 'critical'], 'enum alert_severity');
SELECT enum_has_labels('loglytics', 'share_role', ARRAY['viewer', 'editor', 'admin'], 'enum share_role');

-- Foreign keys: table, columns, target, what a deletion of the target does.
SELECT is(
  (SELECT CASE c.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' ELSE c.confdeltype::text END
   FROM pg_constraint AS c
   WHERE c.contype = 'f' AND c.conrelid = format('loglytics.%I', tab)::regclass
     AND c.confrelid = format('loglytics.%I', target)::regclass
     AND cols = (SELECT string_agg(a.attname, ', ' ORDER BY k.place)
       FROM unnest(c.conkey) WITH ORDINALITY AS k (num, place)
       JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.num)),
  on_delete, format('%s (%s) refers to %s', tab, cols, target))
FROM (VALUES
  ('alerts', 'project_id', 'projects', 'CASCADE'),
  ('alerts', 'project_id, live_connection_id', 'live_log_connections', 'SET NULL'),
  ('alerts', 'user_id', 'users', 'CASCADE'),
  ('analytics_cache', 'project_id', 'projects', 'CASCADE'),
  ('analytics_cache', 'project_id, log_file_id', 'log_files', 'CASCADE'),
  ('analytics_cache', 'user_id', 'users', 'CASCADE'),
  ('api_keys', 'user_id', 'users', 'CASCADE'),
  ('audit_logs', 'user_id', 'users', 'CASCADE'),
  ('chats', 'project_id', 'projects', 'CASCADE'),
  ('chats', 'user_id', 'users', 'CASCADE'),
  ('live_log_connections', 'project_id', 'projects', 'CASCADE'),
  ('live_log_connections', 'user_id', 'users', 'CASCADE'),
  ('log_entries', 'project_id, log_file_id', 'log_files', 'CASCADE'),
  ('log_entries', 'user_id', 'users', 'CASCADE'),
  ('log_files', 'project_id', 'projects', 'CASCADE'),
  ('log_files', 'project_id, chat_id', 'chats', 'SET NULL'),
  ('log_files', 'user_id', 'users', 'CASCADE'),
  ('messages', 'chat_id', 'chats', 'CASCADE'),
  ('project_shares', 'project_id', 'projects', 'CASCADE'),
  ('project_shares', 'shared_by_user_id', 'users', 'CASCADE'),
  ('project_shares', 'shared_with_user_id', 'users', 'CASCADE'),
  ('projects', 'user_id', 'users', 'CASCADE'),
  ('rag_vectors', 'project_id', 'projects', 'CASCADE'),
  ('rag_vectors', 'project_id, log_file_id', 'log_files', 'CASCADE'),
  ('rag_vectors', 'user_id', 'users', 'CASCADE'),
  ('usage_tracking', 'user_id', 'users', 'CASCADE'),
  ('webhooks', 'project_id', 'projects', 'CASCADE'),
  ('webhooks', 'user_id', 'users', 'CASCADE')
) AS expected (tab, cols, target, on_delete);
SELECT ok(
  EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = c.conrelid
    AND (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey
    OR i.indrelid = c.conrelid AND (i.indkey::int2[])[0] = ANY (c.conkey)),
  format('%s: an index serves %s', c.conrelid::regclass, c.conname))
FROM pg_constraint AS c JOIN pg_class AS r ON r.oid = c.conrelid
WHERE c.contype = 'f' AND r.relnamespace = 'loglytics'::regnamespace AND NOT r.relispartition
ORDER BY 1;

-- Indexes, and those that only an extension makes possible.
SELECT has_index('loglytics', tab, name, format('index %s', name))
FROM (VALUES
  ('alerts', 'alerts_pkey'),
  ('alerts', 'idx_alerts_severity_project'),
  ('alerts', 'idx_alerts_unread'),
  ('alerts', 'idx_alerts_user_read'),
  ('alerts', 'ix_alerts_live_connection_id'),
  ('analytics_cache', 'analytics_cache_pkey'),
  ('analytics_cache', 'idx_analytics_cache_log_file'),
  ('analytics_cache', 'idx_analytics_cache_project_type'),
  ('analytics_cache', 'ix_analytics_cache_user_id'),
  ('api_keys', 'api_keys_key_hash_key'),
  ('api_keys', 'api_keys_key_prefix_key'),
  ('api_keys', 'api_keys_pkey'),
  ('api_keys', 'idx_api_keys_expires'),
  ('api_keys', 'idx_api_keys_user_active'),
  ('api_keys', 'ix_api_keys_user_id'),
  ('audit_logs', 'audit_logs_pkey'),
  ('audit_logs', 'idx_audit_logs_resource'),
  ('audit_logs', 'idx_audit_logs_user_action'),
  ('audit_logs', 'ix_audit_logs_created_at'),
  ('chats', 'chats_pkey'),
  ('chats', 'chats_project_id_id_key'),
  ('chats', 'idx_chats_project_user'),
  ('chats', 'ix_chats_user_id'),
  ('dashboard_stats', 'idx_dashboard_stats_project'),
  ('live_log_connections', 'idx_live_connections_project_status'),
  ('live_log_connections', 'ix_live_log_connections_user_id'),
  ('live_log_connections', 'live_log_connections_pkey'),
  ('live_log_connections', 'live_log_connections_project_id_id_key'),
  ('log_entries', 'idx_log_entries_daily_volume'),
  ('log_entries', 'idx_log_entries_errors'),
  ('log_entries', 'idx_log_entries_file'),
  ('log_entries', 'idx_log_entries_project_timestamp'),
  ('log_entries', 'ix_log_entries_user_id'),
  ('log_entries', 'log_entries_pkey'),
  ('log_files', 'idx_log_files_completed'),
  ('log_files', 'idx_log_files_project_status'),
  ('log_files', 'idx_log_files_user_type'),
  ('log_files', 'ix_log_files_chat_id'),
  ('log_files', 'log_files_pkey'),
  ('log_files', 'log_files_project_id_id_key'),
  ('messages', 'idx_messages_chat_created'),
  ('messages', 'messages_pkey'),
  ('project_shares', 'idx_project_shares_shared_by'),
  ('project_shares', 'idx_project_shares_shared_with'),
  ('project_shares', 'project_shares_pkey'),
  ('project_shares', 'uq_project_share_user'),
  ('projects', 'idx_projects_activity'),
  ('projects', 'projects_pkey'),
  ('rag_vectors', 'ix_rag_vectors_log_file_id'),
  ('rag_vectors', 'ix_rag_vectors_project_id'),
  ('rag_vectors', 'ix_rag_vectors_user_id'),
  ('rag_vectors', 'rag_vectors_pkey'),
  ('usage_tracking', 'ix_usage_tracking_date'),
  ('usage_tracking', 'uq_usage_tracking_user_date'),
  ('usage_tracking', 'usage_tracking_pkey'),
  ('users', 'idx_users_active'),
  ('users', 'idx_users_activity'),
  ('users', 'ix_users_subscription_tier'),
  ('users', 'users_email_key'),
  ('users', 'users_pkey'),
  ('webhooks', 'idx_webhooks_active'),
  ('webhooks', 'ix_webhooks_project_id'),
  ('webhooks', 'ix_webhooks_user_id'),
  ('webhooks', 'webhooks_pkey')
) AS expected (tab, name);
SELECT is(
  EXISTS (SELECT FROM pg_class WHERE relname = 'idx_log_entries_message_trgm'),
  current_setting('daybreak.test_server') = 'full', 'index idx_log_entries_message_trgm where its extension is there');
SELECT is(
  EXISTS (SELECT FROM pg_class WHERE relname = 'idx_rag_vectors_content_trgm'),
  current_setting('daybreak.test_server') = 'full', 'index idx_rag_vectors_content_trgm where its extension is there');
SELECT is(
  EXISTS (SELECT FROM pg_class WHERE relname = 'idx_rag_vectors_embedding'),
  current_setting('daybreak.test_server') = 'full', 'index idx_rag_vectors_embedding where its extension is there');
SELECT is_empty(
  $$SELECT a.indexrelid::regclass, b.indexrelid::regclass FROM pg_index AS a JOIN pg_index AS b
      ON a.indrelid = b.indrelid AND a.indexrelid < b.indexrelid AND a.indkey::text = b.indkey::text
      AND a.indclass::text = b.indclass::text AND a.indoption::text = b.indoption::text
      AND coalesce(pg_get_expr(a.indpred, a.indrelid), '') = coalesce(pg_get_expr(b.indpred, b.indrelid), '')
      AND coalesce(pg_get_expr(a.indexprs, a.indrelid), '') = coalesce(pg_get_expr(b.indexprs, b.indrelid), '')
    JOIN pg_class AS c ON c.oid = a.indrelid WHERE c.relnamespace = 'loglytics'::regnamespace$$,
  'no index is there twice');

-- Triggers.
SELECT has_trigger('loglytics', tab, name, format('%s on %s', name, tab))
FROM (VALUES
  ('alerts', 'keep_identity'), ('analytics_cache', 'keep_identity'),
  ('analytics_cache', 'touch_updated_at'), ('api_keys', 'deactivate_revoked_key'), ('api_keys', 'keep_identity'),
  ('chats', 'keep_identity'), ('chats', 'touch_updated_at'),
  ('live_log_connections', 'keep_identity'), ('live_log_connections', 'touch_updated_at'),
  ('log_entries', 'keep_identity'), ('log_files', 'keep_identity'),
  ('log_files', 'touch_updated_at'), ('messages', 'keep_identity'),
  ('project_shares', 'keep_identity'), ('project_shares', 'touch_updated_at'),
  ('projects', 'keep_identity'), ('projects', 'touch_updated_at'),
  ('rag_vectors', 'keep_identity'), ('usage_tracking', 'keep_identity'),
  ('usage_tracking', 'touch_updated_at'), ('users', 'keep_identity'),
  ('users', 'touch_updated_at'), ('webhooks', 'keep_identity'), ('webhooks', 'touch_updated_at')
) AS expected (tab, name);

-- Functions: name, arguments, whose rights, volatility, and who but the owner may call them.
CREATE TEMPORARY TABLE expected_functions (
  name text, arguments text, rights text, volatility text, callers text);
INSERT INTO expected_functions VALUES
  ('allow_expiry', 'regclass, text', 'invoker', 'volatile', ''),
  ('api_key_candidates', 'text', 'definer', 'stable', 'daybreak_service'),
  ('cleanup_old_data', '', 'invoker', 'volatile', ''),
  ('compute_dashboard_stats', '', 'invoker', 'stable', ''),
  ('cosine_distance', 'real[], real[]', 'invoker', 'immutable', 'daybreak_reader, daybreak_service'),
  ('deactivate_revoked_key', '', 'invoker', 'volatile', ''),
  ('drop_empty_log_entries', 'timestamp with time zone', 'definer', 'volatile', 'daybreak_service'),
  ('extension_schema', 'name', 'invoker', 'stable', ''),
  ('get_project_stats', 'uuid', 'invoker', 'stable', 'daybreak_reader, daybreak_service'),
  ('get_user_accessible_projects', 'uuid', 'invoker', 'stable', 'daybreak_reader, daybreak_service'),
  ('get_user_project_role', 'uuid, uuid', 'invoker', 'stable', 'daybreak_reader, daybreak_service'),
  ('hybrid_search_rag_vectors', 'uuid, text, real[], integer, double precision, double precision, double precision', 'invoker', 'stable', 'daybreak_reader, daybreak_service'),
  ('keep_identity', '', 'invoker', 'volatile', ''),
  ('log_user_action', 'uuid, text, text, uuid, jsonb, inet', 'invoker', 'volatile', 'daybreak_service'),
  ('prepare_log_entries', 'timestamp with time zone, timestamp with time zone', 'definer', 'volatile', 'daybreak_service'),
  ('project_ids', 'loglytics.share_role', 'definer', 'stable', 'daybreak_reader, daybreak_service'),
  ('protect_table', 'regclass, text[]', 'invoker', 'volatile', ''),
  ('refresh_dashboard_stats', '', 'definer', 'volatile', 'daybreak_service'),
  ('retention_cutoff', '', 'invoker', 'stable', ''),
  ('search_log_entries', 'uuid, text, integer, integer', 'invoker', 'stable', 'daybreak_reader, daybreak_service'),
  ('search_rag_vectors', 'uuid, real[], integer, double precision', 'invoker', 'stable', 'daybreak_reader, daybreak_service'),
  ('share_with_project', 'regclass, loglytics.share_role, loglytics.share_role', 'invoker', 'volatile', ''),
  ('text_similarity', 'text, text', 'invoker', 'immutable', 'daybreak_reader, daybreak_service'),
  ('to_log_level', 'text', 'invoker', 'immutable', 'daybreak_reader, daybreak_service'),
  ('touch_updated_at', '', 'invoker', 'volatile', ''),
  ('trigram_similarity', 'text, text', 'invoker', 'immutable', 'daybreak_reader, daybreak_service'),
  ('update_usage_tracking', 'uuid, date, bigint, integer, bigint', 'invoker', 'volatile', 'daybreak_service'),
  ('user_has_project_access', 'uuid, uuid', 'invoker', 'stable', 'daybreak_reader, daybreak_service'),
  ('user_named', 'text', 'definer', 'stable', 'daybreak_service');
SELECT is(
  (SELECT format('%s %s called by %s', CASE WHEN p.prosecdef THEN 'definer' ELSE 'invoker' END,
     CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END,
     coalesce((SELECT string_agg(DISTINCT a.grantee::regrole::text, ', ') FROM aclexplode(p.proacl) AS a
       WHERE a.grantee <> p.proowner), ''))
   FROM pg_proc AS p WHERE p.pronamespace = 'loglytics'::regnamespace AND p.proname = name
     AND array_to_string(ARRAY(SELECT format_type(t.type, NULL)
       FROM unnest(p.proargtypes) WITH ORDINALITY AS t (type, place) ORDER BY t.place), ', ') = arguments),
  format('%s %s called by %s', rights, volatility, callers), format('function %s(%s)', name, arguments))
FROM expected_functions;
SELECT is(
  (SELECT count(*) FROM pg_proc WHERE pronamespace = 'loglytics'::regnamespace),
  (SELECT count(*) FROM expected_functions), 'there is no other function');
-- aclexplode of NULL is nothing: a function whose rights were never touched is PUBLIC's.
SELECT is_empty(
  $$SELECT p.oid::regprocedure FROM pg_proc AS p WHERE p.pronamespace = 'loglytics'::regnamespace
    AND (p.proacl IS NULL OR EXISTS (SELECT FROM aclexplode(p.proacl) AS a WHERE a.grantee = 0))$$,
  'PUBLIC may call no function');
SELECT is_empty(
  $$SELECT p.oid::regprocedure FROM pg_proc AS p WHERE p.pronamespace = 'loglytics'::regnamespace
    AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (p.proconfig), false)$$,
  'every function has a fixed search_path');
SELECT is_empty(
  $$SELECT p.oid::regprocedure FROM pg_proc AS p WHERE p.pronamespace = 'loglytics'::regnamespace
    AND p.proowner <> 'daybreak_owner'::regrole$$, 'every function is the owner''s');

-- Row-level security: enabled and forced on every table, whose policies are these.
SELECT ok(c.relrowsecurity AND c.relforcerowsecurity, format('%s: row-level security is forced', c.relname))
FROM pg_class AS c
WHERE c.relnamespace = 'loglytics'::regnamespace AND c.relkind IN ('r', 'p')
  AND c.relname !~ '^schema_migrations'
ORDER BY c.relname;
SELECT policies_are('loglytics', 'users', ARRAY[
  'own_row', 'owner_reads'
], 'policies of users');
SELECT policies_are('loglytics', 'api_keys', ARRAY[
  'own_rows', 'owner_reads'
], 'policies of api_keys');
SELECT policies_are('loglytics', 'audit_logs', ARRAY[
  'expiry_deletes', 'expiry_sees', 'own_rows_insert', 'own_rows_read'
], 'policies of audit_logs');
SELECT policies_are('loglytics', 'usage_tracking', ARRAY[
  'expiry_deletes', 'expiry_sees', 'own_rows_insert', 'own_rows_read', 'own_rows_update'
], 'policies of usage_tracking');
SELECT policies_are('loglytics', 'projects', ARRAY[
  'admins_update', 'members_read', 'owner_deletes', 'owner_inserts', 'owner_reads'
], 'policies of projects');
SELECT policies_are('loglytics', 'project_shares', ARRAY[
  'admins_delete', 'admins_insert', 'admins_update', 'owner_reads', 'parties_read'
], 'policies of project_shares');
SELECT policies_are('loglytics', 'chats', ARRAY[
  'members_read', 'writers_delete', 'writers_insert', 'writers_update'
], 'policies of chats');
SELECT policies_are('loglytics', 'messages', ARRAY[
  'members_read', 'writers_delete', 'writers_insert', 'writers_update'
], 'policies of messages');
SELECT policies_are('loglytics', 'log_files', ARRAY[
  'expiry_deletes', 'expiry_sees', 'members_read', 'owner_reads', 'writers_delete',
  'writers_insert', 'writers_update'
], 'policies of log_files');
SELECT policies_are('loglytics', 'log_entries', ARRAY[
  'expiry_deletes', 'expiry_sees', 'members_read', 'owner_reads', 'writers_delete',
  'writers_insert', 'writers_update'
], 'policies of log_entries');
SELECT policies_are('loglytics', 'rag_vectors', ARRAY[
  'expiry_deletes', 'expiry_sees', 'members_read', 'writers_delete', 'writers_insert',
  'writers_update'
], 'policies of rag_vectors');
SELECT policies_are('loglytics', 'analytics_cache', ARRAY[
  'expiry_deletes', 'expiry_sees', 'members_read', 'writers_delete', 'writers_insert',
  'writers_update'
], 'policies of analytics_cache');
SELECT policies_are('loglytics', 'live_log_connections', ARRAY[
  'members_read', 'writers_delete', 'writers_insert', 'writers_update'
], 'policies of live_log_connections');
SELECT policies_are('loglytics', 'alerts', ARRAY[
  'own_rows_delete', 'own_rows_insert', 'own_rows_read', 'own_rows_update'
], 'policies of alerts');
SELECT policies_are('loglytics', 'webhooks', ARRAY[
  'members_read', 'writers_delete', 'writers_insert', 'writers_update'
], 'policies of webhooks');
SELECT is(
  (SELECT format('%s to %s', p.cmd, array_to_string(ARRAY(SELECT r FROM unnest(p.roles) AS r ORDER BY r), ', '))
   FROM pg_policies AS p
   WHERE p.schemaname = 'loglytics' AND p.tablename = tab AND p.policyname = name),
  format('%s to %s', command, roles), format('%s.%s', tab, name))
FROM (VALUES
  ('alerts', 'own_rows_delete', 'DELETE', 'daybreak_service'),
  ('alerts', 'own_rows_insert', 'INSERT', 'daybreak_service'),
  ('alerts', 'own_rows_read', 'SELECT', 'daybreak_reader, daybreak_service'),
  ('alerts', 'own_rows_update', 'UPDATE', 'daybreak_service'),
  ('analytics_cache', 'expiry_deletes', 'DELETE', 'daybreak_owner'),
  ('analytics_cache', 'expiry_sees', 'SELECT', 'daybreak_owner'),
  ('analytics_cache', 'members_read', 'SELECT', 'daybreak_reader, daybreak_service'),
  ('analytics_cache', 'writers_delete', 'DELETE', 'daybreak_service'),
  ('analytics_cache', 'writers_insert', 'INSERT', 'daybreak_service'),
  ('analytics_cache', 'writers_update', 'UPDATE', 'daybreak_service'),
  ('api_keys', 'own_rows', 'ALL', 'daybreak_reader, daybreak_service'),
  ('api_keys', 'owner_reads', 'SELECT', 'daybreak_owner'),
  ('audit_logs', 'expiry_deletes', 'DELETE', 'daybreak_owner'),
  ('audit_logs', 'expiry_sees', 'SELECT', 'daybreak_owner'),
  ('audit_logs', 'own_rows_insert', 'INSERT', 'daybreak_service'),
  ('audit_logs', 'own_rows_read', 'SELECT', 'daybreak_reader, daybreak_service'),
  ('chats', 'members_read', 'SELECT', 'daybreak_reader, daybreak_service'),
  ('chats', 'writers_delete', 'DELETE', 'daybreak_service'),
  ('chats', 'writers_insert', 'INSERT', 'daybreak_service'),
  ('chats', 'writers_update', 'UPDATE', 'daybreak_service'),
  ('live_log_connections', 'members_read', 'SELECT', 'daybreak_reader, daybreak_service'),
  ('live_log_connections', 'writers_delete', 'DELETE', 'daybreak_service'),
  ('live_log_connections', 'writers_insert', 'INSERT', 'daybreak_service'),
  ('live_log_connections', 'writers_update', 'UPDATE', 'daybreak_service'),
  ('log_entries', 'expiry_deletes', 'DELETE', 'daybreak_owner'),
  ('log_entries', 'expiry_sees', 'SELECT', 'daybreak_owner'),
  ('log_entries', 'members_read', 'SELECT', 'daybreak_reader, daybreak_service'),
  ('log_entries', 'owner_reads', 'SELECT', 'daybreak_owner'),
  ('log_entries', 'writers_delete', 'DELETE', 'daybreak_service'),
  ('log_entries', 'writers_insert', 'INSERT', 'daybreak_service'),
  ('log_entries', 'writers_update', 'UPDATE', 'daybreak_service'),
  ('log_files', 'expiry_deletes', 'DELETE', 'daybreak_owner'),
  ('log_files', 'expiry_sees', 'SELECT', 'daybreak_owner'),
  ('log_files', 'members_read', 'SELECT', 'daybreak_reader, daybreak_service'),
  ('log_files', 'owner_reads', 'SELECT', 'daybreak_owner'),
  ('log_files', 'writers_delete', 'DELETE', 'daybreak_service'),
  ('log_files', 'writers_insert', 'INSERT', 'daybreak_service'),
  ('log_files', 'writers_update', 'UPDATE', 'daybreak_service'),
  ('messages', 'members_read', 'SELECT', 'daybreak_reader, daybreak_service'),
  ('messages', 'writers_delete', 'DELETE', 'daybreak_service'),
  ('messages', 'writers_insert', 'INSERT', 'daybreak_service'),
  ('messages', 'writers_update', 'UPDATE', 'daybreak_service'),
  ('project_shares', 'admins_delete', 'DELETE', 'daybreak_service'),
  ('project_shares', 'admins_insert', 'INSERT', 'daybreak_service'),
  ('project_shares', 'admins_update', 'UPDATE', 'daybreak_service'),
  ('project_shares', 'owner_reads', 'SELECT', 'daybreak_owner'),
  ('project_shares', 'parties_read', 'SELECT', 'daybreak_reader, daybreak_service'),
  ('projects', 'admins_update', 'UPDATE', 'daybreak_service'),
  ('projects', 'members_read', 'SELECT', 'daybreak_reader, daybreak_service'),
  ('projects', 'owner_deletes', 'DELETE', 'daybreak_service'),
  ('projects', 'owner_inserts', 'INSERT', 'daybreak_service'),
  ('projects', 'owner_reads', 'SELECT', 'daybreak_owner'),
  ('rag_vectors', 'expiry_deletes', 'DELETE', 'daybreak_owner'),
  ('rag_vectors', 'expiry_sees', 'SELECT', 'daybreak_owner'),
  ('rag_vectors', 'members_read', 'SELECT', 'daybreak_reader, daybreak_service'),
  ('rag_vectors', 'writers_delete', 'DELETE', 'daybreak_service'),
  ('rag_vectors', 'writers_insert', 'INSERT', 'daybreak_service'),
  ('rag_vectors', 'writers_update', 'UPDATE', 'daybreak_service'),
  ('usage_tracking', 'expiry_deletes', 'DELETE', 'daybreak_owner'),
  ('usage_tracking', 'expiry_sees', 'SELECT', 'daybreak_owner'),
  ('usage_tracking', 'own_rows_insert', 'INSERT', 'daybreak_service'),
  ('usage_tracking', 'own_rows_read', 'SELECT', 'daybreak_reader, daybreak_service'),
  ('usage_tracking', 'own_rows_update', 'UPDATE', 'daybreak_service'),
  ('users', 'own_row', 'ALL', 'daybreak_reader, daybreak_service'),
  ('users', 'owner_reads', 'SELECT', 'daybreak_owner'),
  ('webhooks', 'members_read', 'SELECT', 'daybreak_reader, daybreak_service'),
  ('webhooks', 'writers_delete', 'DELETE', 'daybreak_service'),
  ('webhooks', 'writers_insert', 'INSERT', 'daybreak_service'),
  ('webhooks', 'writers_update', 'UPDATE', 'daybreak_service')
) AS expected (tab, name, command, roles);
SELECT is_empty(
  $$SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'loglytics'
    AND coalesce(qual, '') || coalesce(with_check, '') ~ 'current_setting'$$,
  'policies ask stable functions, never the setting itself');

-- Rights on tables: nothing for PUBLIC, and the owner owns all but what the migrator keeps.
SELECT is_empty(
  $$SELECT c.oid::regclass FROM pg_class AS c, aclexplode(c.relacl) AS a
    WHERE c.relnamespace = 'loglytics'::regnamespace AND a.grantee = 0$$, 'PUBLIC has no right on any relation');
SELECT is_empty(
  $$SELECT c.oid::regclass FROM pg_class AS c WHERE c.relnamespace = 'loglytics'::regnamespace
    AND c.relkind IN ('r', 'p', 'v', 'm') AND c.relname !~ '^schema_migrations'
    AND c.relowner <> 'daybreak_owner'::regrole$$, 'every relation is the owner''s');
SELECT is_empty(
  $$SELECT c.oid::regclass FROM pg_class AS c WHERE c.relnamespace = 'loglytics'::regnamespace
    AND c.relkind = 'v' AND NOT coalesce(c.reloptions::text ~ 'security_invoker=true|security_barrier=true', false)$$,
  'views run with the rights of who asks, or are a barrier');
SELECT schema_privs_are('loglytics', 'daybreak_service', ARRAY['USAGE'], 'the service uses the schema');
SELECT schema_privs_are('loglytics', 'daybreak_reader', ARRAY['USAGE'], 'readers use the schema');
SELECT ok(NOT rolsuper AND NOT rolbypassrls AND NOT rolcanlogin, format('%s has no power of its own', rolname))
FROM pg_roles WHERE rolname IN ('daybreak_owner', 'daybreak_service', 'daybreak_reader');

SELECT * FROM finish();
ROLLBACK;
