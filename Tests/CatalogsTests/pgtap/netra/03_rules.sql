-- What the tables enforce: vocabularies, shapes, what goes with what, times of change, and the two
-- questions that come before a user is known.
\ir ../common/probe.sql
BEGIN;
SELECT no_plan();

SET LOCAL netra.acts_as_system = on;
INSERT INTO netra.users (id, email, password_hash, updated_at) VALUES
  (900001, 'one@rules.test', '$2b$12$' || repeat('a', 53), '2020-01-01'),
  (900002, 'two@rules.test', NULL, '2020-01-01'), (900003, 'gone@rules.test', NULL, '2020-01-01');
UPDATE netra.users SET is_active = false WHERE id = 900003;
SET LOCAL netra.acts_as_system = off;
INSERT INTO netra.threads (id, user_id) VALUES ('c0000000-0000-4000-8000-000000000001', 900001);
INSERT INTO netra.messages (id, thread_id, role, content, updated_at)
VALUES ('c1000000-0000-4000-8000-000000000001', 'c0000000-0000-4000-8000-000000000001', 'user', 'x', '2020-01-01');
INSERT INTO netra.runs (id, user_id, thread_id, input_data, updated_at)
VALUES ('c2000000-0000-4000-8000-000000000001', 900001, 'c0000000-0000-4000-8000-000000000001', '{}', '2020-01-01');
INSERT INTO netra."references" (id, user_id, name, type, updated_at)
VALUES ('c3000000-0000-4000-8000-000000000001', 900001, 'r', 'document', '2020-01-01');
INSERT INTO netra.supply_catalog (id, user_id, name, category, specifications, updated_at)
VALUES ('c4000000-0000-4000-8000-000000000001', 900001, 's', 'compute', '{}', '2020-01-01');
INSERT INTO netra.api_keys (id, user_id, name, key_hash, updated_at, expires_at, is_active)
SELECT ('c5000000-0000-4000-8000-00000000000' || n)::uuid, person, 'k' || n,
  encode(sha256(('rules' || n)::bytea), 'hex'), '2020-01-01', expiry, active
FROM (VALUES (1, 900001, NULL, true), (2, 900001, now() + interval '1 hour', true),
  (3, 900001, now() - interval '1 second', true), (4, 900001, NULL, false), (5, 900003, NULL, true))
  AS keys (n, person, expiry, active);
INSERT INTO netra.audit_logs (user_id, action, created_at) VALUES (900001, 'rules.login', '2020-01-01');

-- Values that are refused: by a check (23514), as missing (23502), as there already (23505).
SELECT is(pg_temp.probe('postgres', '{}', statement), outcome, what)
FROM (VALUES
  ($$INSERT INTO netra.users (email) VALUES ('')$$, '23514', 'an empty e-mail address'),
  ($$INSERT INTO netra.users (email) VALUES (NULL)$$, '23502', 'no e-mail address'),
  ($$INSERT INTO netra.users (email) VALUES ('one@rules.test')$$, '23505', 'an e-mail address twice'),
  ($$INSERT INTO netra.users (email, password_hash) VALUES ('x@rules.test', 'secret')$$, '23514', 'a password that is no bcrypt hash'),
  ($$INSERT INTO netra.users (email, password_hash) VALUES ('x@rules.test', '$2y$10$' || repeat('.', 53))$$, '1 row', 'bcrypt of PHP'),
  ($$INSERT INTO netra.users (email) VALUES (repeat('x', 256))$$, '22001', 'an e-mail address of 256 characters'),
  ($$UPDATE netra.threads SET status = 'open'$$, '23514', 'a thread''s unknown status'),
  ($$UPDATE netra.threads SET status = 'archived' WHERE id = 'c0000000-0000-4000-8000-000000000001'$$, '1 row', 'an archived thread'),
  ($$UPDATE netra.threads SET status = 'deleted' WHERE id = 'c0000000-0000-4000-8000-000000000001'$$, '1 row', 'a deleted thread'),
  ($$UPDATE netra.messages SET role = 'robot'$$, '23514', 'a message''s unknown role'),
  ($$UPDATE netra.messages SET role = 'tool' WHERE id = 'c1000000-0000-4000-8000-000000000001'$$, '1 row', 'a tool''s message'),
  ($$UPDATE netra.messages SET role = 'system' WHERE id = 'c1000000-0000-4000-8000-000000000001'$$, '1 row', 'a system message'),
  ($$UPDATE netra.messages SET tokens_used = -1$$, '23514', 'fewer than no tokens'),
  ($$UPDATE netra.runs SET status = 'running'$$, '23514', 'a run''s unknown status'),
  ($$UPDATE netra.runs SET status = 'cancelled' WHERE id = 'c2000000-0000-4000-8000-000000000001'$$, '1 row', 'a cancelled run'),
  ($$UPDATE netra.runs SET status = 'processing' WHERE id = 'c2000000-0000-4000-8000-000000000001'$$, '1 row', 'a run in work'),
  ($$UPDATE netra.runs SET input_data = NULL$$, '23502', 'a run without input'),
  ($$UPDATE netra."references" SET type = 'picture'$$, '23514', 'a reference''s unknown type'),
  ($$UPDATE netra."references" SET type = 'other' WHERE id = 'c3000000-0000-4000-8000-000000000001'$$, '1 row', 'a reference of another type'),
  ($$UPDATE netra."references" SET file_size = -1$$, '23514', 'a file of less than nothing'),
  ($$UPDATE netra.supply_catalog SET specifications = NULL$$, '23502', 'an item without specifications'),
  ($$UPDATE netra.api_keys SET key_hash = 'dbk_plain_key'$$, '23514', 'a key that is no digest'),
  ($$INSERT INTO netra.api_keys (user_id, name, key_hash) VALUES (900001, '', repeat('a', 64))$$, '23514', 'a key without a name'),
  ($$INSERT INTO netra.api_keys (user_id, name, key_hash) SELECT 900001, 'x', encode(sha256('rules1'), 'hex')$$, '23505', 'a digest twice'),
  ($$INSERT INTO netra.api_keys (user_id, name, key_hash) VALUES (899999, 'x', repeat('a', 64))$$, '23503', 'a key of nobody'),
  ($$INSERT INTO netra.audit_logs (action) VALUES ('')$$, '23514', 'an audit entry without an action'),
  ($$INSERT INTO netra.audit_logs (action, ip_address) VALUES ('x', '1.2.3.*')$$, '22P02', 'an address that is none'),
  ($$INSERT INTO netra.messages (thread_id, role, content) VALUES ('c0000000-0000-4000-8000-00000000000f', 'user', 'x')$$, '23503', 'a message in no thread')
) AS attempts (statement, outcome, what);

-- An embedding has 1536 dimensions, as a vector and as an array.
SELECT is(
  pg_temp.probe('postgres', '{}', format('UPDATE netra."references" SET embedding = array_fill(0.5::real, ARRAY[%s])
    WHERE id = ''c3000000-0000-4000-8000-000000000001''', n)),
  CASE n WHEN 1536 THEN '1 row' ELSE CASE current_setting('daybreak.test_server') WHEN 'full' THEN '22000' ELSE '23514' END END,
  format('an embedding of %s dimensions', n))
FROM unnest(ARRAY[1535, 1536, 1537]) AS n;
SELECT isnt(
  pg_temp.probe('postgres', '{}', 'UPDATE netra."references" SET embedding = array_fill(NULL::real, ARRAY[1536])
    WHERE id = ''c3000000-0000-4000-8000-000000000001'''), '1 row', 'an embedding has no gaps');

-- Every update leaves its time, whatever the statement says.
SET LOCAL netra.acts_as_system = on;
UPDATE netra.users SET name = 'x', updated_at = '2001-01-01' WHERE id = 900001;
SET LOCAL netra.acts_as_system = off;
UPDATE netra.threads SET title = 'x', updated_at = '2001-01-01' WHERE user_id = 900001;
UPDATE netra.messages SET content = 'y', updated_at = '2001-01-01' WHERE thread_id = 'c0000000-0000-4000-8000-000000000001';
UPDATE netra.runs SET status = 'failed', updated_at = '2001-01-01' WHERE user_id = 900001;
UPDATE netra."references" SET name = 'x', updated_at = '2001-01-01' WHERE user_id = 900001;
UPDATE netra.supply_catalog SET name = 'x', updated_at = '2001-01-01' WHERE user_id = 900001;
UPDATE netra.api_keys SET name = 'x', updated_at = '2001-01-01' WHERE id = 'c5000000-0000-4000-8000-000000000001';
SELECT is(updated_at, now(), tab || ' keeps the time of its last change')
FROM (
  SELECT 'users', updated_at FROM netra.users WHERE id = 900001
  UNION ALL SELECT 'threads', updated_at FROM netra.threads WHERE user_id = 900001
  UNION ALL SELECT 'messages', updated_at FROM netra.messages WHERE id = 'c1000000-0000-4000-8000-000000000001'
  UNION ALL SELECT 'runs', updated_at FROM netra.runs WHERE user_id = 900001
  UNION ALL SELECT 'references', updated_at FROM netra."references" WHERE user_id = 900001
  UNION ALL SELECT 'supply_catalog', updated_at FROM netra.supply_catalog WHERE user_id = 900001
  UNION ALL SELECT 'api_keys', updated_at FROM netra.api_keys WHERE id = 'c5000000-0000-4000-8000-000000000001'
) AS changed (tab, updated_at);

-- Before a user is known.
SELECT is(
  pg_temp.value_for('daybreak_service', '{}', format('SELECT id FROM netra.user_for_sign_in(%L)', address)),
  outcome, 'sign-in: ' || what)
FROM (VALUES
  ('one@rules.test', '900001', 'an active user'), ('gone@rules.test', 'NULL', 'nobody who is blocked'),
  ('%', 'NULL', 'no pattern'), ('ONE@rules.test', 'NULL', 'the exact address'), ('', 'NULL', 'nobody without one')
) AS attempts (address, outcome, what);
SELECT is(
  pg_temp.value_for('daybreak_service', '{}', format('SELECT netra.user_named(%L)', address)), outcome, 'lookup: ' || what)
FROM (VALUES ('one@rules.test', '900001', 'an active user'), ('gone@rules.test', 'NULL', 'nobody who is blocked'),
  ('nobody@rules.test', 'NULL', 'nobody who is not there')) AS attempts (address, outcome, what);
SELECT is(
  pg_temp.value_for('daybreak_service', '{}', format('SELECT user_id || '' '' || key_hash FROM netra.api_key_candidates(%L)', prefix)),
  outcome, 'prefix: ' || what)
FROM (VALUES
  ('dbk_c5000000000040008000000000000001', '900001 ' || encode(sha256('rules1'), 'hex'), 'one that never expires'),
  ('dbk_c5000000000040008000000000000003', 'NULL', 'none that has expired'),
  ('dbk_c5000000000040008000000000000004', 'NULL', 'none that is revoked'),
  ('dbk_c5000000000040008000000000000005', 'NULL', 'none of a blocked user'),
  ('dbk_C5000000000040008000000000000001', 'NULL', 'none by another spelling'),
  ('dbk_%', 'NULL', 'no pattern'), ('', 'NULL', 'none without one'), (NULL, 'NULL', 'none for NULL')
) AS attempts (prefix, outcome, what);
UPDATE netra.api_keys SET metadata = '{"scopes": ["read", "write"]}' WHERE id = 'c5000000-0000-4000-8000-000000000001';
SELECT is(
  pg_temp.value_for('daybreak_service', '{}', $$SELECT scopes FROM netra.api_key_candidates('dbk_c5000000000040008000000000000001')$$),
  '{read,write}', 'scopes of a key');
SELECT is(
  pg_temp.value_for('daybreak_service', '{}', format('SELECT user_id FROM netra.user_for_api_key(%L)', encode(sha256(secret::bytea), 'hex'))),
  outcome, 'key: ' || what)
FROM (VALUES
  ('rules1', '900001', 'one that never expires'), ('rules2', '900001', 'one that expires later'),
  ('rules3', 'NULL', 'none that has expired'), ('rules4', 'NULL', 'none that is revoked'),
  ('rules5', 'NULL', 'none of a blocked user'), ('other', 'NULL', 'none that is not there')
) AS attempts (secret, outcome, what);
SELECT is(
  pg_temp.probe('daybreak_reader', '{"netra.user_id": "900001"}', statement), '42501', 'not for readers: ' || statement)
FROM (VALUES ($$SELECT * FROM netra.user_for_sign_in('one@rules.test')$$),
  ($$SELECT * FROM netra.user_for_api_key('x')$$), ($$SELECT * FROM netra.api_key_candidates('x')$$),
  ($$SELECT netra.user_named('one@rules.test')$$), ('SELECT netra.refresh_run_daily()')) AS t (statement);
SELECT is(
  pg_temp.probe('pg_read_all_settings', '{"netra.user_id": "900001"}', format('SELECT %s', call)), '42501',
  'not for a role that was given nothing: ' || call)
FROM unnest(ARRAY['netra.is_superuser()', 'netra.current_user_id()', $$netra.user_for_sign_in('x')$$,
  'netra.report_supply()', 'netra.report_activity(now(), now())', 'netra.refresh_run_daily()',
  'netra.search_references(ARRAY[]::real[])']) AS call;

-- Whoever may change keys may not change what they are.
SELECT is(
  pg_temp.probe('daybreak_service', '{"netra.user_id": "900001"}',
    format('UPDATE netra.api_keys SET %s WHERE id = ''c5000000-0000-4000-8000-000000000001''', change)), outcome,
  'a key''s owner sets ' || change)
FROM (VALUES ('is_active = false', '1 row'), ('last_used_at = now()', '1 row'), ('expires_at = now()', '1 row'),
  (format('key_hash = %L', repeat('a', 64)), '42501'), ('user_id = 900001', '42501')) AS t (change, outcome);

-- A user takes along what is the user's own; what is shared or audited stays, without the name.
SET LOCAL ROLE daybreak_service;
SET LOCAL netra.user_id = '900001';
DELETE FROM netra.users WHERE id = 900001;
RESET ROLE;
SELECT is(left_over, 0::bigint, tab || ' goes with its user')
FROM (
  SELECT 'threads', count(*) FROM netra.threads WHERE id = 'c0000000-0000-4000-8000-000000000001'
  UNION ALL SELECT 'messages', count(*) FROM netra.messages WHERE id = 'c1000000-0000-4000-8000-000000000001'
  UNION ALL SELECT 'runs', count(*) FROM netra.runs WHERE id = 'c2000000-0000-4000-8000-000000000001'
  UNION ALL SELECT 'references', count(*) FROM netra."references" WHERE id = 'c3000000-0000-4000-8000-000000000001'
  UNION ALL SELECT 'api_keys', count(*) FROM netra.api_keys WHERE user_id = 900001
) AS counted (tab, left_over);
SELECT is(
  (SELECT count(*) FROM netra.audit_logs WHERE action = 'rules.login' AND user_id IS NULL), 1::bigint,
  'an audit entry outlives its user');
SELECT results_eq(
  $$SELECT user_id, is_active FROM netra.supply_catalog WHERE id = 'c4000000-0000-4000-8000-000000000001'$$,
  $$VALUES (NULL::integer, false)$$, 'an item that lost its user is inactive');
SELECT is(
  pg_temp.probe('daybreak_service', '{"netra.user_id": "900002"}',
    'SELECT FROM netra.supply_catalog WHERE id = ''c4000000-0000-4000-8000-000000000001'''), '0 rows',
  'no other user sees an item that lost its user');
INSERT INTO netra.supply_catalog (id, user_id, name, category, specifications)
VALUES ('c4000000-0000-4000-8000-000000000002', 900002, 's', 'compute', '{}');
UPDATE netra.supply_catalog SET user_id = NULL WHERE id = 'c4000000-0000-4000-8000-000000000002';
SELECT is(
  (SELECT is_active FROM netra.supply_catalog WHERE id = 'c4000000-0000-4000-8000-000000000002'), true,
  'an item that is shared on purpose stays active');

-- A thread's runs outlive it.
INSERT INTO netra.threads (id, user_id) VALUES ('c0000000-0000-4000-8000-000000000002', 900002);
INSERT INTO netra.runs (id, user_id, thread_id, input_data)
VALUES ('c2000000-0000-4000-8000-000000000002', 900002, 'c0000000-0000-4000-8000-000000000002', '{}');
DELETE FROM netra.threads WHERE id = 'c0000000-0000-4000-8000-000000000002';
SELECT results_eq(
  $$SELECT user_id, thread_id FROM netra.runs WHERE id = 'c2000000-0000-4000-8000-000000000002'$$,
  $$VALUES (900002, NULL::uuid)$$, 'a run outlives its thread');

SELECT * FROM finish();
ROLLBACK;
