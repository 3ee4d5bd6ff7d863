-- What xray's schema consists of: tables, columns, keys, indexes, functions, policies, rights.
BEGIN;
SELECT no_plan();

-- Days' partitions come with the data.
SELECT is(
  ARRAY(SELECT c.relname::text FROM pg_class AS c WHERE c.relnamespace = 'xray'::regnamespace
    AND c.relkind IN ('r', 'p') AND c.relname !~ '^logs_\d{4}_\d\d_\d\d$' ORDER BY c.relname COLLATE "C"),
  ARRAY[
  'endpoints', 'imports', 'logs', 'logs_default', 'protocols', 'rejections', 'schema_migrations',
  'tags', 'unplaced_lines', 'users'
  ], 'tables');
SELECT has_pk('xray', t, t || ' has a primary key')
FROM unnest(ARRAY[
  'users', 'protocols', 'endpoints', 'tags', 'imports', 'rejections'
]) AS t;
SELECT hasnt_pk('xray', 'logs', 'logs has no key, as in the document: the same line may be logged twice');

-- Columns: table, name, type, whether NULL is refused, the default.
CREATE TEMPORARY TABLE expected_columns (
  tab text, col text, type text, required boolean, default_value text);
INSERT INTO expected_columns VALUES
  ('users', 'id', 'integer', true, 'identity'),
  ('users', 'email', 'character varying(255)', true, NULL),
  ('protocols', 'id', 'integer', true, 'identity'),
  ('protocols', 'name', 'character varying(10)', true, NULL),
  ('endpoints', 'id', 'integer', true, 'identity'),
  ('endpoints', 'address', 'character varying(255)', true, NULL),
  ('tags', 'id', 'integer', true, 'identity'),
  ('tags', 'name', 'character varying(100)', true, NULL),
  ('logs', 'id', 'bigint', true, 'nextval(''xray.logs_id_seq''::regclass)'),
  ('logs', 'timestamp', 'timestamp with time zone', true, NULL),
  ('logs', 'source_ip', 'inet', true, NULL),
  ('logs', 'source_port', 'integer', true, NULL),
  ('logs', 'action', 'character varying(50)', false, NULL),
  ('logs', 'protocol_id', 'integer', false, NULL),
  ('logs', 'destination_id', 'integer', false, NULL),
  ('logs', 'destination_port', 'integer', false, NULL),
  ('logs', 'inbound_tag_id', 'integer', false, NULL),
  ('logs', 'outbound_tag_id', 'integer', false, NULL),
  ('logs', 'user_id', 'integer', false, NULL),
  ('imports', 'id', 'bigint', true, 'identity'),
  ('imports', 'path', 'text', true, NULL),
  ('imports', 'device', 'bigint', true, NULL),
  ('imports', 'inode', 'bigint', true, NULL),
  ('imports', 'byte_start', 'bigint', true, NULL),
  ('imports', 'byte_end', 'bigint', true, NULL),
  ('imports', 'content_sha256', 'text', true, NULL),
  ('imports', 'time_zone', 'text', true, NULL),
  ('imports', 'first_at', 'timestamp with time zone', false, NULL),
  ('imports', 'last_at', 'timestamp with time zone', false, NULL),
  ('imports', 'lines', 'bigint', true, NULL),
  ('imports', 'rows_loaded', 'bigint', true, NULL),
  ('imports', 'lines_unplaced', 'bigint', true, NULL),
  ('imports', 'imported_at', 'timestamp with time zone', true, 'now()'),
  ('unplaced_lines', 'import_id', 'bigint', true, NULL),
  ('unplaced_lines', 'minute', 'timestamp with time zone', false, NULL),
  ('unplaced_lines', 'reason', 'text', true, NULL),
  ('unplaced_lines', 'lines', 'bigint', true, NULL),
  ('rejections', 'import_id', 'bigint', true, NULL),
  ('rejections', 'minute', 'timestamp with time zone', true, NULL),
  ('rejections', 'reason', 'text', true, NULL),
  ('rejections', 'lines', 'bigint', true, NULL);
SELECT is(
  (SELECT replace(format_type(a.atttypid, a.atttypmod), 'public.', '') || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
   FROM pg_attribute AS a WHERE a.attrelid = format('xray.%I', tab)::regclass AND a.attname = col),
  type || CASE WHEN required THEN ' NOT NULL' ELSE '' END, format('column %s.%s', tab, col))
FROM expected_columns;
SELECT is(
  (SELECT CASE WHEN a.attidentity <> '' THEN 'identity' ELSE pg_get_expr(d.adbin, d.adrelid) END
   FROM pg_attribute AS a LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
   WHERE a.attrelid = format('xray.%I', tab)::regclass AND a.attname = col),
  default_value, format('default of %s.%s', tab, col))
FROM expected_columns WHERE default_value IS NOT NULL;
SELECT is(
  (SELECT count(*) FROM pg_attribute AS a
   WHERE a.attrelid = format('xray.%I', tab)::regclass AND a.attnum > 0 AND NOT a.attisdropped),
  count(*), tab || ' has no other column')
FROM expected_columns GROUP BY tab ORDER BY tab;

-- Foreign keys: table, columns, target, what a deletion of the target does.
SELECT is(
  (SELECT CASE c.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' ELSE c.confdeltype::text END
   FROM pg_constraint AS c
   WHERE c.contype = 'f' AND c.conrelid = format('xray.%I', tab)::regclass
     AND c.confrelid = format('xray.%I', target)::regclass
     AND cols = (SELECT string_agg(a.attname, ', ' ORDER BY k.place)
       FROM unnest(c.conkey) WITH ORDINALITY AS k (num, place)
       JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.num)),
  on_delete, format('%s (%s) refers to %s', tab, cols, target))
FROM (VALUES
  ('logs', 'destination_id', 'endpoints', 'a'),
  ('logs', 'inbound_tag_id', 'tags', 'a'),
  ('logs', 'outbound_tag_id', 'tags', 'a'),
  ('logs', 'protocol_id', 'protocols', 'a'),
  ('logs', 'user_id', 'users', 'a'),
  ('rejections', 'import_id', 'imports', 'CASCADE'),
  ('unplaced_lines', 'import_id', 'imports', 'CASCADE')
) AS expected (tab, cols, target, on_delete);

-- Checks.
SELECT ok(
  EXISTS (SELECT FROM pg_constraint AS c
    WHERE c.contype = 'c' AND c.conrelid = format('xray.%I', tab)::regclass AND c.conname = name),
  format('check %s on %s', name, tab))
FROM (VALUES
  ('endpoints', 'endpoints_address_check'),
  ('imports', 'imports_byte_start_check'),
  ('imports', 'imports_check'),
  ('imports', 'imports_check1'),
  ('imports', 'imports_check2'),
  ('imports', 'imports_content_sha256_check'),
  ('imports', 'imports_lines_check'),
  ('imports', 'imports_lines_unplaced_check'),
  ('imports', 'imports_path_check'),
  ('imports', 'imports_rows_loaded_check'),
  ('imports', 'imports_time_zone_check'),
  ('logs', 'logs_destination_port_check'),
  ('logs', 'logs_source_port_check'),
  ('protocols', 'protocols_name_check'),
  ('rejections', 'rejections_lines_check'),
  ('rejections', 'rejections_minute_check'),
  ('rejections', 'rejections_reason_check'),
  ('tags', 'tags_name_check'),
  ('unplaced_lines', 'unplaced_lines_lines_check'),
  ('unplaced_lines', 'unplaced_lines_minute_check'),
  ('unplaced_lines', 'unplaced_lines_reason_check'),
  ('users', 'users_email_check')
) AS expected (tab, name);

-- Indexes: on what, how.
SELECT is(
  (SELECT replace(substring(pg_get_indexdef(c.oid) FROM 'USING .*$'), 'public.', '')
     || CASE WHEN i.indisunique THEN ' UNIQUE' ELSE '' END
   FROM pg_class AS c JOIN pg_index AS i ON i.indexrelid = c.oid
   WHERE c.relnamespace = 'xray'::regnamespace AND c.relname = name
     AND i.indrelid = format('xray.%I', tab)::regclass),
  definition, format('index %s', name))
FROM (VALUES
  ('endpoints', 'endpoints_address_key',
    'USING btree (address) UNIQUE'),
  ('endpoints', 'endpoints_pkey',
    'USING btree (id) UNIQUE'),
  ('imports', 'imports_content_key',
    'USING btree (content_sha256, ((byte_end - byte_start))) UNIQUE'),
  ('imports', 'imports_file_idx',
    'USING btree (device, inode, byte_end)'),
  ('imports', 'imports_last_at_idx',
    'USING btree (last_at)'),
  ('imports', 'imports_pkey',
    'USING btree (id) UNIQUE'),
  ('logs', 'idx_logs_destination_id',
    'USING btree (destination_id)'),
  ('logs', 'idx_logs_source_ip',
    'USING btree (source_ip)'),
  ('logs', 'idx_logs_timestamp',
    'USING btree ("timestamp")'),
  ('logs', 'idx_logs_timestamp_brin',
    'USING brin ("timestamp") WITH (pages_per_range=''256'')'),
  ('logs', 'idx_logs_user_id',
    'USING btree (user_id)'),
  ('logs', 'idx_logs_user_ts',
    'USING btree (user_id, "timestamp")'),
  ('protocols', 'protocols_name_key',
    'USING btree (name) UNIQUE'),
  ('protocols', 'protocols_pkey',
    'USING btree (id) UNIQUE'),
  ('rejections', 'rejections_minute_idx',
    'USING btree (minute)'),
  ('rejections', 'rejections_pkey',
    'USING btree (import_id, minute, reason) UNIQUE'),
  ('tags', 'tags_name_key',
    'USING btree (name) UNIQUE'),
  ('tags', 'tags_pkey',
    'USING btree (id) UNIQUE'),
  ('unplaced_lines', 'unplaced_lines_key',
    'USING btree (import_id, minute, reason) NULLS NOT DISTINCT UNIQUE'),
  ('unplaced_lines', 'unplaced_lines_minute_idx',
    'USING btree (minute)'),
  ('users', 'users_email_key',
    'USING btree (email) UNIQUE'),
  ('users', 'users_pkey',
    'USING btree (id) UNIQUE'),
  ('traffic_hourly', 'traffic_hourly_key',
    'USING btree (hour, action, protocol_id, outbound_tag_id) NULLS NOT DISTINCT UNIQUE'),
  ('user_daily', 'user_daily_key',
    'USING btree (day, user_id, action) NULLS NOT DISTINCT UNIQUE')
) AS expected (tab, name, definition);
SELECT is_empty(
  $$SELECT a.indexrelid::regclass, b.indexrelid::regclass FROM pg_index AS a JOIN pg_index AS b
      ON a.indrelid = b.indrelid AND a.indexrelid < b.indexrelid AND a.indkey::text = b.indkey::text
      AND a.indclass::text = b.indclass::text AND a.indoption::text = b.indoption::text
      AND coalesce(pg_get_expr(a.indpred, a.indrelid), '') = coalesce(pg_get_expr(b.indpred, b.indrelid), '')
      AND coalesce(pg_get_expr(a.indexprs, a.indrelid), '') = coalesce(pg_get_expr(b.indexprs, b.indrelid), '')
    JOIN pg_class AS c ON c.oid = a.indrelid WHERE c.relnamespace = 'xray'::regnamespace$$,
  'no index is there twice');

-- Functions: name, arguments, whose rights, volatility, and who but the owner may call them.
CREATE TEMPORARY TABLE expected_functions (
  name text, arguments text, rights text, volatility text, callers text);
INSERT INTO expected_functions VALUES
  ('add_names', 'text, text[]', 'invoker', 'volatile',
    'daybreak_service'),
  ('days_ahead', 'timestamp with time zone', 'invoker', 'stable',
    'daybreak_reader, daybreak_service'),
  ('default_logs', '', 'definer', 'stable',
    'daybreak_reader, daybreak_service'),
  ('drop_logs', 'timestamp with time zone', 'invoker', 'volatile',
    ''),
  ('empty_default_logs', '', 'definer', 'volatile',
    'daybreak_service'),
  ('prepare_logs', 'timestamp with time zone, timestamp with time zone', 'definer', 'volatile',
    'daybreak_service'),
  ('refresh_traffic_hourly', '', 'definer', 'volatile',
    'daybreak_service'),
  ('refresh_user_daily', '', 'definer', 'volatile',
    'daybreak_service'),
  ('user_sessions', 'timestamp with time zone, timestamp with time zone, interval', 'invoker', 'stable',
    'daybreak_reader, daybreak_service');
SELECT is(
  (SELECT format('%s %s called by %s', CASE WHEN p.prosecdef THEN 'definer' ELSE 'invoker' END,
     CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END,
     coalesce((SELECT string_agg(DISTINCT a.grantee::regrole::text, ', ') FROM aclexplode(p.proacl) AS a
       WHERE a.grantee <> p.proowner), ''))
   FROM pg_proc AS p WHERE p.pronamespace = 'xray'::regnamespace AND p.proname = name
     AND array_to_string(ARRAY(SELECT format_type(t.type, NULL)
       FROM unnest(p.proargtypes) WITH ORDINALITY AS t (type, place) ORDER BY t.place), ', ') = arguments),
  format('%s %s called by %s', rights, volatility, callers), format('function %s(%s)', name, arguments))
FROM expected_functions;
SELECT is(
  (SELECT count(*) FROM pg_proc WHERE pronamespace = 'xray'::regnamespace),
  (SELECT count(*) FROM expected_functions), 'there is no other function');
-- aclexplode of NULL is nothing: a function whose rights were never touched is PUBLIC's.
SELECT is_empty(
  $$SELECT p.oid::regprocedure FROM pg_proc AS p WHERE p.pronamespace = 'xray'::regnamespace
    AND (p.proacl IS NULL OR EXISTS (SELECT FROM aclexplode(p.proacl) AS a WHERE a.grantee = 0))$$,
  'PUBLIC may call no function');
SELECT is_empty(
  $$SELECT p.oid::regprocedure FROM pg_proc AS p WHERE p.pronamespace = 'xray'::regnamespace
    AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (p.proconfig), false)$$,
  'every function has a fixed search_path');
SELECT is_empty(
  $$SELECT p.oid::regprocedure FROM pg_proc AS p WHERE p.pronamespace = 'xray'::regnamespace
    AND p.proowner <> 'daybreak_owner'::regrole$$, 'every function is the owner''s');

-- Rights on tables: nothing for PUBLIC, and the owner owns all but what the migrator keeps.
SELECT is_empty(
  $$SELECT c.oid::regclass FROM pg_class AS c, aclexplode(c.relacl) AS a
    WHERE c.relnamespace = 'xray'::regnamespace AND a.grantee = 0$$, 'PUBLIC has no right on any relation');
SELECT is_empty(
  $$SELECT c.oid::regclass FROM pg_class AS c WHERE c.relnamespace = 'xray'::regnamespace
    AND c.relkind IN ('r', 'p', 'v', 'm') AND c.relname !~ '^schema_migrations'
    AND c.relowner <> 'daybreak_owner'::regrole$$, 'every relation is the owner''s');
SELECT is_empty(
  $$SELECT c.oid::regclass FROM pg_class AS c WHERE c.relnamespace = 'xray'::regnamespace
    AND c.relkind = 'v' AND NOT coalesce(c.reloptions::text ~ 'security_invoker=true|security_barrier=true', false)$$,
  'views run with the rights of who asks, or are a barrier');
SELECT is(
  (SELECT string_agg(DISTINCT a.privilege_type, ', ' ORDER BY a.privilege_type)
   FROM pg_class AS c, aclexplode(c.relacl) AS a
   WHERE c.oid = format('xray.%I', tab)::regclass AND a.grantee = role::regrole),
  nullif(privileges, ''), format('rights of %s on %s', role, tab))
FROM (VALUES
  ('endpoints', 'daybreak_reader', 'SELECT'),
  ('endpoints', 'daybreak_service', 'DELETE, INSERT, SELECT, UPDATE'),
  ('imports', 'daybreak_reader', 'SELECT'),
  ('imports', 'daybreak_service', 'DELETE, INSERT, SELECT, UPDATE'),
  ('log_records', 'daybreak_reader', 'SELECT'),
  ('log_records', 'daybreak_service', 'SELECT'),
  ('logs', 'daybreak_reader', 'SELECT'),
  ('logs', 'daybreak_service', 'DELETE, INSERT, SELECT, UPDATE'),
  ('logs_default', 'daybreak_reader', ''),
  ('logs_default', 'daybreak_service', ''),
  ('logs_partitions', 'daybreak_reader', 'SELECT'),
  ('logs_partitions', 'daybreak_service', 'SELECT'),
  ('protocols', 'daybreak_reader', 'SELECT'),
  ('protocols', 'daybreak_service', 'DELETE, INSERT, SELECT, UPDATE'),
  ('rejections', 'daybreak_reader', 'SELECT'),
  ('rejections', 'daybreak_service', 'DELETE, INSERT, SELECT, UPDATE'),
  ('tags', 'daybreak_reader', 'SELECT'),
  ('tags', 'daybreak_service', 'DELETE, INSERT, SELECT, UPDATE'),
  ('traffic_hourly', 'daybreak_reader', 'SELECT'),
  ('traffic_hourly', 'daybreak_service', 'SELECT'),
  ('unplaced_lines', 'daybreak_reader', 'SELECT'),
  ('unplaced_lines', 'daybreak_service', 'DELETE, INSERT, SELECT, UPDATE'),
  ('user_daily', 'daybreak_reader', 'SELECT'),
  ('user_daily', 'daybreak_service', 'SELECT'),
  ('users', 'daybreak_reader', 'SELECT'),
  ('users', 'daybreak_service', 'DELETE, INSERT, SELECT, UPDATE')
) AS expected (tab, role, privileges);
SELECT schema_privs_are('xray', 'daybreak_service', ARRAY['USAGE'], 'the service uses the schema');
SELECT schema_privs_are('xray', 'daybreak_reader', ARRAY['USAGE'], 'readers use the schema');
SELECT ok(NOT rolsuper AND NOT rolbypassrls AND NOT rolcanlogin, format('%s has no power of its own', rolname))
FROM pg_roles WHERE rolname IN ('daybreak_owner', 'daybreak_service', 'daybreak_reader');

SELECT * FROM finish();
ROLLBACK;
