-- What anzx's schema consists of: tables, columns, keys, indexes, functions, policies, rights.
BEGIN;
SELECT no_plan();

SELECT tables_are('anzx', ARRAY[
  'assistants', 'audit_logs', 'conversations', 'documents', 'knowledge_sources', 'messages',
  'organizations', 'schema_migrations', 'subscriptions', 'users'
], 'tables');
SELECT has_pk('anzx', t, t || ' has a primary key')
FROM unnest(ARRAY[
  'organizations', 'subscriptions', 'users', 'audit_logs', 'assistants', 'knowledge_sources',
  'documents', 'conversations', 'messages'
]) AS t;

-- Columns: table, name, type, whether NULL is refused. An embedding is an array without pgvector.
CREATE TEMPORARY TABLE expected_columns (tab text, col text, type text, required boolean);
INSERT INTO expected_columns VALUES
  ('organizations', 'id', 'uuid', true),
  ('organizations', 'name', 'character varying(255)', true),
  ('organizations', 'description', 'text', false),
  ('organizations', 'website', 'character varying(500)', false),
  ('organizations', 'industry', 'character varying(100)', false),
  ('organizations', 'region', 'character varying(10)', true),
  ('organizations', 'timezone', 'character varying(50)', true),
  ('organizations', 'subscription_plan', 'character varying(50)', true),
  ('organizations', 'subscription_status', 'character varying(50)', true),
  ('organizations', 'stripe_customer_id', 'character varying(255)', false),
  ('organizations', 'monthly_message_limit', 'integer', true),
  ('organizations', 'monthly_message_count', 'integer', true),
  ('organizations', 'monthly_token_limit', 'integer', true),
  ('organizations', 'monthly_token_count', 'integer', true),
  ('organizations', 'settings', 'jsonb', true),
  ('organizations', 'branding', 'jsonb', true),
  ('organizations', 'created_at', 'timestamp with time zone', true),
  ('organizations', 'updated_at', 'timestamp with time zone', true),
  ('subscriptions', 'organization_id', 'uuid', true),
  ('subscriptions', 'stripe_customer_id', 'character varying(255)', true),
  ('subscriptions', 'stripe_subscription_id', 'character varying(255)', false),
  ('subscriptions', 'stripe_price_id', 'character varying(255)', false),
  ('subscriptions', 'plan', 'character varying(50)', true),
  ('subscriptions', 'status', 'character varying(50)', true),
  ('subscriptions', 'current_period_start', 'timestamp with time zone', false),
  ('subscriptions', 'current_period_end', 'timestamp with time zone', false),
  ('subscriptions', 'usage_counters', 'jsonb', true),
  ('subscriptions', 'usage_limits', 'jsonb', true),
  ('subscriptions', 'created_at', 'timestamp with time zone', true),
  ('subscriptions', 'updated_at', 'timestamp with time zone', true),
  ('users', 'id', 'uuid', true),
  ('users', 'firebase_uid', 'character varying(255)', true),
  ('users', 'email', 'character varying(255)', true),
  ('users', 'email_verified', 'boolean', true),
  ('users', 'display_name', 'character varying(255)', false),
  ('users', 'first_name', 'character varying(255)', false),
  ('users', 'last_name', 'character varying(255)', false),
  ('users', 'avatar_url', 'character varying(500)', false),
  ('users', 'phone', 'character varying(50)', false),
  ('users', 'organization_id', 'uuid', false),
  ('users', 'role', 'character varying(50)', true),
  ('users', 'is_active', 'boolean', true),
  ('users', 'last_login', 'timestamp with time zone', false),
  ('users', 'login_count', 'integer', true),
  ('users', 'preferences', 'jsonb', true),
  ('users', 'notification_settings', 'jsonb', true),
  ('users', 'privacy_consent', 'boolean', true),
  ('users', 'privacy_consent_date', 'timestamp with time zone', false),
  ('users', 'marketing_consent', 'boolean', true),
  ('users', 'created_at', 'timestamp with time zone', true),
  ('users', 'updated_at', 'timestamp with time zone', true),
  ('audit_logs', 'id', 'uuid', true),
  ('audit_logs', 'event_type', 'character varying(100)', true),
  ('audit_logs', 'action', 'character varying(255)', true),
  ('audit_logs', 'outcome', 'character varying(50)', true),
  ('audit_logs', 'user_id', 'uuid', false),
  ('audit_logs', 'organization_id', 'uuid', false),
  ('audit_logs', 'ip_address', 'character varying(45)', false),
  ('audit_logs', 'user_agent', 'character varying(500)', false),
  ('audit_logs', 'resource_type', 'character varying(100)', false),
  ('audit_logs', 'resource_id', 'character varying(255)', false),
  ('audit_logs', 'details', 'jsonb', true),
  ('audit_logs', 'risk_level', 'character varying(20)', true),
  ('audit_logs', 'created_at', 'timestamp with time zone', true),
  ('audit_logs', 'retain_until', 'timestamp with time zone', false),
  ('assistants', 'id', 'uuid', true),
  ('assistants', 'name', 'character varying(255)', true),
  ('assistants', 'description', 'text', false),
  ('assistants', 'type', 'character varying(50)', true),
  ('assistants', 'organization_id', 'uuid', true),
  ('assistants', 'system_prompt', 'text', false),
  ('assistants', 'model_config', 'jsonb', true),
  ('assistants', 'tools_config', 'jsonb', true),
  ('assistants', 'knowledge_sources', 'uuid[]', true),
  ('assistants', 'is_active', 'boolean', true),
  ('assistants', 'deployment_status', 'character varying(50)', true),
  ('assistants', 'version', 'character varying(50)', true),
  ('assistants', 'total_conversations', 'integer', true),
  ('assistants', 'total_messages', 'integer', true),
  ('assistants', 'average_response_time', 'double precision', true),
  ('assistants', 'satisfaction_score', 'double precision', true),
  ('assistants', 'created_at', 'timestamp with time zone', true),
  ('assistants', 'updated_at', 'timestamp with time zone', true),
  ('assistants', 'deployed_at', 'timestamp with time zone', false),
  ('knowledge_sources', 'id', 'uuid', true),
  ('knowledge_sources', 'organization_id', 'uuid', true),
  ('knowledge_sources', 'name', 'character varying(255)', true),
  ('knowledge_sources', 'description', 'text', false),
  ('knowledge_sources', 'type', 'character varying(50)', true),
  ('knowledge_sources', 'source_url', 'character varying(1000)', false),
  ('knowledge_sources', 'status', 'character varying(50)', true),
  ('knowledge_sources', 'processing_progress', 'double precision', true),
  ('knowledge_sources', 'error_message', 'text', false),
  ('knowledge_sources', 'file_size', 'integer', false),
  ('knowledge_sources', 'file_type', 'character varying(100)', false),
  ('knowledge_sources', 'chunk_count', 'integer', true),
  ('knowledge_sources', 'chunking_config', 'jsonb', true),
  ('knowledge_sources', 'embedding_model', 'character varying(100)', true),
  ('knowledge_sources', 'created_at', 'timestamp with time zone', true),
  ('knowledge_sources', 'updated_at', 'timestamp with time zone', true),
  ('knowledge_sources', 'processed_at', 'timestamp with time zone', false),
  ('documents', 'id', 'uuid', true),
  ('documents', 'knowledge_source_id', 'uuid', true),
  ('documents', 'content', 'text', true),
  ('documents', 'chunk_index', 'integer', true),
  ('documents', 'embedding', CASE current_setting('daybreak.test_server') WHEN 'bare' THEN 'real[]' ELSE 'vector(768)' END, false),
  ('documents', 'metadata', 'jsonb', true),
  ('documents', 'token_count', 'integer', true),
  ('documents', 'content_hash', 'character varying(64)', false),
  ('documents', 'created_at', 'timestamp with time zone', true),
  ('documents', 'organization_id', 'uuid', true),
  ('conversations', 'id', 'uuid', true),
  ('conversations', 'title', 'character varying(255)', false),
  ('conversations', 'organization_id', 'uuid', true),
  ('conversations', 'user_id', 'uuid', false),
  ('conversations', 'assistant_id', 'uuid', true),
  ('conversations', 'channel', 'character varying(50)', true),
  ('conversations', 'session_id', 'character varying(255)', false),
  ('conversations', 'status', 'character varying(50)', true),
  ('conversations', 'resolution_status', 'character varying(50)', false),
  ('conversations', 'satisfaction_rating', 'integer', false),
  ('conversations', 'message_count', 'integer', true),
  ('conversations', 'total_tokens', 'integer', true),
  ('conversations', 'total_cost', 'numeric(10,6)', true),
  ('conversations', 'average_response_time', 'double precision', true),
  ('conversations', 'metadata', 'jsonb', true),
  ('conversations', 'context', 'jsonb', true),
  ('conversations', 'created_at', 'timestamp with time zone', true),
  ('conversations', 'updated_at', 'timestamp with time zone', true),
  ('conversations', 'ended_at', 'timestamp with time zone', false),
  ('conversations', 'retain_until', 'timestamp with time zone', false),
  ('messages', 'id', 'uuid', true),
  ('messages', 'conversation_id', 'uuid', true),
  ('messages', 'content', 'text', true),
  ('messages', 'role', 'character varying(50)', true),
  ('messages', 'model', 'character varying(100)', false),
  ('messages', 'tokens_input', 'integer', true),
  ('messages', 'tokens_output', 'integer', true),
  ('messages', 'cost', 'numeric(10,6)', true),
  ('messages', 'latency_ms', 'integer', true),
  ('messages', 'tool_calls', 'jsonb', true),
  ('messages', 'tool_results', 'jsonb', true),
  ('messages', 'confidence_score', 'double precision', false),
  ('messages', 'feedback_rating', 'integer', false),
  ('messages', 'feedback_comment', 'text', false),
  ('messages', 'citations', 'jsonb', true),
  ('messages', 'metadata', 'jsonb', true),
  ('messages', 'created_at', 'timestamp with time zone', true),
  ('messages', 'organization_id', 'uuid', true);
SELECT is(
  (SELECT replace(format_type(a.atttypid, a.atttypmod), 'public.', '') || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
   FROM pg_attribute AS a WHERE a.attrelid = format('anzx.%I', tab)::regclass AND a.attname = col),
  type || CASE WHEN required THEN ' NOT NULL' ELSE '' END, format('column %s.%s', tab, col))
FROM expected_columns;
SELECT is(
  (SELECT count(*) FROM pg_attribute AS a
   WHERE a.attrelid = format('anzx.%I', tab)::regclass AND a.attnum > 0 AND NOT a.attisdropped),
  count(*), tab || ' has no other column')
FROM expected_columns GROUP BY tab ORDER BY tab;

-- Defaults, which the originals leave to the program: a raw INSERT has them here.
SELECT col_has_default('anzx', tab, col, format('%s.%s has a default', tab, col))
FROM expected_columns
WHERE col IN ('id', 'is_active', 'is_read', 'created_at', 'updated_at', 'status', 'scopes', 'upload_status')
  AND NOT (tab, col) IN (('subscriptions', 'id'))
ORDER BY tab, col;

-- Foreign keys: table, columns, target, what a deletion of the target does.
SELECT is(
  (SELECT CASE c.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' ELSE c.confdeltype::text END
   FROM pg_constraint AS c
   WHERE c.contype = 'f' AND c.conrelid = format('anzx.%I', tab)::regclass
     AND c.confrelid = format('anzx.%I', target)::regclass
     AND cols = (SELECT string_agg(a.attname, ', ' ORDER BY k.place)
       FROM unnest(c.conkey) WITH ORDINALITY AS k (num, place)
       JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.num)),
  on_delete, format('%s (%s) refers to %s', tab, cols, target))
FROM (VALUES
  ('assistants', 'organization_id', 'organizations', 'CASCADE'),
  ('audit_logs', 'organization_id', 'organizations', 'SET NULL'),
  ('audit_logs', 'organization_id, user_id', 'users', 'SET NULL'),
  ('conversations', 'organization_id', 'organizations', 'CASCADE'),
  ('conversations', 'organization_id, assistant_id', 'assistants', 'CASCADE'),
  ('conversations', 'organization_id, user_id', 'users', 'SET NULL'),
  ('documents', 'organization_id, knowledge_source_id', 'knowledge_sources', 'CASCADE'),
  ('knowledge_sources', 'organization_id', 'organizations', 'CASCADE'),
  ('messages', 'organization_id, conversation_id', 'conversations', 'CASCADE'),
  ('subscriptions', 'organization_id', 'organizations', 'CASCADE'),
  ('users', 'organization_id', 'organizations', 'CASCADE')
) AS expected (tab, cols, target, on_delete);
SELECT ok(
  EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = c.conrelid
    AND (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey
    OR i.indrelid = c.conrelid AND (i.indkey::int2[])[0] = ANY (c.conkey)),
  format('%s: an index serves %s', c.conrelid::regclass, c.conname))
FROM pg_constraint AS c JOIN pg_class AS r ON r.oid = c.conrelid
WHERE c.contype = 'f' AND r.relnamespace = 'anzx'::regnamespace AND NOT r.relispartition
ORDER BY 1;

-- Indexes, and those that only an extension makes possible.
SELECT has_index('anzx', tab, name, format('index %s', name))
FROM (VALUES
  ('assistants', 'assistants_organization_id_id_key'),
  ('assistants', 'assistants_pkey'),
  ('assistants', 'idx_assistants_active'),
  ('assistants', 'idx_assistants_deployment_status'),
  ('assistants', 'idx_assistants_organization_type'),
  ('audit_logs', 'audit_logs_pkey'),
  ('audit_logs', 'idx_audit_logs_created_at'),
  ('audit_logs', 'idx_audit_logs_event_type'),
  ('audit_logs', 'idx_audit_logs_organization'),
  ('audit_logs', 'idx_audit_logs_outcome'),
  ('audit_logs', 'idx_audit_logs_risk_level'),
  ('audit_logs', 'idx_audit_logs_user'),
  ('conversations', 'conversations_organization_id_id_key'),
  ('conversations', 'conversations_pkey'),
  ('conversations', 'idx_conversations_assistant'),
  ('conversations', 'idx_conversations_channel'),
  ('conversations', 'idx_conversations_closed'),
  ('conversations', 'idx_conversations_created_at'),
  ('conversations', 'idx_conversations_org_status_created'),
  ('conversations', 'idx_conversations_user'),
  ('documents', 'documents_knowledge_source_id_chunk_index_key'),
  ('documents', 'documents_pkey'),
  ('documents', 'idx_documents_content_hash'),
  ('documents', 'idx_documents_organization'),
  ('knowledge_sources', 'idx_knowledge_sources_status'),
  ('knowledge_sources', 'idx_knowledge_sources_type'),
  ('knowledge_sources', 'knowledge_sources_organization_id_id_key'),
  ('knowledge_sources', 'knowledge_sources_pkey'),
  ('messages', 'idx_messages_conversation_created'),
  ('messages', 'idx_messages_created_at'),
  ('messages', 'idx_messages_model'),
  ('messages', 'idx_messages_organization_created'),
  ('messages', 'messages_pkey'),
  ('organizations', 'idx_organizations_region'),
  ('organizations', 'idx_organizations_stripe_customer'),
  ('organizations', 'idx_organizations_subscription_status'),
  ('organizations', 'organizations_pkey'),
  ('subscriptions', 'idx_subscriptions_status'),
  ('subscriptions', 'idx_subscriptions_stripe_customer'),
  ('subscriptions', 'idx_subscriptions_stripe_subscription'),
  ('subscriptions', 'subscriptions_pkey'),
  ('users', 'idx_users_email_active'),
  ('users', 'idx_users_organization_role'),
  ('users', 'users_email_key'),
  ('users', 'users_firebase_uid_key'),
  ('users', 'users_organization_id_id_key'),
  ('users', 'users_pkey')
) AS expected (tab, name);
SELECT is(
  EXISTS (SELECT FROM pg_class WHERE relname = 'idx_documents_content_trgm'),
  current_setting('daybreak.test_server') = 'full', 'index idx_documents_content_trgm where its extension is there');
SELECT is(
  EXISTS (SELECT FROM pg_class WHERE relname = 'idx_documents_embedding_cosine'),
  current_setting('daybreak.test_server') = 'full', 'index idx_documents_embedding_cosine where its extension is there');
SELECT is_empty(
  $$SELECT a.indexrelid::regclass, b.indexrelid::regclass FROM pg_index AS a JOIN pg_index AS b
      ON a.indrelid = b.indrelid AND a.indexrelid < b.indexrelid AND a.indkey::text = b.indkey::text
      AND a.indclass::text = b.indclass::text AND a.indoption::text = b.indoption::text
      AND coalesce(pg_get_expr(a.indpred, a.indrelid), '') = coalesce(pg_get_expr(b.indpred, b.indrelid), '')
      AND coalesce(pg_get_expr(a.indexprs, a.indrelid), '') = coalesce(pg_get_expr(b.indexprs, b.indrelid), '')
    JOIN pg_class AS c ON c.oid = a.indrelid WHERE c.relnamespace = 'anzx'::regnamespace$$,
  'no index is there twice');

-- Triggers.
SELECT has_trigger('anzx', tab, name, format('%s on %s', name, tab))
FROM (VALUES
  ('assistants', 'touch_updated_at'), ('conversations', 'stamp_closing'),
  ('conversations', 'touch_updated_at'), ('documents', 'fill_organization'),
  ('knowledge_sources', 'touch_updated_at'), ('messages', 'fill_organization'),
  ('organizations', 'touch_updated_at'), ('subscriptions', 'touch_updated_at'),
  ('users', 'audit_consent'), ('users', 'stamp_consent'), ('users', 'touch_updated_at')
) AS expected (tab, name);

-- Functions: name, arguments, whose rights, volatility, and who but the owner may call them.
CREATE TEMPORARY TABLE expected_functions (
  name text, arguments text, rights text, volatility text, callers text);
INSERT INTO expected_functions VALUES
  ('allow_expiry', 'regclass, text', 'invoker', 'volatile', ''),
  ('audit_consent', '', 'invoker', 'volatile', ''),
  ('cleanup_old_data', 'integer', 'invoker', 'volatile', ''),
  ('cosine_distance', 'real[], real[]', 'invoker', 'immutable', 'daybreak_reader, daybreak_service'),
  ('current_organization_id', '', 'invoker', 'stable', 'daybreak_reader, daybreak_service'),
  ('current_user_id', '', 'invoker', 'stable', 'daybreak_reader, daybreak_service'),
  ('erase_user_data', 'uuid, boolean', 'definer', 'volatile', 'daybreak_service'),
  ('erased_user_id', '', 'invoker', 'stable', ''),
  ('export_user_data', 'uuid', 'invoker', 'stable', 'daybreak_service'),
  ('extension_schema', 'name', 'invoker', 'stable', ''),
  ('fill_organization', '', 'invoker', 'volatile', ''),
  ('hybrid_search', 'uuid, text, real[], integer, double precision, double precision, text', 'invoker', 'stable', 'daybreak_reader, daybreak_service'),
  ('isolate_organizations', 'regclass, name', 'invoker', 'volatile', ''),
  ('organization_named', 'text', 'definer', 'stable', 'daybreak_service'),
  ('protect_table', 'regclass', 'invoker', 'volatile', ''),
  ('retention_cutoff', '', 'invoker', 'stable', ''),
  ('similarity_search', 'uuid, real[], integer, double precision, uuid[], text', 'invoker', 'stable', 'daybreak_reader, daybreak_service'),
  ('stamp_closing', '', 'invoker', 'volatile', ''),
  ('stamp_consent', '', 'invoker', 'volatile', ''),
  ('text_similarity', 'text, text', 'invoker', 'immutable', 'daybreak_reader, daybreak_service'),
  ('touch_updated_at', '', 'invoker', 'volatile', ''),
  ('trigram_similarity', 'text, text', 'invoker', 'immutable', 'daybreak_reader, daybreak_service'),
  ('user_signed_in', 'text', 'definer', 'stable', 'daybreak_service');
SELECT is(
  (SELECT format('%s %s called by %s', CASE WHEN p.prosecdef THEN 'definer' ELSE 'invoker' END,
     CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END,
     coalesce((SELECT string_agg(DISTINCT a.grantee::regrole::text, ', ') FROM aclexplode(p.proacl) AS a
       WHERE a.grantee <> p.proowner), ''))
   FROM pg_proc AS p WHERE p.pronamespace = 'anzx'::regnamespace AND p.proname = name
     AND array_to_string(ARRAY(SELECT format_type(t.type, NULL)
       FROM unnest(p.proargtypes) WITH ORDINALITY AS t (type, place) ORDER BY t.place), ', ') = arguments),
  format('%s %s called by %s', rights, volatility, callers), format('function %s(%s)', name, arguments))
FROM expected_functions;
SELECT is(
  (SELECT count(*) FROM pg_proc WHERE pronamespace = 'anzx'::regnamespace),
  (SELECT count(*) FROM expected_functions), 'there is no other function');
-- aclexplode of NULL is nothing: a function whose rights were never touched is PUBLIC's.
SELECT is_empty(
  $$SELECT p.oid::regprocedure FROM pg_proc AS p WHERE p.pronamespace = 'anzx'::regnamespace
    AND (p.proacl IS NULL OR EXISTS (SELECT FROM aclexplode(p.proacl) AS a WHERE a.grantee = 0))$$,
  'PUBLIC may call no function');
SELECT is_empty(
  $$SELECT p.oid::regprocedure FROM pg_proc AS p WHERE p.pronamespace = 'anzx'::regnamespace
    AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (p.proconfig), false)$$,
  'every function has a fixed search_path');
SELECT is_empty(
  $$SELECT p.oid::regprocedure FROM pg_proc AS p WHERE p.pronamespace = 'anzx'::regnamespace
    AND p.proowner <> 'daybreak_owner'::regrole$$, 'every function is the owner''s');

-- Row-level security: enabled and forced on every table, whose policies are these.
SELECT ok(c.relrowsecurity AND c.relforcerowsecurity, format('%s: row-level security is forced', c.relname))
FROM pg_class AS c
WHERE c.relnamespace = 'anzx'::regnamespace AND c.relkind IN ('r', 'p')
  AND c.relname !~ '^schema_migrations'
ORDER BY c.relname;
SELECT policies_are('anzx', 'organizations', ARRAY[
  'organization_isolation', 'owner_reads'
], 'policies of organizations');
SELECT policies_are('anzx', 'subscriptions', ARRAY[
  'organization_isolation'
], 'policies of subscriptions');
SELECT policies_are('anzx', 'users', ARRAY[
  'erasure', 'organization_isolation', 'owner_reads'
], 'policies of users');
SELECT policies_are('anzx', 'audit_logs', ARRAY[
  'erasure', 'expiry_deletes', 'expiry_sees', 'organization_inserts', 'organization_reads'
], 'policies of audit_logs');
SELECT policies_are('anzx', 'assistants', ARRAY[
  'organization_isolation'
], 'policies of assistants');
SELECT policies_are('anzx', 'knowledge_sources', ARRAY[
  'organization_isolation'
], 'policies of knowledge_sources');
SELECT policies_are('anzx', 'documents', ARRAY[
  'organization_isolation'
], 'policies of documents');
SELECT policies_are('anzx', 'conversations', ARRAY[
  'erasure', 'expiry_deletes', 'expiry_sees', 'organization_isolation'
], 'policies of conversations');
SELECT policies_are('anzx', 'messages', ARRAY[
  'erasure', 'expiry_deletes', 'expiry_sees', 'organization_isolation'
], 'policies of messages');
SELECT is(
  (SELECT format('%s to %s', p.cmd, array_to_string(ARRAY(SELECT r FROM unnest(p.roles) AS r ORDER BY r), ', '))
   FROM pg_policies AS p
   WHERE p.schemaname = 'anzx' AND p.tablename = tab AND p.policyname = name),
  format('%s to %s', command, roles), format('%s.%s', tab, name))
FROM (VALUES
  ('assistants', 'organization_isolation', 'ALL', 'daybreak_reader, daybreak_service'),
  ('audit_logs', 'erasure', 'ALL', 'daybreak_owner'),
  ('audit_logs', 'expiry_deletes', 'DELETE', 'daybreak_owner'),
  ('audit_logs', 'expiry_sees', 'SELECT', 'daybreak_owner'),
  ('audit_logs', 'organization_inserts', 'INSERT', 'daybreak_service'),
  ('audit_logs', 'organization_reads', 'SELECT', 'daybreak_reader, daybreak_service'),
  ('conversations', 'erasure', 'ALL', 'daybreak_owner'),
  ('conversations', 'expiry_deletes', 'DELETE', 'daybreak_owner'),
  ('conversations', 'expiry_sees', 'SELECT', 'daybreak_owner'),
  ('conversations', 'organization_isolation', 'ALL', 'daybreak_reader, daybreak_service'),
  ('documents', 'organization_isolation', 'ALL', 'daybreak_reader, daybreak_service'),
  ('knowledge_sources', 'organization_isolation', 'ALL', 'daybreak_reader, daybreak_service'),
  ('messages', 'erasure', 'ALL', 'daybreak_owner'),
  ('messages', 'expiry_deletes', 'DELETE', 'daybreak_owner'),
  ('messages', 'expiry_sees', 'SELECT', 'daybreak_owner'),
  ('messages', 'organization_isolation', 'ALL', 'daybreak_reader, daybreak_service'),
  ('organizations', 'organization_isolation', 'ALL', 'daybreak_reader, daybreak_service'),
  ('organizations', 'owner_reads', 'SELECT', 'daybreak_owner'),
  ('subscriptions', 'organization_isolation', 'ALL', 'daybreak_reader, daybreak_service'),
  ('users', 'erasure', 'DELETE', 'daybreak_owner'),
  ('users', 'organization_isolation', 'ALL', 'daybreak_reader, daybreak_service'),
  ('users', 'owner_reads', 'SELECT', 'daybreak_owner')
) AS expected (tab, name, command, roles);
SELECT is_empty(
  $$SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'anzx'
    AND coalesce(qual, '') || coalesce(with_check, '') ~ 'current_setting'$$,
  'policies ask stable functions, never the setting itself');

-- Rights on tables: nothing for PUBLIC, and the owner owns all but what the migrator keeps.
SELECT is_empty(
  $$SELECT c.oid::regclass FROM pg_class AS c, aclexplode(c.relacl) AS a
    WHERE c.relnamespace = 'anzx'::regnamespace AND a.grantee = 0$$, 'PUBLIC has no right on any relation');
SELECT is_empty(
  $$SELECT c.oid::regclass FROM pg_class AS c WHERE c.relnamespace = 'anzx'::regnamespace
    AND c.relkind IN ('r', 'p', 'v', 'm') AND c.relname !~ '^schema_migrations'
    AND c.relowner <> 'daybreak_owner'::regrole$$, 'every relation is the owner''s');
SELECT is_empty(
  $$SELECT c.oid::regclass FROM pg_class AS c WHERE c.relnamespace = 'anzx'::regnamespace
    AND c.relkind = 'v' AND NOT coalesce(c.reloptions::text ~ 'security_invoker=true|security_barrier=true', false)$$,
  'views run with the rights of who asks, or are a barrier');
SELECT schema_privs_are('anzx', 'daybreak_service', ARRAY['USAGE'], 'the service uses the schema');
SELECT schema_privs_are('anzx', 'daybreak_reader', ARRAY['USAGE'], 'readers use the schema');
SELECT ok(NOT rolsuper AND NOT rolbypassrls AND NOT rolcanlogin, format('%s has no power of its own', rolname))
FROM pg_roles WHERE rolname IN ('daybreak_owner', 'daybreak_service', 'daybreak_reader');

SELECT * FROM finish();
ROLLBACK;
