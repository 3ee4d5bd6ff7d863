-- What netra's schema consists of: tables, columns, keys, indexes, functions, policies, rights.
BEGIN;
SELECT no_plan();

SELECT tables_are('netra', ARRAY[
  'api_keys', 'audit_logs', 'messages', 'references', 'runs', 'schema_migrations',
  'supply_catalog', 'threads', 'users'
], 'tables');
SELECT has_pk('netra', t, t || ' has a primary key')
FROM unnest(ARRAY[
  'users', 'api_keys', 'threads', 'messages', 'runs', 'references', 'supply_catalog', 'audit_logs'
]) AS t;

-- Columns: table, name, type, whether NULL is refused, the default. An embedding is an array without pgvector.
CREATE TEMPORARY TABLE expected_columns (
  tab text, col text, type text, required boolean, default_value text);
INSERT INTO expected_columns VALUES
  ('users', 'id', 'integer', true, 'identity'),
  ('users', 'email', 'character varying(255)', true, NULL),
  ('users', 'name', 'character varying(255)', false, NULL),
  ('users', 'password_hash', 'character varying(255)', false, NULL),
  ('users', 'oauth_provider', 'character varying(50)', false, NULL),
  ('users', 'oauth_id', 'character varying(255)', false, NULL),
  ('users', 'picture', 'text', false, NULL),
  ('users', 'is_active', 'boolean', true, 'true'),
  ('users', 'is_superuser', 'boolean', true, 'false'),
  ('users', 'created_at', 'timestamp with time zone', true, 'CURRENT_TIMESTAMP'),
  ('users', 'updated_at', 'timestamp with time zone', true, 'CURRENT_TIMESTAMP'),
  ('users', 'last_login_at', 'timestamp with time zone', false, NULL),
  ('users', 'metadata', 'jsonb', true, '''{}''::jsonb'),
  ('api_keys', 'id', 'uuid', true, 'gen_random_uuid()'),
  ('api_keys', 'user_id', 'integer', true, NULL),
  ('api_keys', 'name', 'character varying(255)', true, NULL),
  ('api_keys', 'key_hash', 'character varying(255)', true, NULL),
  ('api_keys', 'last_used_at', 'timestamp with time zone', false, NULL),
  ('api_keys', 'expires_at', 'timestamp with time zone', false, NULL),
  ('api_keys', 'is_active', 'boolean', true, 'true'),
  ('api_keys', 'created_at', 'timestamp with time zone', true, 'CURRENT_TIMESTAMP'),
  ('api_keys', 'updated_at', 'timestamp with time zone', true, 'CURRENT_TIMESTAMP'),
  ('api_keys', 'metadata', 'jsonb', true, '''{}''::jsonb'),
  ('threads', 'id', 'uuid', true, 'gen_random_uuid()'),
  ('threads', 'user_id', 'integer', true, NULL),
  ('threads', 'title', 'character varying(255)', false, NULL),
  ('threads', 'status', 'character varying(50)', true, '''active''::character varying'),
  ('threads', 'created_at', 'timestamp with time zone', true, 'CURRENT_TIMESTAMP'),
  ('threads', 'updated_at', 'timestamp with time zone', true, 'CURRENT_TIMESTAMP'),
  ('threads', 'metadata', 'jsonb', true, '''{}''::jsonb'),
  ('messages', 'id', 'uuid', true, 'gen_random_uuid()'),
  ('messages', 'thread_id', 'uuid', true, NULL),
  ('messages', 'role', 'character varying(50)', true, NULL),
  ('messages', 'content', 'text', true, NULL),
  ('messages', 'tokens_used', 'integer', false, NULL),
  ('messages', 'model', 'character varying(100)', false, NULL),
  ('messages', 'created_at', 'timestamp with time zone', true, 'CURRENT_TIMESTAMP'),
  ('messages', 'updated_at', 'timestamp with time zone', true, 'CURRENT_TIMESTAMP'),
  ('messages', 'metadata', 'jsonb', true, '''{}''::jsonb'),
  ('runs', 'id', 'uuid', true, 'gen_random_uuid()'),
  ('runs', 'thread_id', 'uuid', false, NULL),
  ('runs', 'user_id', 'integer', true, NULL),
  ('runs', 'status', 'character varying(50)', true, '''pending''::character varying'),
  ('runs', 'agent_type', 'character varying(100)', false, NULL),
  ('runs', 'input_data', 'jsonb', true, NULL),
  ('runs', 'output_data', 'jsonb', false, NULL),
  ('runs', 'error_message', 'text', false, NULL),
  ('runs', 'started_at', 'timestamp with time zone', false, NULL),
  ('runs', 'completed_at', 'timestamp with time zone', false, NULL),
  ('runs', 'created_at', 'timestamp with time zone', true, 'CURRENT_TIMESTAMP'),
  ('runs', 'updated_at', 'timestamp with time zone', true, 'CURRENT_TIMESTAMP'),
  ('runs', 'metadata', 'jsonb', true, '''{}''::jsonb'),
  ('references', 'id', 'uuid', true, 'gen_random_uuid()'),
  ('references', 'user_id', 'integer', true, NULL),
  ('references', 'name', 'character varying(255)', true, NULL),
  ('references', 'type', 'character varying(100)', true, NULL),
  ('references', 'content', 'text', false, NULL),
  ('references', 'file_path', 'text', false, NULL),
  ('references', 'file_size', 'bigint', false, NULL),
  ('references', 'mime_type', 'character varying(255)', false, NULL),
  ('references', 'embedding',
    CASE current_setting('daybreak.test_server') WHEN 'full' THEN 'vector(1536)' ELSE 'real[]' END, false, NULL),
  ('references', 'created_at', 'timestamp with time zone', true, 'CURRENT_TIMESTAMP'),
  ('references', 'updated_at', 'timestamp with time zone', true, 'CURRENT_TIMESTAMP'),
  ('references', 'metadata', 'jsonb', true, '''{}''::jsonb'),
  ('supply_catalog', 'id', 'uuid', true, 'gen_random_uuid()'),
  ('supply_catalog', 'user_id', 'integer', false, NULL),
  ('supply_catalog', 'name', 'character varying(255)', true, NULL),
  ('supply_catalog', 'category', 'character varying(100)', true, NULL),
  ('supply_catalog', 'provider', 'character varying(100)', false, NULL),
  ('supply_catalog', 'specifications', 'jsonb', true, NULL),
  ('supply_catalog', 'pricing', 'jsonb', false, NULL),
  ('supply_catalog', 'availability', 'jsonb', false, NULL),
  ('supply_catalog', 'performance_metrics', 'jsonb', false, NULL),
  ('supply_catalog', 'is_active', 'boolean', true, 'true'),
  ('supply_catalog', 'created_at', 'timestamp with time zone', true, 'CURRENT_TIMESTAMP'),
  ('supply_catalog', 'updated_at', 'timestamp with time zone', true, 'CURRENT_TIMESTAMP'),
  ('supply_catalog', 'metadata', 'jsonb', true, '''{}''::jsonb'),
  ('audit_logs', 'id', 'bigint', true, 'identity'),
  ('audit_logs', 'user_id', 'integer', false, NULL),
  ('audit_logs', 'action', 'character varying(100)', true, NULL),
  ('audit_logs', 'resource_type', 'character varying(100)', false, NULL),
  ('audit_logs', 'resource_id', 'character varying(255)', false, NULL),
  ('audit_logs', 'ip_address', 'inet', false, NULL),
  ('audit_logs', 'user_agent', 'text', false, NULL),
  ('audit_logs', 'request_id', 'character varying(255)', false, NULL),
  ('audit_logs', 'response_status', 'integer', false, NULL),
  ('audit_logs', 'created_at', 'timestamp with time zone', true, 'CURRENT_TIMESTAMP'),
  ('audit_logs', 'metadata', 'jsonb', true, '''{}''::jsonb');
SELECT is(
  (SELECT replace(format_type(a.atttypid, a.atttypmod), 'public.', '') || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
   FROM pg_attribute AS a WHERE a.attrelid = format('netra.%I', tab)::regclass AND a.attname = col),
  type || CASE WHEN required THEN ' NOT NULL' ELSE '' END, format('column %s.%s', tab, col))
FROM expected_columns;
SELECT is(
  (SELECT CASE WHEN a.attidentity <> '' THEN 'identity' ELSE pg_get_expr(d.adbin, d.adrelid) END
   FROM pg_attribute AS a LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
   WHERE a.attrelid = format('netra.%I', tab)::regclass AND a.attname = col),
  default_value, format('default of %s.%s', tab, col))
FROM expected_columns WHERE default_value IS NOT NULL;
SELECT is(
  (SELECT count(*) FROM pg_attribute AS a
   WHERE a.attrelid = format('netra.%I', tab)::regclass AND a.attnum > 0 AND NOT a.attisdropped),
  count(*), tab || ' has no other column')
FROM expected_columns GROUP BY tab ORDER BY tab;

-- Foreign keys: table, columns, target, what a deletion of the target does.
SELECT is(
  (SELECT CASE c.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' ELSE c.confdeltype::text END
   FROM pg_constraint AS c
   WHERE c.contype = 'f' AND c.conrelid = format('netra.%I', tab)::regclass
     AND c.confrelid = format('netra.%I', target)::regclass
     AND cols = (SELECT string_agg(a.attname, ', ' ORDER BY k.place)
       FROM unnest(c.conkey) WITH ORDINALITY AS k (num, place)
       JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.num)),
  on_delete, format('%s (%s) refers to %s', tab, cols, target))
FROM (VALUES
  ('api_keys', 'user_id', 'users', 'CASCADE'),
  ('audit_logs', 'user_id', 'users', 'SET NULL'),
  ('messages', 'thread_id', 'threads', 'CASCADE'),
  ('references', 'user_id', 'users', 'CASCADE'),
  ('runs', 'thread_id', 'threads', 'SET NULL'),
  ('runs', 'user_id', 'users', 'CASCADE'),
  ('supply_catalog', 'user_id', 'users', 'SET NULL'),
  ('threads', 'user_id', 'users', 'CASCADE')
) AS expected (tab, cols, target, on_delete);
SELECT ok(
  EXISTS (SELECT FROM pg_index AS i
    WHERE i.indrelid = c.conrelid AND (i.indkey::int2[])[0] = ANY (c.conkey)),
  format('%s: an index serves %s', c.conrelid::regclass, c.conname))
FROM pg_constraint AS c JOIN pg_class AS r ON r.oid = c.conrelid
WHERE c.contype = 'f' AND r.relnamespace = 'netra'::regnamespace
ORDER BY c.conrelid::regclass::text, c.conname;

-- Checks.
SELECT ok(
  EXISTS (SELECT FROM pg_constraint AS c
    WHERE c.contype = 'c' AND c.conrelid = format('netra.%I', tab)::regclass AND c.conname = name),
  format('check %s on %s', name, tab))
FROM (VALUES
  ('api_keys', 'api_keys_key_hash_check'),
  ('api_keys', 'api_keys_name_check'),
  ('audit_logs', 'audit_logs_action_check'),
  ('messages', 'check_role'),
  ('messages', 'messages_tokens_used_check'),
  ('references', 'check_type'),
  ('references', 'references_file_size_check'),
  ('runs', 'check_status'),
  ('threads', 'check_status'),
  ('users', 'users_email_check'),
  ('users', 'users_password_hash_check')
) AS expected (tab, name);
SELECT is(
  EXISTS (SELECT FROM pg_constraint WHERE conname = 'check_embedding'),
  current_setting('daybreak.test_server') <> 'full', 'an array of an embedding has its length checked');

-- Indexes: on what, how.
SELECT is(
  (SELECT replace(substring(pg_get_indexdef(c.oid) FROM 'USING .*$'), 'public.', '')
     || CASE WHEN i.indisunique THEN ' UNIQUE' ELSE '' END
   FROM pg_class AS c JOIN pg_index AS i ON i.indexrelid = c.oid
   WHERE c.relnamespace = 'netra'::regnamespace AND c.relname = name
     AND i.indrelid = format('netra.%I', tab)::regclass),
  definition, format('index %s', name))
FROM (VALUES
  ('api_keys', 'api_keys_key_hash_key',
    'USING btree (key_hash) UNIQUE'),
  ('api_keys', 'api_keys_pkey',
    'USING btree (id) UNIQUE'),
  ('api_keys', 'idx_api_keys_is_active',
    'USING btree (is_active)'),
  ('api_keys', 'idx_api_keys_metadata',
    'USING gin (metadata jsonb_path_ops)'),
  ('api_keys', 'idx_api_keys_user_id',
    'USING btree (user_id)'),
  ('audit_logs', 'audit_logs_pkey',
    'USING btree (id) UNIQUE'),
  ('audit_logs', 'idx_audit_logs_action',
    'USING btree (action)'),
  ('audit_logs', 'idx_audit_logs_created_at',
    'USING btree (created_at)'),
  ('audit_logs', 'idx_audit_logs_metadata',
    'USING gin (metadata jsonb_path_ops)'),
  ('audit_logs', 'idx_audit_logs_resource',
    'USING btree (resource_type, resource_id)'),
  ('audit_logs', 'idx_audit_logs_user_id',
    'USING btree (user_id)'),
  ('messages', 'idx_messages_created_at',
    'USING btree (created_at)'),
  ('messages', 'idx_messages_metadata',
    'USING gin (metadata jsonb_path_ops)'),
  ('messages', 'idx_messages_role',
    'USING btree (role)'),
  ('messages', 'idx_messages_thread_id',
    'USING btree (thread_id)'),
  ('messages', 'messages_pkey',
    'USING btree (id) UNIQUE'),
  ('references', 'idx_references_created_at',
    'USING btree (created_at)'),
  ('references', 'idx_references_metadata',
    'USING gin (metadata jsonb_path_ops)'),
  ('references', 'idx_references_type',
    'USING btree (type)'),
  ('references', 'idx_references_user_id',
    'USING btree (user_id)'),
  ('references', 'references_pkey',
    'USING btree (id) UNIQUE'),
  ('runs', 'idx_runs_agent_type',
    'USING btree (agent_type)'),
  ('runs', 'idx_runs_created_at',
    'USING btree (created_at)'),
  ('runs', 'idx_runs_metadata',
    'USING gin (metadata jsonb_path_ops)'),
  ('runs', 'idx_runs_status',
    'USING btree (status)'),
  ('runs', 'idx_runs_thread_id',
    'USING btree (thread_id)'),
  ('runs', 'idx_runs_user_id',
    'USING btree (user_id)'),
  ('runs', 'runs_pkey',
    'USING btree (id) UNIQUE'),
  ('supply_catalog', 'idx_supply_catalog_category',
    'USING btree (category)'),
  ('supply_catalog', 'idx_supply_catalog_is_active',
    'USING btree (is_active)'),
  ('supply_catalog', 'idx_supply_catalog_metadata',
    'USING gin (metadata jsonb_path_ops)'),
  ('supply_catalog', 'idx_supply_catalog_performance',
    'USING gin (performance_metrics)'),
  ('supply_catalog', 'idx_supply_catalog_provider',
    'USING btree (provider)'),
  ('supply_catalog', 'idx_supply_catalog_specifications',
    'USING gin (specifications jsonb_path_ops)'),
  ('supply_catalog', 'idx_supply_catalog_user_id',
    'USING btree (user_id)'),
  ('supply_catalog', 'supply_catalog_pkey',
    'USING btree (id) UNIQUE'),
  ('threads', 'idx_threads_created_at',
    'USING btree (created_at)'),
  ('threads', 'idx_threads_metadata',
    'USING gin (metadata jsonb_path_ops)'),
  ('threads', 'idx_threads_status',
    'USING btree (status)'),
  ('threads', 'idx_threads_user_id',
    'USING btree (user_id)'),
  ('threads', 'threads_pkey',
    'USING btree (id) UNIQUE'),
  ('users', 'idx_users_created_at',
    'USING btree (created_at)'),
  ('users', 'idx_users_metadata',
    'USING gin (metadata jsonb_path_ops)'),
  ('users', 'idx_users_oauth',
    'USING btree (oauth_provider, oauth_id)'),
  ('users', 'users_email_key',
    'USING btree (email) UNIQUE'),
  ('users', 'users_pkey',
    'USING btree (id) UNIQUE'),
  ('run_daily', 'run_daily_key',
    'USING btree (day, user_id, agent_type) UNIQUE'),
  ('run_daily', 'run_daily_user_idx',
    'USING btree (user_id, day)'),
  ('token_daily', 'token_daily_key',
    'USING btree (day, user_id, model) UNIQUE'),
  ('token_daily', 'token_daily_user_idx',
    'USING btree (user_id, day)')
) AS expected (tab, name, definition);
SELECT is(
  (SELECT substring(pg_get_indexdef(c.oid) FROM 'USING [a-z]+') FROM pg_class AS c
   WHERE c.relname = 'idx_references_embedding'),
  CASE current_setting('daybreak.test_server') WHEN 'full' THEN 'USING hnsw' END,
  'index idx_references_embedding where its extension is there');
SELECT is_empty(
  $$SELECT a.indexrelid::regclass, b.indexrelid::regclass FROM pg_index AS a JOIN pg_index AS b
      ON a.indrelid = b.indrelid AND a.indexrelid < b.indexrelid AND a.indkey::text = b.indkey::text
      AND a.indclass::text = b.indclass::text AND a.indoption::text = b.indoption::text
      AND coalesce(pg_get_expr(a.indpred, a.indrelid), '') = coalesce(pg_get_expr(b.indpred, b.indrelid), '')
      AND coalesce(pg_get_expr(a.indexprs, a.indrelid), '') = coalesce(pg_get_expr(b.indexprs, b.indrelid), '')
    JOIN pg_class AS c ON c.oid = a.indrelid WHERE c.relnamespace = 'netra'::regnamespace$$,
  'no index is there twice');

-- Triggers.
SELECT has_trigger('netra', tab, name, format('%s on %s', name, tab))
FROM (VALUES
  ('api_keys', 'update_api_keys_updated_at'),
  ('messages', 'update_messages_updated_at'),
  ('references', 'update_references_updated_at'),
  ('runs', 'update_runs_updated_at'),
  ('supply_catalog', 'retire_orphaned_supply'),
  ('supply_catalog', 'update_supply_catalog_updated_at'),
  ('threads', 'update_threads_updated_at'),
  ('users', 'guard_user_flags'),
  ('users', 'update_users_updated_at')
) AS expected (tab, name);

-- Functions: name, arguments, whose rights, volatility, and who but the owner may call them.
CREATE TEMPORARY TABLE expected_functions (
  name text, arguments text, rights text, volatility text, callers text);
INSERT INTO expected_functions VALUES
  ('compute_run_daily', '', 'invoker', 'stable', ''), ('compute_token_daily', '', 'invoker', 'stable', ''),
  ('acts_as_system', '', 'invoker', 'stable',
    'daybreak_reader, daybreak_service'),
  ('allow_own_rows', 'regclass, text', 'invoker', 'volatile',
    ''),
  ('api_key_candidates', 'text', 'definer', 'stable',
    'daybreak_service'),
  ('cosine_similarity', 'real[], real[]', 'invoker', 'immutable',
    'daybreak_reader, daybreak_service'),
  ('current_user_id', '', 'invoker', 'stable',
    'daybreak_reader, daybreak_service'),
  ('guard_user_flags', '', 'invoker', 'volatile',
    ''),
  ('is_superuser', '', 'definer', 'stable',
    'daybreak_reader, daybreak_service'),
  ('protect_table', 'regclass', 'invoker', 'volatile',
    ''),
  ('refresh_run_daily', '', 'definer', 'volatile',
    'daybreak_service'),
  ('refresh_token_daily', '', 'definer', 'volatile',
    'daybreak_service'),
  ('report_activity', 'timestamp with time zone, timestamp with time zone', 'definer', 'stable',
    'daybreak_reader, daybreak_service'),
  ('report_audit', 'timestamp with time zone, timestamp with time zone', 'definer', 'stable',
    'daybreak_reader, daybreak_service'),
  ('report_failures', 'timestamp with time zone, timestamp with time zone', 'definer', 'stable',
    'daybreak_reader, daybreak_service'),
  ('report_run_hours', 'timestamp with time zone, timestamp with time zone', 'definer', 'stable',
    'daybreak_reader, daybreak_service'),
  ('report_runs', 'timestamp with time zone, timestamp with time zone', 'definer', 'stable',
    'daybreak_reader, daybreak_service'),
  ('report_supply', '', 'definer', 'stable',
    'daybreak_reader, daybreak_service'),
  ('report_tokens', 'timestamp with time zone, timestamp with time zone', 'definer', 'stable',
    'daybreak_reader, daybreak_service'),
  ('retention_cutoff', '', 'invoker', 'stable',
    ''),
  ('retire_orphaned_supply', '', 'invoker', 'volatile',
    ''),
  ('search_references', 'real[], integer', 'invoker', 'stable',
    'daybreak_reader, daybreak_service'),
  ('update_updated_at_column', '', 'invoker', 'volatile',
    ''),
  ('user_for_api_key', 'text', 'definer', 'stable',
    'daybreak_service'),
  ('user_for_sign_in', 'text', 'definer', 'stable',
    'daybreak_service'),
  ('user_named', 'text', 'definer', 'stable',
    'daybreak_service');
SELECT is(
  (SELECT format('%s %s called by %s', CASE WHEN p.prosecdef THEN 'definer' ELSE 'invoker' END,
     CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END,
     coalesce((SELECT string_agg(DISTINCT a.grantee::regrole::text, ', ') FROM aclexplode(p.proacl) AS a
       WHERE a.grantee <> p.proowner), ''))
   FROM pg_proc AS p WHERE p.pronamespace = 'netra'::regnamespace AND p.proname = name
     AND array_to_string(ARRAY(SELECT format_type(t.type, NULL)
       FROM unnest(p.proargtypes) WITH ORDINALITY AS t (type, place) ORDER BY t.place), ', ') = arguments),
  format('%s %s called by %s', rights, volatility, callers), format('function %s(%s)', name, arguments))
FROM expected_functions;
SELECT is(
  (SELECT count(*) FROM pg_proc WHERE pronamespace = 'netra'::regnamespace),
  (SELECT count(*) FROM expected_functions), 'there is no other function');
-- aclexplode of NULL is nothing: a function whose rights were never touched is PUBLIC's.
SELECT is_empty(
  $$SELECT p.oid::regprocedure FROM pg_proc AS p WHERE p.pronamespace = 'netra'::regnamespace
    AND (p.proacl IS NULL OR EXISTS (SELECT FROM aclexplode(p.proacl) AS a WHERE a.grantee = 0))$$,
  'PUBLIC may call no function');
SELECT is_empty(
  $$SELECT p.oid::regprocedure FROM pg_proc AS p WHERE p.pronamespace = 'netra'::regnamespace
    AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (p.proconfig), false)$$,
  'every function has a fixed search_path');
SELECT is_empty(
  $$SELECT p.oid::regprocedure FROM pg_proc AS p WHERE p.pronamespace = 'netra'::regnamespace
    AND p.proowner <> 'daybreak_owner'::regrole$$, 'every function is the owner''s');

-- Row-level security: enabled and forced on every table, whose policies are these.
SELECT ok(c.relrowsecurity AND c.relforcerowsecurity, format('%s: row-level security is forced', c.relname))
FROM pg_class AS c
WHERE c.relnamespace = 'netra'::regnamespace AND c.relkind IN ('r', 'p')
  AND c.relname !~ '^schema_migrations'
ORDER BY c.relname;
SELECT policies_are('netra', 'users', ARRAY[
  'own_or_superuser_changes', 'own_or_superuser_deletes', 'own_or_superuser_reads', 'owner_reads',
  'system_or_superuser_registers'
], 'policies of users');
SELECT policies_are('netra', 'api_keys', ARRAY[
  'own_inserts', 'own_or_superuser_changes', 'own_or_superuser_deletes', 'own_or_superuser_reads',
  'owner_reads'
], 'policies of api_keys');
SELECT policies_are('netra', 'threads', ARRAY[
  'own_rows', 'owner_reads'
], 'policies of threads');
SELECT policies_are('netra', 'messages', ARRAY[
  'own_rows', 'owner_reads'
], 'policies of messages');
SELECT policies_are('netra', 'runs', ARRAY[
  'own_rows', 'owner_reads', 'superuser_reads'
], 'policies of runs');
SELECT policies_are('netra', 'references', ARRAY[
  'own_rows', 'owner_reads'
], 'policies of references');
SELECT policies_are('netra', 'supply_catalog', ARRAY[
  'own_and_shared_reads', 'own_or_system_changes', 'own_or_system_deletes',
  'own_or_system_inserts', 'owner_reads'
], 'policies of supply_catalog');
SELECT policies_are('netra', 'audit_logs', ARRAY[
  'expiry_deletes', 'own_or_superuser_reads', 'own_or_system_appends', 'owner_reads'
], 'policies of audit_logs');
SELECT is(
  (SELECT format('%s to %s', p.cmd, array_to_string(ARRAY(SELECT r FROM unnest(p.roles) AS r ORDER BY r), ', '))
   FROM pg_policies AS p
   WHERE p.schemaname = 'netra' AND p.tablename = tab AND p.policyname = name),
  format('%s to %s', command, roles), format('%s.%s', tab, name))
FROM (VALUES
  ('api_keys', 'own_inserts', 'INSERT', 'daybreak_service'),
  ('api_keys', 'own_or_superuser_changes', 'UPDATE', 'daybreak_service'),
  ('api_keys', 'own_or_superuser_deletes', 'DELETE', 'daybreak_service'),
  ('api_keys', 'own_or_superuser_reads', 'SELECT', 'daybreak_reader, daybreak_service'),
  ('api_keys', 'owner_reads', 'SELECT', 'daybreak_owner'),
  ('audit_logs', 'expiry_deletes', 'DELETE', 'daybreak_owner'),
  ('audit_logs', 'own_or_superuser_reads', 'SELECT', 'daybreak_reader, daybreak_service'),
  ('audit_logs', 'own_or_system_appends', 'INSERT', 'daybreak_service'),
  ('audit_logs', 'owner_reads', 'SELECT', 'daybreak_owner'),
  ('messages', 'own_rows', 'ALL', 'daybreak_reader, daybreak_service'),
  ('messages', 'owner_reads', 'SELECT', 'daybreak_owner'),
  ('references', 'own_rows', 'ALL', 'daybreak_reader, daybreak_service'),
  ('references', 'owner_reads', 'SELECT', 'daybreak_owner'),
  ('runs', 'own_rows', 'ALL', 'daybreak_reader, daybreak_service'),
  ('runs', 'owner_reads', 'SELECT', 'daybreak_owner'),
  ('runs', 'superuser_reads', 'SELECT', 'daybreak_reader, daybreak_service'),
  ('supply_catalog', 'own_and_shared_reads', 'SELECT', 'daybreak_reader, daybreak_service'),
  ('supply_catalog', 'own_or_system_changes', 'UPDATE', 'daybreak_service'),
  ('supply_catalog', 'own_or_system_deletes', 'DELETE', 'daybreak_service'),
  ('supply_catalog', 'own_or_system_inserts', 'INSERT', 'daybreak_service'),
  ('supply_catalog', 'owner_reads', 'SELECT', 'daybreak_owner'),
  ('threads', 'own_rows', 'ALL', 'daybreak_reader, daybreak_service'),
  ('threads', 'owner_reads', 'SELECT', 'daybreak_owner'),
  ('users', 'own_or_superuser_changes', 'UPDATE', 'daybreak_service'),
  ('users', 'own_or_superuser_deletes', 'DELETE', 'daybreak_service'),
  ('users', 'own_or_superuser_reads', 'SELECT', 'daybreak_reader, daybreak_service'),
  ('users', 'owner_reads', 'SELECT', 'daybreak_owner'),
  ('users', 'system_or_superuser_registers', 'INSERT', 'daybreak_service')
) AS expected (tab, name, command, roles);
SELECT is_empty(
  $$SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'netra'
    AND coalesce(qual, '') || coalesce(with_check, '') ~ 'current_setting'$$,
  'policies ask stable functions, never the setting itself');

-- Rights on tables: nothing for PUBLIC, and the owner owns all but what the migrator keeps.
SELECT is_empty(
  $$SELECT c.oid::regclass FROM pg_class AS c, aclexplode(c.relacl) AS a
    WHERE c.relnamespace = 'netra'::regnamespace AND a.grantee = 0$$, 'PUBLIC has no right on any relation');
SELECT is_empty(
  $$SELECT c.oid::regclass FROM pg_class AS c WHERE c.relnamespace = 'netra'::regnamespace
    AND c.relkind IN ('r', 'p', 'v', 'm') AND c.relname !~ '^schema_migrations'
    AND c.relowner <> 'daybreak_owner'::regrole$$, 'every relation is the owner''s');
SELECT is_empty(
  $$SELECT c.oid::regclass FROM pg_class AS c WHERE c.relnamespace = 'netra'::regnamespace
    AND c.relkind = 'v' AND NOT coalesce(c.reloptions::text ~ 'security_invoker=true|security_barrier=true', false)$$,
  'views run with the rights of who asks, or are a barrier');
SELECT is(
  (SELECT string_agg(DISTINCT a.privilege_type, ', ' ORDER BY a.privilege_type)
   FROM pg_class AS c, aclexplode(c.relacl) AS a
   WHERE c.oid = format('netra.%I', tab)::regclass AND a.grantee = role::regrole),
  nullif(privileges, ''), format('rights of %s on %s', role, tab))
FROM (VALUES
  ('api_keys', 'daybreak_reader', ''),
  ('api_keys', 'daybreak_service', 'DELETE, INSERT, SELECT'),
  ('audit_logs', 'daybreak_reader', 'SELECT'),
  ('audit_logs', 'daybreak_service', 'INSERT, SELECT'),
  ('messages', 'daybreak_reader', 'SELECT'),
  ('messages', 'daybreak_service', 'DELETE, INSERT, SELECT, UPDATE'),
  ('references', 'daybreak_reader', 'SELECT'),
  ('references', 'daybreak_service', 'DELETE, INSERT, SELECT, UPDATE'),
  ('run_daily', 'daybreak_reader', ''),
  ('run_daily', 'daybreak_service', ''),
  ('run_daily_totals', 'daybreak_reader', 'SELECT'),
  ('run_daily_totals', 'daybreak_service', 'SELECT'),
  ('run_daily_visible', 'daybreak_reader', 'SELECT'),
  ('run_daily_visible', 'daybreak_service', 'SELECT'),
  ('runs', 'daybreak_reader', 'SELECT'),
  ('runs', 'daybreak_service', 'DELETE, INSERT, SELECT, UPDATE'),
  ('supply_catalog', 'daybreak_reader', 'SELECT'),
  ('supply_catalog', 'daybreak_service', 'DELETE, INSERT, SELECT, UPDATE'),
  ('threads', 'daybreak_reader', 'SELECT'),
  ('threads', 'daybreak_service', 'DELETE, INSERT, SELECT, UPDATE'),
  ('token_daily', 'daybreak_reader', ''),
  ('token_daily', 'daybreak_service', ''),
  ('token_daily_totals', 'daybreak_reader', 'SELECT'),
  ('token_daily_totals', 'daybreak_service', 'SELECT'),
  ('token_daily_visible', 'daybreak_reader', 'SELECT'),
  ('token_daily_visible', 'daybreak_service', 'SELECT'),
  ('users', 'daybreak_reader', ''),
  ('users', 'daybreak_service', 'DELETE, INSERT, SELECT')
) AS expected (tab, role, privileges);
SELECT schema_privs_are('netra', 'daybreak_service', ARRAY['USAGE'], 'the service uses the schema');
SELECT schema_privs_are('netra', 'daybreak_reader', ARRAY['USAGE'], 'readers use the schema');
SELECT ok(NOT rolsuper AND NOT rolbypassrls AND NOT rolcanlogin, format('%s has no power of its own', rolname))
FROM pg_roles WHERE rolname IN ('daybreak_owner', 'daybreak_service', 'daybreak_reader');

SELECT * FROM finish();
ROLLBACK;
