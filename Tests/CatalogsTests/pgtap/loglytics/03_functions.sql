-- What the application calls: access, audit, usage, search, statistics.
\ir ../common/probe.sql
BEGIN;
SELECT no_plan();

INSERT INTO loglytics.users (id, email, password_hash) VALUES
  ('00000000-0000-4000-8000-000000000001', 'olga@functions.test', 'x'),
  ('00000000-0000-4000-8000-000000000002', 'vera@functions.test', 'x'),
  ('00000000-0000-4000-8000-000000000003', 'sam@functions.test', 'x');
INSERT INTO loglytics.projects (id, user_id, name) VALUES
  ('a0000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000001', 'Checkout'),
  ('a0000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-000000000003', 'Secret');
INSERT INTO loglytics.project_shares (project_id, shared_by_user_id, shared_with_user_id, role) VALUES
  ('a0000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000001',
   '00000000-0000-4000-8000-000000000002', 'viewer');
INSERT INTO loglytics.log_files (id, project_id, user_id, filename, upload_status) VALUES
  ('f0000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000001',
   '00000000-0000-4000-8000-000000000001', 'a.log', 'completed'),
  ('f0000000-0000-4000-8000-000000000002', 'a0000000-0000-4000-8000-000000000002',
   '00000000-0000-4000-8000-000000000003', 'b.log', 'completed');
INSERT INTO loglytics.log_entries (log_file_id, project_id, user_id, "timestamp", log_level, message) VALUES
  ('f0000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000001',
   '00000000-0000-4000-8000-000000000001', '2025-11-17 10:00:00+00', 'ERROR', 'Disk 100% full on db_1'),
  ('f0000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000001',
   '00000000-0000-4000-8000-000000000001', '2025-11-17 11:00:00+00', 'WARN', 'disk 100 of 200 used on dbX1'),
  ('f0000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000001',
   '00000000-0000-4000-8000-000000000001', '2025-11-17 12:00:00+00', 'CRITICAL', 'path c:\temp is gone'),
  ('f0000000-0000-4000-8000-000000000002', 'a0000000-0000-4000-8000-000000000002',
   '00000000-0000-4000-8000-000000000003', '2025-11-17 10:00:00+00', 'ERROR', 'Disk of the secret project');

CREATE FUNCTION pg_temp.answer(person integer, query text) RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.value_for('daybreak_service', jsonb_build_object('app.current_user_id',
    CASE WHEN person = 0 THEN '' ELSE '00000000-0000-4000-8000-00000000000' || person END), query)
$$;

-- auth.uid() reads the transaction's setting, and an empty one as nobody.
SELECT is(pg_temp.answer(1, 'SELECT auth.uid()'), '00000000-0000-4000-8000-000000000001', 'auth.uid() is who was set');
SELECT is(pg_temp.answer(0, 'SELECT auth.uid()'), 'NULL', 'auth.uid() is NULL for an empty setting');
SELECT volatility_is('auth', 'uid', ARRAY[]::name[], 'stable', 'auth.uid() is asked once a statement');

-- Roles in a project, asked by different people.
SELECT is(pg_temp.answer(asker, format('SELECT loglytics.get_user_project_role(%L, %L)',
    '00000000-0000-4000-8000-00000000000' || person, 'a0000000-0000-4000-8000-00000000000' || project)), role,
  format('asked by %s: the role of %s in %s is %s', asker, person, project, role))
FROM (VALUES (1, 1, 1, 'owner'), (2, 2, 1, 'viewer'), (3, 3, 1, 'none'), (1, 2, 1, 'viewer'),
  (3, 1, 1, 'none'), (3, 2, 1, 'none'), (2, 1, 1, 'owner'), (1, 3, 2, 'none'), (0, 1, 1, 'none'))
  AS expected (asker, person, project, role);
SELECT is(pg_temp.answer(asker, format('SELECT loglytics.user_has_project_access(%L, %L)',
    '00000000-0000-4000-8000-00000000000' || asker, 'a0000000-0000-4000-8000-000000000001')), has,
  format('%s has access: %s', asker, has))
FROM (VALUES (1, 'true'), (2, 'true'), (3, 'false')) AS expected (asker, has);
SELECT is(pg_temp.answer(2, $$SELECT string_agg(project_name || ' as ' || user_role, ', ')
    FROM loglytics.get_user_accessible_projects(auth.uid())$$), 'Checkout as viewer', 'projects of a viewer');
SELECT is(pg_temp.answer(3, $$SELECT count(*) FROM loglytics.get_user_accessible_projects(
    '00000000-0000-4000-8000-000000000001')$$), '0', 'nobody learns another''s projects');

-- Audit and usage: in one's own name alone.
SELECT matches(pg_temp.answer(1, $$SELECT loglytics.log_user_action(auth.uid(), 'login', 'user')$$), '^[0-9a-f-]{36}$',
  'log_user_action() returns the row''s id');
SELECT is(pg_temp.answer(3, $$SELECT loglytics.log_user_action('00000000-0000-4000-8000-000000000001', 'x', 'x')$$),
  '42501', 'nobody forges an audit row for another');
SELECT is(pg_temp.answer(1, $$SELECT loglytics.update_usage_tracking(auth.uid(), '2025-11-17', 10, 1, 500)$$), 'NULL',
  'usage of a new day');
DO $$
BEGIN
  PERFORM set_config('app.current_user_id', '00000000-0000-4000-8000-000000000001', true);
  PERFORM loglytics.update_usage_tracking(auth.uid(), '2025-11-17', 10, 1, 500);
  PERFORM loglytics.update_usage_tracking(auth.uid(), '2025-11-17', 5, 2, 300);
END
$$;
SELECT results_eq(
  $$SELECT llm_tokens_used, api_calls_count, storage_used_bytes FROM loglytics.usage_tracking
    WHERE user_id = '00000000-0000-4000-8000-000000000001'$$,
  $$VALUES (15::bigint, 3, 500::bigint)$$, 'tokens and calls add up, of storage the most stays');
SELECT is(pg_temp.answer(3, $$SELECT loglytics.update_usage_tracking('00000000-0000-4000-8000-000000000001',
    '2025-11-17', 1, 1, 1)$$), '42501', 'nobody charges another');

-- Search: substring, any case, wildcards as themselves, one's own projects alone.
SELECT is(pg_temp.answer(1, format('SELECT count(*) FROM loglytics.search_log_entries(%L, %L)',
    'a0000000-0000-4000-8000-000000000001', query)), found, format('%s is found %s times', query, found))
FROM (VALUES ('disk', '2'), ('DISK', '2'), ('100%', '1'), ('db_1', '1'), ('c:\temp', '1'), ('secret', '0'), ('', '3'))
  AS expected (query, found);
SELECT is(pg_temp.answer(1, $$SELECT string_agg(log_level::text, ' ') FROM loglytics.search_log_entries(
    'a0000000-0000-4000-8000-000000000001', '')$$), 'CRITICAL WARN ERROR', 'the newest lines come first');
SELECT is(pg_temp.answer(1, $$SELECT string_agg(log_level::text, ' ') FROM loglytics.search_log_entries(
    'a0000000-0000-4000-8000-000000000001', '', 1, 1)$$), 'WARN', 'limit and offset');
SELECT is(pg_temp.answer(2, $$SELECT count(*) FROM loglytics.search_log_entries(
    'a0000000-0000-4000-8000-000000000001', 'disk')$$), '2', 'a viewer searches a shared project');
SELECT is(pg_temp.answer(3, $$SELECT count(*) FROM loglytics.search_log_entries(
    'a0000000-0000-4000-8000-000000000001', 'disk')$$), '0', 'a stranger searches in vain');
SELECT is(pg_temp.answer(1, $$SELECT count(*) FROM loglytics.search_log_entries(
    'a0000000-0000-4000-8000-000000000002', 'disk')$$), '0', 'even with the id of another''s project');

SELECT is(pg_temp.answer(1, $$SELECT (s.*)::text FROM loglytics.get_project_stats(
    'a0000000-0000-4000-8000-000000000001') AS s$$),
  (SELECT (1::bigint, 3::bigint, 1::bigint, 1::bigint, 0::bigint, 0::bigint, 1::bigint,
    '2025-11-17 12:00:00+00'::timestamptz, '2025-11-17 10:00:00+00'::timestamptz)::text), 'statistics of a project');
SELECT is(pg_temp.answer(3, $$SELECT total_log_entries FROM loglytics.get_project_stats(
    'a0000000-0000-4000-8000-000000000001')$$), '0', 'and none for a stranger');

-- Levels: FATAL is CRITICAL here.
SELECT is(loglytics.to_log_level(word)::text, level, format('%s is %s', word, level))
FROM (VALUES ('FATAL', 'CRITICAL'), ('warning', 'WARN'), (' Error ', 'ERROR'), ('trace', 'DEBUG'), ('notice', 'INFO'),
  ('critical', 'CRITICAL'), ('banana', NULL)) AS expected (word, level);

-- Keys are found without knowing whose they are, as long as they are valid.
INSERT INTO loglytics.api_keys (user_id, key_hash, name, key_prefix, is_active, deleted_at, expires_at) VALUES
  ('00000000-0000-4000-8000-000000000001', encode(sha256('1'), 'hex'), 'good', 'dbk_good', true, NULL, NULL),
  ('00000000-0000-4000-8000-000000000001', encode(sha256('2'), 'hex'), 'old', 'dbk_old', true, NULL, '2020-01-01'),
  ('00000000-0000-4000-8000-000000000001', encode(sha256('3'), 'hex'), 'gone', 'dbk_gone', false, now(), NULL);
SELECT is(pg_temp.answer(0, format('SELECT count(*) FROM loglytics.api_key_candidates(%L)', prefix)), found,
  format('candidates for %s: %s', prefix, found))
FROM (VALUES ('dbk_good', '1'), ('dbk_old', '0'), ('dbk_gone', '0'), ('dbk_', '0')) AS expected (prefix, found);
UPDATE loglytics.api_keys SET deleted_at = now() WHERE key_prefix = 'dbk_good';
SELECT is((SELECT is_active FROM loglytics.api_keys WHERE key_prefix = 'dbk_good'), false, 'a revoked key is not active');
UPDATE loglytics.api_keys SET is_active = true WHERE key_prefix = 'dbk_good';
SELECT is((SELECT is_active FROM loglytics.api_keys WHERE key_prefix = 'dbk_good'), false, 'and does not come back');
SELECT is(pg_temp.answer(0, $$SELECT count(*) FROM loglytics.api_key_candidates('dbk_good')$$), '0', 'nor is it a candidate');
SELECT is(pg_temp.value_for('daybreak_reader', '{}', $$SELECT count(*) FROM loglytics.api_key_candidates('dbk_good')$$),
  '42501', 'readers do not look keys up');
SELECT is(pg_temp.answer(0, $$SELECT loglytics.user_named('olga@functions.test')$$),
  '00000000-0000-4000-8000-000000000001', 'a person is found by address');
SELECT throws_ok($$INSERT INTO loglytics.api_keys (user_id, key_hash, name) VALUES
    ('00000000-0000-4000-8000-000000000001', 'dbk_in_clear', 'x')$$, '23514', NULL, 'a key in clear is refused');

-- Connection settings: envelopes alone.
SELECT throws_ok(format($$INSERT INTO loglytics.live_log_connections
    (project_id, user_id, connection_name, cloud_provider, connection_config) VALUES
    ('a0000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000001', 'x', 'aws', %L)$$, config),
  '23514', NULL, 'refused as connection_config: ' || config)
FROM unnest(ARRAY['{"password": "hunter2"}', '"ciphertext"', '[]', '{}',
  '{"alg": "AES-256-GCM", "nonce": "short", "ct": "AAAAAAAAAAAAAAAAAAAAAAAA"}',
  '{"alg": "rot13", "nonce": "AAAAAAAAAAAAAAAA", "ct": "AAAAAAAAAAAAAAAAAAAAAAAA"}',
  '{"alg": "AES-256-GCM", "nonce": "AAAAAAAAAAAAAAAA", "ct": "AAAAAAAAAAAAAAAAAAAAAAAA", "password": "x"}']) AS config;
SELECT lives_ok($$INSERT INTO loglytics.live_log_connections
    (project_id, user_id, connection_name, cloud_provider, connection_config) VALUES
    ('a0000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000001', 'x', 'aws',
    '{"alg": "AES-256-GCM", "key": "2025", "nonce": "AAAAAAAAAAAAAAAA", "ct": "AAAAAAAAAAAAAAAAAAAAAAAA=="}')$$,
  'an envelope with the name of its key is taken');

-- updated_at follows changes.
UPDATE loglytics.projects SET updated_at = '2020-01-01', name = 'Checkout 2'
WHERE id = 'a0000000-0000-4000-8000-000000000001';
SELECT is((SELECT updated_at FROM loglytics.projects WHERE id = 'a0000000-0000-4000-8000-000000000001'), now(),
  'updated_at is set, whatever was written');

SELECT * FROM finish();
ROLLBACK;
