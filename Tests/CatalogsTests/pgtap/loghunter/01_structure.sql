-- What loghunter's schema consists of: tables, columns, keys, indexes, functions, policies, rights.
BEGIN;
SELECT no_plan();

SELECT tables_are('loghunter', ARRAY[
  'analysis_results', 'anomaly_baselines', 'anomaly_events', 'api_keys', 'error_cluster_windows',
  'error_clusters', 'saved_filters', 'schema_migrations', 'tenants'
], 'tables');
SELECT has_pk('loghunter', t, t || ' has a primary key')
FROM unnest(ARRAY[
  'tenants', 'api_keys', 'saved_filters', 'error_clusters', 'error_cluster_windows',
  'analysis_results', 'anomaly_baselines', 'anomaly_events'
]) AS t;

-- Columns: table, name, type, whether NULL is refused. An embedding is an array without pgvector.
CREATE TEMPORARY TABLE expected_columns (tab text, col text, type text, required boolean);
INSERT INTO expected_columns VALUES
  ('tenants', 'id', 'uuid', true),
  ('tenants', 'name', 'text', true),
  ('tenants', 'loki_org_id', 'text', true),
  ('tenants', 'created_at', 'timestamp with time zone', true),
  ('tenants', 'updated_at', 'timestamp with time zone', true),
  ('tenants', 'deleted_at', 'timestamp with time zone', false),
  ('api_keys', 'id', 'uuid', true),
  ('api_keys', 'tenant_id', 'uuid', true),
  ('api_keys', 'name', 'text', true),
  ('api_keys', 'key_prefix', 'text', true),
  ('api_keys', 'key_hash', 'text', true),
  ('api_keys', 'scopes', 'text[]', true),
  ('api_keys', 'expires_at', 'timestamp with time zone', false),
  ('api_keys', 'last_used_at', 'timestamp with time zone', false),
  ('api_keys', 'deleted_at', 'timestamp with time zone', false),
  ('api_keys', 'created_at', 'timestamp with time zone', true),
  ('api_keys', 'updated_at', 'timestamp with time zone', true),
  ('saved_filters', 'id', 'uuid', true),
  ('saved_filters', 'tenant_id', 'uuid', true),
  ('saved_filters', 'name', 'text', true),
  ('saved_filters', 'filter_json', 'jsonb', true),
  ('saved_filters', 'created_by', 'text', true),
  ('saved_filters', 'deleted_at', 'timestamp with time zone', false),
  ('saved_filters', 'created_at', 'timestamp with time zone', true),
  ('saved_filters', 'updated_at', 'timestamp with time zone', true),
  ('error_clusters', 'id', 'uuid', true),
  ('error_clusters', 'tenant_id', 'uuid', true),
  ('error_clusters', 'service', 'text', true),
  ('error_clusters', 'namespace', 'text', true),
  ('error_clusters', 'fingerprint', 'text', true),
  ('error_clusters', 'level', 'text', true),
  ('error_clusters', 'first_seen_at', 'timestamp with time zone', true),
  ('error_clusters', 'last_seen_at', 'timestamp with time zone', true),
  ('error_clusters', 'count', 'bigint', true),
  ('error_clusters', 'sample_message', 'text', true),
  ('error_clusters', 'created_at', 'timestamp with time zone', true),
  ('error_clusters', 'updated_at', 'timestamp with time zone', true),
  ('error_cluster_windows', 'id', 'uuid', true),
  ('error_cluster_windows', 'tenant_id', 'uuid', true),
  ('error_cluster_windows', 'cluster_id', 'uuid', true),
  ('error_cluster_windows', 'window_start', 'timestamp with time zone', true),
  ('error_cluster_windows', 'window_end', 'timestamp with time zone', true),
  ('error_cluster_windows', 'level', 'text', true),
  ('error_cluster_windows', 'first_seen_at', 'timestamp with time zone', true),
  ('error_cluster_windows', 'last_seen_at', 'timestamp with time zone', true),
  ('error_cluster_windows', 'count', 'bigint', true),
  ('error_cluster_windows', 'created_at', 'timestamp with time zone', true),
  ('error_cluster_windows', 'updated_at', 'timestamp with time zone', true),
  ('analysis_results', 'id', 'uuid', true),
  ('analysis_results', 'cluster_id', 'uuid', true),
  ('analysis_results', 'tenant_id', 'uuid', true),
  ('analysis_results', 'provider', 'text', true),
  ('analysis_results', 'model', 'text', true),
  ('analysis_results', 'root_cause', 'text', true),
  ('analysis_results', 'confidence', 'double precision', true),
  ('analysis_results', 'summary', 'text', true),
  ('analysis_results', 'suggested_action', 'text', false),
  ('analysis_results', 'created_at', 'timestamp with time zone', true),
  ('analysis_results', 'updated_at', 'timestamp with time zone', true),
  ('anomaly_baselines', 'id', 'uuid', true),
  ('anomaly_baselines', 'tenant_id', 'uuid', true),
  ('anomaly_baselines', 'service', 'text', true),
  ('anomaly_baselines', 'namespace', 'text', true),
  ('anomaly_baselines', 'window_start', 'timestamp with time zone', true),
  ('anomaly_baselines', 'window_end', 'timestamp with time zone', true),
  ('anomaly_baselines', 'avg_log_rate', 'double precision', true),
  ('anomaly_baselines', 'avg_error_rate', 'double precision', true),
  ('anomaly_baselines', 'p95_error_rate', 'double precision', true),
  ('anomaly_baselines', 'created_at', 'timestamp with time zone', true),
  ('anomaly_baselines', 'updated_at', 'timestamp with time zone', true),
  ('anomaly_events', 'id', 'uuid', true),
  ('anomaly_events', 'tenant_id', 'uuid', true),
  ('anomaly_events', 'service', 'text', true),
  ('anomaly_events', 'namespace', 'text', true),
  ('anomaly_events', 'detected_at', 'timestamp with time zone', true),
  ('anomaly_events', 'severity', 'text', true),
  ('anomaly_events', 'metric', 'text', true),
  ('anomaly_events', 'baseline_value', 'double precision', true),
  ('anomaly_events', 'observed_value', 'double precision', true),
  ('anomaly_events', 'deviation_factor', 'double precision', false),
  ('anomaly_events', 'deviation_note', 'text', false),
  ('anomaly_events', 'notified', 'boolean', true),
  ('anomaly_events', 'created_at', 'timestamp with time zone', true),
  ('anomaly_events', 'updated_at', 'timestamp with time zone', true);
SELECT is(
  (SELECT replace(format_type(a.atttypid, a.atttypmod), 'public.', '') || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
   FROM pg_attribute AS a WHERE a.attrelid = format('loghunter.%I', tab)::regclass AND a.attname = col),
  type || CASE WHEN required THEN ' NOT NULL' ELSE '' END, format('column %s.%s', tab, col))
FROM expected_columns;
SELECT is(
  (SELECT count(*) FROM pg_attribute AS a
   WHERE a.attrelid = format('loghunter.%I', tab)::regclass AND a.attnum > 0 AND NOT a.attisdropped),
  count(*), tab || ' has no other column')
FROM expected_columns GROUP BY tab ORDER BY tab;

-- Defaults, which the originals leave to the program: a raw INSERT has them here.
SELECT col_has_default('loghunter', tab, col, format('%s.%s has a default', tab, col))
FROM expected_columns
WHERE col IN ('id', 'is_active', 'is_read', 'created_at', 'updated_at', 'status', 'scopes', 'upload_status')
  AND NOT (tab, col) IN (('subscriptions', 'id'))
ORDER BY tab, col;

-- Foreign keys: table, columns, target, what a deletion of the target does.
SELECT is(
  (SELECT CASE c.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' ELSE c.confdeltype::text END
   FROM pg_constraint AS c
   WHERE c.contype = 'f' AND c.conrelid = format('loghunter.%I', tab)::regclass
     AND c.confrelid = format('loghunter.%I', target)::regclass
     AND cols = (SELECT string_agg(a.attname, ', ' ORDER BY k.place)
       FROM unnest(c.conkey) WITH ORDINALITY AS k (num, place)
       JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.num)),
  on_delete, format('%s (%s) refers to %s', tab, cols, target))
FROM (VALUES
  ('api_keys', 'tenant_id', 'tenants', 'CASCADE'),
  ('saved_filters', 'tenant_id', 'tenants', 'CASCADE'),
  ('error_clusters', 'tenant_id', 'tenants', 'CASCADE'),
  ('anomaly_baselines', 'tenant_id', 'tenants', 'CASCADE'),
  ('anomaly_events', 'tenant_id', 'tenants', 'CASCADE'),
  ('error_cluster_windows', 'tenant_id, cluster_id', 'error_clusters', 'CASCADE'),
  ('analysis_results', 'tenant_id, cluster_id', 'error_clusters', 'CASCADE')
) AS expected (tab, cols, target, on_delete);
SELECT ok(
  EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = c.conrelid
    AND (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey
    OR i.indrelid = c.conrelid AND (i.indkey::int2[])[0] = ANY (c.conkey)),
  format('%s: an index serves %s', c.conrelid::regclass, c.conname))
FROM pg_constraint AS c JOIN pg_class AS r ON r.oid = c.conrelid
WHERE c.contype = 'f' AND r.relnamespace = 'loghunter'::regnamespace AND NOT r.relispartition
ORDER BY 1;

-- Indexes, and those that only an extension makes possible.
SELECT has_index('loghunter', tab, name, format('index %s', name))
FROM (VALUES
  ('analysis_results', 'analysis_results_cluster_idx'),
  ('analysis_results', 'analysis_results_expiry_idx'),
  ('analysis_results', 'analysis_results_pkey'),
  ('analysis_results', 'analysis_results_tenant_id_id_key'),
  ('anomaly_baselines', 'anomaly_baselines_expiry_idx'),
  ('anomaly_baselines', 'anomaly_baselines_pkey'),
  ('anomaly_baselines', 'anomaly_baselines_service_idx'),
  ('anomaly_baselines', 'anomaly_baselines_tenant_id_id_key'),
  ('anomaly_baselines', 'anomaly_baselines_tenant_id_service_namespace_window_start__key'),
  ('anomaly_events', 'anomaly_events_detected_idx'),
  ('anomaly_events', 'anomaly_events_expiry_idx'),
  ('anomaly_events', 'anomaly_events_pkey'),
  ('anomaly_events', 'anomaly_events_tenant_id_id_key'),
  ('anomaly_events', 'anomaly_events_tenant_id_service_namespace_metric_detected__key'),
  ('anomaly_events', 'anomaly_events_unnotified_idx'),
  ('api_keys', 'api_keys_key_prefix_idx'),
  ('api_keys', 'api_keys_name_idx'),
  ('api_keys', 'api_keys_own_prefix_idx'),
  ('api_keys', 'api_keys_pkey'),
  ('api_keys', 'api_keys_tenant_id_id_key'),
  ('error_cluster_windows', 'error_cluster_windows_pkey'),
  ('error_cluster_windows', 'error_cluster_windows_tenant_id_cluster_id_window_start_win_key'),
  ('error_clusters', 'error_clusters_expiry_idx'),
  ('error_clusters', 'error_clusters_fingerprint_idx'),
  ('error_clusters', 'error_clusters_level_idx'),
  ('error_clusters', 'error_clusters_pkey'),
  ('error_clusters', 'error_clusters_service_idx'),
  ('error_clusters', 'error_clusters_tenant_id_id_key'),
  ('error_clusters', 'error_clusters_tenant_id_service_namespace_fingerprint_key'),
  ('error_clusters', 'error_clusters_time_idx'),
  ('saved_filters', 'saved_filters_name_idx'),
  ('saved_filters', 'saved_filters_pkey'),
  ('saved_filters', 'saved_filters_tenant_id_id_key'),
  ('tenants', 'tenants_loki_org_id_idx'),
  ('tenants', 'tenants_name_key'),
  ('tenants', 'tenants_pkey')
) AS expected (tab, name);
SELECT is_empty(
  $$SELECT a.indexrelid::regclass, b.indexrelid::regclass FROM pg_index AS a JOIN pg_index AS b
      ON a.indrelid = b.indrelid AND a.indexrelid < b.indexrelid AND a.indkey::text = b.indkey::text
      AND a.indclass::text = b.indclass::text AND a.indoption::text = b.indoption::text
      AND coalesce(pg_get_expr(a.indpred, a.indrelid), '') = coalesce(pg_get_expr(b.indpred, b.indrelid), '')
      AND coalesce(pg_get_expr(a.indexprs, a.indrelid), '') = coalesce(pg_get_expr(b.indexprs, b.indrelid), '')
    JOIN pg_class AS c ON c.oid = a.indrelid WHERE c.relnamespace = 'loghunter'::regnamespace$$,
  'no index is there twice');

-- Triggers.
SELECT has_trigger('loghunter', tab, name, format('%s on %s', name, tab))
FROM (VALUES
  ('analysis_results', 'touch_updated_at'), ('anomaly_baselines', 'touch_updated_at'),
  ('anomaly_events', 'touch_updated_at'), ('api_keys', 'touch_updated_at'),
  ('error_cluster_windows', 'normalize_level'), ('error_cluster_windows', 'touch_updated_at'),
  ('error_clusters', 'normalize_level'), ('error_clusters', 'touch_updated_at'),
  ('saved_filters', 'touch_updated_at'), ('tenants', 'touch_updated_at')
) AS expected (tab, name);

-- Functions: name, arguments, whose rights, volatility, and who but the owner may call them.
CREATE TEMPORARY TABLE expected_functions (
  name text, arguments text, rights text, volatility text, callers text);
INSERT INTO expected_functions VALUES
  ('allow_expiry', 'regclass, name', 'invoker', 'volatile', ''),
  ('allow_expiry_with', 'regclass, regclass, name', 'invoker', 'volatile', ''),
  ('api_key_candidates', 'text', 'definer', 'stable', 'daybreak_service'),
  ('current_tenant_id', '', 'invoker', 'stable', 'daybreak_reader, daybreak_service'),
  ('deviation_factor', 'double precision, double precision', 'invoker', 'immutable', 'daybreak_reader, daybreak_service'),
  ('normalize_level', 'text', 'invoker', 'immutable', 'daybreak_reader, daybreak_service'),
  ('normalize_level_column', '', 'invoker', 'volatile', ''),
  ('protect_table', 'regclass, name', 'invoker', 'volatile', ''),
  ('record_cluster_window', 'text, text, text, text, timestamp with time zone, timestamp with time zone, timestamp with time zone, timestamp with time zone, bigint, text', 'invoker', 'volatile', 'daybreak_service'),
  ('retention_cutoff', '', 'invoker', 'stable', ''),
  ('severity', 'text', 'invoker', 'immutable', 'daybreak_reader, daybreak_service'),
  ('tenant_named', 'text', 'definer', 'stable', 'daybreak_service'),
  ('touch_updated_at', '', 'invoker', 'volatile', '');
SELECT is(
  (SELECT format('%s %s called by %s', CASE WHEN p.prosecdef THEN 'definer' ELSE 'invoker' END,
     CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END,
     coalesce((SELECT string_agg(DISTINCT a.grantee::regrole::text, ', ') FROM aclexplode(p.proacl) AS a
       WHERE a.grantee <> p.proowner), ''))
   FROM pg_proc AS p WHERE p.pronamespace = 'loghunter'::regnamespace AND p.proname = name
     AND array_to_string(ARRAY(SELECT format_type(t.type, NULL)
       FROM unnest(p.proargtypes) WITH ORDINALITY AS t (type, place) ORDER BY t.place), ', ') = arguments),
  format('%s %s called by %s', rights, volatility, callers), format('function %s(%s)', name, arguments))
FROM expected_functions;
SELECT is(
  (SELECT count(*) FROM pg_proc WHERE pronamespace = 'loghunter'::regnamespace),
  (SELECT count(*) FROM expected_functions), 'there is no other function');
-- aclexplode of NULL is nothing: a function whose rights were never touched is PUBLIC's.
SELECT is_empty(
  $$SELECT p.oid::regprocedure FROM pg_proc AS p WHERE p.pronamespace = 'loghunter'::regnamespace
    AND (p.proacl IS NULL OR EXISTS (SELECT FROM aclexplode(p.proacl) AS a WHERE a.grantee = 0))$$,
  'PUBLIC may call no function');
SELECT is_empty(
  $$SELECT p.oid::regprocedure FROM pg_proc AS p WHERE p.pronamespace = 'loghunter'::regnamespace
    AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (p.proconfig), false)$$,
  'every function has a fixed search_path');
SELECT is_empty(
  $$SELECT p.oid::regprocedure FROM pg_proc AS p WHERE p.pronamespace = 'loghunter'::regnamespace
    AND p.proowner <> 'daybreak_owner'::regrole$$, 'every function is the owner''s');

-- Row-level security: enabled and forced on every table, whose policies are these.
SELECT ok(c.relrowsecurity AND c.relforcerowsecurity, format('%s: row-level security is forced', c.relname))
FROM pg_class AS c
WHERE c.relnamespace = 'loghunter'::regnamespace AND c.relkind IN ('r', 'p')
  AND c.relname !~ '^schema_migrations'
ORDER BY c.relname;
SELECT policies_are('loghunter', 'tenants', ARRAY[
  'owner_reads', 'tenant_isolation'
], 'policies of tenants');
SELECT policies_are('loghunter', 'api_keys', ARRAY[
  'expiry_deletes', 'expiry_sees', 'owner_reads', 'tenant_isolation'
], 'policies of api_keys');
SELECT policies_are('loghunter', 'saved_filters', ARRAY[
  'expiry_deletes', 'expiry_sees', 'tenant_isolation'
], 'policies of saved_filters');
SELECT policies_are('loghunter', 'error_clusters', ARRAY[
  'expiry_deletes', 'expiry_sees', 'tenant_isolation'
], 'policies of error_clusters');
SELECT policies_are('loghunter', 'error_cluster_windows', ARRAY[
  'expiry_with_parent_deletes', 'expiry_with_parent_sees', 'tenant_isolation'
], 'policies of error_cluster_windows');
SELECT policies_are('loghunter', 'analysis_results', ARRAY[
  'expiry_deletes', 'expiry_sees', 'expiry_with_parent_deletes', 'expiry_with_parent_sees',
  'tenant_isolation'
], 'policies of analysis_results');
SELECT policies_are('loghunter', 'anomaly_baselines', ARRAY[
  'expiry_deletes', 'expiry_sees', 'tenant_isolation'
], 'policies of anomaly_baselines');
SELECT policies_are('loghunter', 'anomaly_events', ARRAY[
  'expiry_deletes', 'expiry_sees', 'tenant_isolation'
], 'policies of anomaly_events');
SELECT is(
  (SELECT format('%s to %s', p.cmd, array_to_string(ARRAY(SELECT r FROM unnest(p.roles) AS r ORDER BY r), ', '))
   FROM pg_policies AS p
   WHERE p.schemaname = 'loghunter' AND p.tablename = tab AND p.policyname = name),
  format('%s to %s', command, roles), format('%s.%s', tab, name))
FROM (VALUES
  ('analysis_results', 'expiry_deletes', 'DELETE', 'daybreak_owner'),
  ('analysis_results', 'expiry_sees', 'SELECT', 'daybreak_owner'),
  ('analysis_results', 'expiry_with_parent_deletes', 'DELETE', 'daybreak_owner'),
  ('analysis_results', 'expiry_with_parent_sees', 'SELECT', 'daybreak_owner'),
  ('analysis_results', 'tenant_isolation', 'ALL', 'daybreak_reader, daybreak_service'),
  ('anomaly_baselines', 'expiry_deletes', 'DELETE', 'daybreak_owner'),
  ('anomaly_baselines', 'expiry_sees', 'SELECT', 'daybreak_owner'),
  ('anomaly_baselines', 'tenant_isolation', 'ALL', 'daybreak_reader, daybreak_service'),
  ('anomaly_events', 'expiry_deletes', 'DELETE', 'daybreak_owner'),
  ('anomaly_events', 'expiry_sees', 'SELECT', 'daybreak_owner'),
  ('anomaly_events', 'tenant_isolation', 'ALL', 'daybreak_reader, daybreak_service'),
  ('api_keys', 'expiry_deletes', 'DELETE', 'daybreak_owner'),
  ('api_keys', 'expiry_sees', 'SELECT', 'daybreak_owner'),
  ('api_keys', 'owner_reads', 'SELECT', 'daybreak_owner'),
  ('api_keys', 'tenant_isolation', 'ALL', 'daybreak_reader, daybreak_service'),
  ('error_cluster_windows', 'expiry_with_parent_deletes', 'DELETE', 'daybreak_owner'),
  ('error_cluster_windows', 'expiry_with_parent_sees', 'SELECT', 'daybreak_owner'),
  ('error_cluster_windows', 'tenant_isolation', 'ALL', 'daybreak_reader, daybreak_service'),
  ('error_clusters', 'expiry_deletes', 'DELETE', 'daybreak_owner'),
  ('error_clusters', 'expiry_sees', 'SELECT', 'daybreak_owner'),
  ('error_clusters', 'tenant_isolation', 'ALL', 'daybreak_reader, daybreak_service'),
  ('saved_filters', 'expiry_deletes', 'DELETE', 'daybreak_owner'),
  ('saved_filters', 'expiry_sees', 'SELECT', 'daybreak_owner'),
  ('saved_filters', 'tenant_isolation', 'ALL', 'daybreak_reader, daybreak_service'),
  ('tenants', 'owner_reads', 'SELECT', 'daybreak_owner'),
  ('tenants', 'tenant_isolation', 'ALL', 'daybreak_reader, daybreak_service')
) AS expected (tab, name, command, roles);
SELECT is_empty(
  $$SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'loghunter'
    AND coalesce(qual, '') || coalesce(with_check, '') ~ 'current_setting'$$,
  'policies ask stable functions, never the setting itself');

-- Rights on tables: nothing for PUBLIC, and the owner owns all but what the migrator keeps.
SELECT is_empty(
  $$SELECT c.oid::regclass FROM pg_class AS c, aclexplode(c.relacl) AS a
    WHERE c.relnamespace = 'loghunter'::regnamespace AND a.grantee = 0$$, 'PUBLIC has no right on any relation');
SELECT is_empty(
  $$SELECT c.oid::regclass FROM pg_class AS c WHERE c.relnamespace = 'loghunter'::regnamespace
    AND c.relkind IN ('r', 'p', 'v', 'm') AND c.relname !~ '^schema_migrations'
    AND c.relowner <> 'daybreak_owner'::regrole$$, 'every relation is the owner''s');
SELECT is_empty(
  $$SELECT c.oid::regclass FROM pg_class AS c WHERE c.relnamespace = 'loghunter'::regnamespace
    AND c.relkind = 'v' AND NOT coalesce(c.reloptions::text ~ 'security_invoker=true|security_barrier=true', false)$$,
  'views run with the rights of who asks, or are a barrier');
SELECT schema_privs_are('loghunter', 'daybreak_service', ARRAY['USAGE'], 'the service uses the schema');
SELECT schema_privs_are('loghunter', 'daybreak_reader', ARRAY['USAGE'], 'readers use the schema');
SELECT ok(NOT rolsuper AND NOT rolbypassrls AND NOT rolcanlogin, format('%s has no power of its own', rolname))
FROM pg_roles WHERE rolname IN ('daybreak_owner', 'daybreak_service', 'daybreak_reader');

SELECT * FROM finish();
ROLLBACK;
