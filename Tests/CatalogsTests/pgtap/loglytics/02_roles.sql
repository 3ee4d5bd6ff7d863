-- Who may do what: every table, every verb, for the owner of a project, an admin, an editor, a viewer,
-- a stranger, and a transaction that has set no user.
\ir ../common/probe.sql
BEGIN;
SELECT no_plan();

-- Five people, and a project of Olga's that is shared with all but the stranger. Sam's own project
-- must stay his.
CREATE TEMPORARY TABLE people (name text, id uuid);
INSERT INTO people VALUES
  ('owner', '00000000-0000-4000-8000-000000000001'), ('admin', '00000000-0000-4000-8000-000000000002'),
  ('editor', '00000000-0000-4000-8000-000000000003'), ('viewer', '00000000-0000-4000-8000-000000000004'),
  ('stranger', '00000000-0000-4000-8000-000000000005'), ('nobody', NULL);
GRANT SELECT ON people TO PUBLIC;
INSERT INTO loglytics.users (id, email, password_hash)
SELECT id, name || '@roles.test', '$argon2id$x' FROM people WHERE id IS NOT NULL;
INSERT INTO loglytics.projects (id, user_id, name)
SELECT 'a0000000-0000-4000-8000-000000000001', id, 'shared' FROM people WHERE name = 'owner';
INSERT INTO loglytics.projects (id, user_id, name)
SELECT 'a0000000-0000-4000-8000-000000000002', id, 'private' FROM people WHERE name = 'stranger';
INSERT INTO loglytics.project_shares (id, project_id, shared_by_user_id, shared_with_user_id, role)
SELECT CASE name WHEN 'viewer' THEN '50000000-0000-4000-8000-000000000001'
    WHEN 'admin' THEN '50000000-0000-4000-8000-000000000002' ELSE gen_random_uuid() END::uuid,
  'a0000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000001', id,
  name::loglytics.share_role
FROM people WHERE name IN ('admin', 'editor', 'viewer');

-- One row of the owner's (…1) and one of the editor's (…3) in every table that belongs to a project.
CREATE FUNCTION pg_temp.fill(person uuid, ending text, project uuid) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  file constant uuid := ('f0000000-0000-4000-8000-00000000000' || ending)::uuid;
  chat constant uuid := ('c0000000-0000-4000-8000-00000000000' || ending)::uuid;
  embedding constant real[] := array_fill(0.1::real, ARRAY[384]);
BEGIN
  INSERT INTO loglytics.chats (id, project_id, user_id, title) VALUES (chat, project, person, 'c');
  INSERT INTO loglytics.messages (id, chat_id, role, content)
  VALUES (('e0000000-0000-4000-8000-00000000000' || ending)::uuid, chat, 'user', 'hello');
  INSERT INTO loglytics.log_files (id, project_id, user_id, filename, upload_status)
  VALUES (file, project, person, 'a.log', 'completed');
  INSERT INTO loglytics.log_entries (id, log_file_id, project_id, user_id, "timestamp", log_level, message)
  VALUES (('e1000000-0000-4000-8000-00000000000' || ending)::uuid, file, project, person,
    '2025-11-17 12:00:00+00', 'ERROR', 'it failed');
  INSERT INTO loglytics.rag_vectors (id, project_id, user_id, log_file_id, content, embedding)
  VALUES (('e2000000-0000-4000-8000-00000000000' || ending)::uuid, project, person, file, 'x', embedding);
  INSERT INTO loglytics.analytics_cache (id, project_id, user_id, log_file_id, analytics_type, analytics_data)
  VALUES (('e3000000-0000-4000-8000-00000000000' || ending)::uuid, project, person, file, 'overview', '{}');
  INSERT INTO loglytics.live_log_connections
    (id, project_id, user_id, connection_name, cloud_provider, connection_config)
  VALUES (('e4000000-0000-4000-8000-00000000000' || ending)::uuid, project, person, 'cloud', 'aws',
    '{"alg": "AES-256-GCM", "nonce": "AAAAAAAAAAAAAAAA", "ct": "AAAAAAAAAAAAAAAAAAAAAAAA"}');
  INSERT INTO loglytics.alerts (id, user_id, project_id, alert_type, severity, message)
  VALUES (('e5000000-0000-4000-8000-00000000000' || ending)::uuid, person, project, 'anomaly', 'high', 'a');
  INSERT INTO loglytics.webhooks (id, user_id, project_id, url, secret_key)
  VALUES (('e6000000-0000-4000-8000-00000000000' || ending)::uuid, person, project, 'https://a.test', 's');
  INSERT INTO loglytics.api_keys (id, user_id, key_hash, name)
  VALUES (('e7000000-0000-4000-8000-00000000000' || ending)::uuid, person,
    encode(sha256(ending::bytea), 'hex'), 'k');
  INSERT INTO loglytics.audit_logs (id, user_id, action, resource_type)
  VALUES (('e8000000-0000-4000-8000-00000000000' || ending)::uuid, person, 'login', 'user');
  INSERT INTO loglytics.usage_tracking (id, user_id, date)
  VALUES (('e9000000-0000-4000-8000-00000000000' || ending)::uuid, person, '2025-11-17');
END
$$;
SELECT pg_temp.fill('00000000-0000-4000-8000-000000000001', '1', 'a0000000-0000-4000-8000-000000000001');
SELECT pg_temp.fill('00000000-0000-4000-8000-000000000003', '3', 'a0000000-0000-4000-8000-000000000001');
SELECT pg_temp.fill('00000000-0000-4000-8000-000000000005', '5', 'a0000000-0000-4000-8000-000000000002');

CREATE FUNCTION pg_temp.as_person(person text, statement text, as_role text DEFAULT 'daybreak_service')
RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.probe(as_role,
    jsonb_build_object('app.current_user_id', coalesce((SELECT id::text FROM people WHERE name = person), '')),
    statement)
$$;

-- The owner's row of each table, how somebody would add one of his own to the shared project, and how
-- he would change the owner's.
CREATE TEMPORARY TABLE tables (tab text, id text, addition text, change text);
INSERT INTO tables VALUES
  ('users', '00000000-0000-4000-8000-000000000001',
    $$(email, password_hash) VALUES ('x@roles.test', 'x')$$, $$full_name = 'x'$$),
  ('api_keys', 'e7000000-0000-4000-8000-000000000001',
    $$(user_id, key_hash, name) VALUES (auth.uid(), encode(sha256('x'), 'hex'), 'x')$$, $$name = 'x'$$),
  ('audit_logs', 'e8000000-0000-4000-8000-000000000001',
    $$(user_id, action, resource_type) VALUES (auth.uid(), 'x', 'x')$$, $$action = 'x'$$),
  ('usage_tracking', 'e9000000-0000-4000-8000-000000000001',
    $$(user_id, date) VALUES (auth.uid(), '2025-11-18')$$, 'api_calls_count = 9'),
  ('projects', 'a0000000-0000-4000-8000-000000000001',
    $$(user_id, name) VALUES (auth.uid(), 'x')$$, $$name = 'x'$$),
  ('project_shares', '50000000-0000-4000-8000-000000000001',
    $$(project_id, shared_by_user_id, shared_with_user_id, role) VALUES
      ('a0000000-0000-4000-8000-000000000001', auth.uid(), '00000000-0000-4000-8000-000000000005', 'editor')$$,
    $$role = 'editor'$$),
  ('chats', 'c0000000-0000-4000-8000-000000000001',
    $$(project_id, user_id, title) VALUES ('a0000000-0000-4000-8000-000000000001', auth.uid(), 'x')$$,
    $$title = 'x'$$),
  ('messages', 'e0000000-0000-4000-8000-000000000001',
    $$(chat_id, role, content) VALUES ('c0000000-0000-4000-8000-000000000001', 'user', 'x')$$,
    $$content = 'x'$$),
  ('log_files', 'f0000000-0000-4000-8000-000000000001',
    $$(project_id, user_id, filename) VALUES ('a0000000-0000-4000-8000-000000000001', auth.uid(), 'x')$$,
    $$filename = 'x'$$),
  ('log_entries', 'e1000000-0000-4000-8000-000000000001',
    $$(log_file_id, project_id, user_id, "timestamp", message) VALUES ('f0000000-0000-4000-8000-000000000001',
      'a0000000-0000-4000-8000-000000000001', auth.uid(), '2025-11-17 13:00:00+00', 'x')$$,
    $$message = 'x'$$),
  ('rag_vectors', 'e2000000-0000-4000-8000-000000000001',
    $$(project_id, user_id, content, embedding) VALUES ('a0000000-0000-4000-8000-000000000001', auth.uid(), 'x',
      array_fill(0.2::real, ARRAY[384]))$$, $$content = 'x'$$),
  ('analytics_cache', 'e3000000-0000-4000-8000-000000000001',
    $$(project_id, user_id, log_file_id, analytics_type, analytics_data) VALUES
      ('a0000000-0000-4000-8000-000000000001', auth.uid(), 'f0000000-0000-4000-8000-000000000001', 'errors',
      '{}')$$, $$analytics_data = '{"x": 1}'$$),
  ('live_log_connections', 'e4000000-0000-4000-8000-000000000001',
    $$(project_id, user_id, connection_name, cloud_provider, connection_config) VALUES
      ('a0000000-0000-4000-8000-000000000001', auth.uid(), 'x', 'gcp',
      '{"alg": "AES-256-GCM", "nonce": "AAAAAAAAAAAAAAAA", "ct": "AAAAAAAAAAAAAAAAAAAAAAAA"}')$$,
    $$status = 'paused'$$),
  ('alerts', 'e5000000-0000-4000-8000-000000000001',
    $$(user_id, project_id, alert_type, severity, message) VALUES (auth.uid(),
      'a0000000-0000-4000-8000-000000000001', 'anomaly', 'low', 'x')$$, 'is_read = true'),
  ('webhooks', 'e6000000-0000-4000-8000-000000000001',
    $$(user_id, project_id, url) VALUES (auth.uid(), 'a0000000-0000-4000-8000-000000000001', 'https://x.test')$$,
    'is_active = false');

-- Rows touched, or - where row-level security or a missing right refuses, for, in this order:
-- owner, admin, editor, viewer, stranger, nobody.
CREATE TEMPORARY TABLE expected (tab text, verb text, outcomes text);
INSERT INTO expected VALUES
  ('users', 'SELECT', '100000'), ('users', 'INSERT', '------'),
  ('users', 'UPDATE', '100000'), ('users', 'DELETE', '100000'),
  ('api_keys', 'SELECT', '100000'), ('api_keys', 'INSERT', '11111-'),
  ('api_keys', 'UPDATE', '100000'), ('api_keys', 'DELETE', '------'),
  ('audit_logs', 'SELECT', '100000'), ('audit_logs', 'INSERT', '11111-'),
  ('audit_logs', 'UPDATE', '------'), ('audit_logs', 'DELETE', '------'),
  ('usage_tracking', 'SELECT', '100000'), ('usage_tracking', 'INSERT', '11111-'),
  ('usage_tracking', 'UPDATE', '100000'), ('usage_tracking', 'DELETE', '------'),
  ('projects', 'SELECT', '111100'), ('projects', 'INSERT', '11111-'),
  ('projects', 'UPDATE', '110000'), ('projects', 'DELETE', '100000'),
  ('project_shares', 'SELECT', '110100'), ('project_shares', 'INSERT', '11----'),
  ('project_shares', 'UPDATE', '110000'), ('project_shares', 'DELETE', '110100'),
  ('chats', 'SELECT', '111100'), ('chats', 'INSERT', '111---'),
  ('chats', 'UPDATE', '111000'), ('chats', 'DELETE', '110000'),
  ('messages', 'SELECT', '111100'), ('messages', 'INSERT', '111---'),
  ('messages', 'UPDATE', '111000'), ('messages', 'DELETE', '110000'),
  ('log_files', 'SELECT', '111100'), ('log_files', 'INSERT', '111---'),
  ('log_files', 'UPDATE', '111000'), ('log_files', 'DELETE', '110000'),
  ('log_entries', 'SELECT', '111100'), ('log_entries', 'INSERT', '111---'),
  ('log_entries', 'UPDATE', '111000'), ('log_entries', 'DELETE', '110000'),
  ('rag_vectors', 'SELECT', '111100'), ('rag_vectors', 'INSERT', '111---'),
  ('rag_vectors', 'UPDATE', '111000'), ('rag_vectors', 'DELETE', '110000'),
  ('analytics_cache', 'SELECT', '111100'), ('analytics_cache', 'INSERT', '111---'),
  ('analytics_cache', 'UPDATE', '111000'), ('analytics_cache', 'DELETE', '110000'),
  ('live_log_connections', 'SELECT', '111100'), ('live_log_connections', 'INSERT', '11----'),
  ('live_log_connections', 'UPDATE', '110000'), ('live_log_connections', 'DELETE', '110000'),
  ('alerts', 'SELECT', '100000'), ('alerts', 'INSERT', '1111--'),
  ('alerts', 'UPDATE', '100000'), ('alerts', 'DELETE', '100000'),
  ('webhooks', 'SELECT', '110000'), ('webhooks', 'INSERT', '11----'),
  ('webhooks', 'UPDATE', '110000'), ('webhooks', 'DELETE', '110000');

CREATE FUNCTION pg_temp.statement(verb text, t tables) RETURNS text LANGUAGE sql AS $$
  SELECT CASE verb
    WHEN 'SELECT' THEN format('SELECT id FROM loglytics.%I WHERE id = %L', t.tab, t.id)
    WHEN 'INSERT' THEN format('INSERT INTO loglytics.%I %s', t.tab, t.addition)
    WHEN 'UPDATE' THEN format('UPDATE loglytics.%I SET %s WHERE id = %L', t.tab, t.change, t.id)
    WHEN 'DELETE' THEN format('DELETE FROM loglytics.%I WHERE id = %L', t.tab, t.id) END
$$;
SELECT is(
  pg_temp.as_person(people.name, pg_temp.statement(e.verb, t)),
  CASE substr(e.outcomes, place::integer, 1) WHEN '-' THEN '42501' WHEN '1' THEN '1 row' ELSE '0 rows' END,
  format('%s: %s by %s', e.tab, e.verb, people.name))
FROM expected AS e JOIN tables AS t USING (tab),
  unnest(ARRAY['owner', 'admin', 'editor', 'viewer', 'stranger', 'nobody']) WITH ORDINALITY AS people (name, place)
ORDER BY e.tab, e.verb, place;
SELECT is(
  (SELECT count(DISTINCT (tab, verb)) FROM expected), 60::bigint, 'that was every verb on fifteen tables');

-- Readers read, what the person may see, and do nothing else.
SELECT is(
  pg_temp.as_person(person, pg_temp.statement(verb, t), 'daybreak_reader'),
  CASE WHEN verb <> 'SELECT' THEN '42501' WHEN person = 'owner' THEN '1 row' ELSE '0 rows' END,
  format('%s: %s by %s as daybreak_reader', t.tab, verb, person))
FROM tables AS t, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS verb,
  unnest(ARRAY['owner', 'stranger']) AS person
WHERE verb = 'SELECT' OR person = 'owner'
ORDER BY t.tab, verb, person;
SELECT is(
  pg_temp.as_person('owner', format('SELECT %I FROM loglytics.%I', col, tab), 'daybreak_reader'), '42501',
  format('readers do not see %s.%s', tab, col))
FROM (VALUES ('users', 'password_hash'), ('api_keys', 'key_hash'), ('webhooks', 'secret_key'),
  ('live_log_connections', 'connection_config')) AS secrets (tab, col);

-- The owner of the tables, whom FORCE binds, changes nothing; a login without the roles sees nothing.
SELECT is(
  pg_temp.as_person('owner', pg_temp.statement(verb, t), 'daybreak_owner'),
  CASE WHEN verb = 'INSERT' THEN '42501' ELSE '0 rows' END,
  format('%s: %s by the owner of the table', t.tab, verb))
FROM tables AS t, unnest(ARRAY['INSERT', 'UPDATE', 'DELETE']) AS verb
ORDER BY t.tab, verb;
SELECT is(
  pg_temp.as_person('owner', pg_temp.statement('SELECT', t), 'pg_read_all_settings'), '42501',
  format('%s: not for a role that was given nothing', t.tab))
FROM tables AS t ORDER BY t.tab;

-- An editor deletes what is of his own making.
SELECT is(
  pg_temp.as_person('editor', format('DELETE FROM loglytics.%I WHERE id = %L', tab,
    left(id, -1) || '3')), '1 row', format('%s: an editor deletes his own', tab))
FROM tables
WHERE tab IN ('chats', 'messages', 'log_files', 'log_entries', 'rag_vectors', 'analytics_cache', 'alerts')
ORDER BY tab;

-- Nobody writes in another's name, moves a row to another project, or hangs it on another project's.
SELECT is(
  pg_temp.as_person('editor', format('INSERT INTO loglytics.%I %s', tab,
    replace(addition, 'auth.uid()', quote_literal('00000000-0000-4000-8000-000000000001')))), '42501',
  format('%s: not in another''s name', tab))
FROM tables WHERE addition LIKE '%auth.uid()%' ORDER BY tab;
SELECT is(
  pg_temp.as_person('editor', format('UPDATE loglytics.%I SET user_id = %L WHERE id = %L', tab,
    '00000000-0000-4000-8000-000000000003', id)), '42501', format('%s: nobody takes a row over', tab))
FROM tables
WHERE tab IN ('chats', 'log_files', 'log_entries', 'rag_vectors', 'analytics_cache') ORDER BY tab;
SELECT is(
  pg_temp.as_person('admin', format('UPDATE loglytics.%I SET project_id = %L WHERE id = %L', tab,
    'a0000000-0000-4000-8000-000000000002', id)), '42501', format('%s: nobody moves a row', tab))
FROM tables
WHERE tab IN ('chats', 'log_files', 'log_entries', 'rag_vectors', 'analytics_cache', 'live_log_connections',
  'webhooks', 'project_shares') ORDER BY tab;
SELECT is(
  pg_temp.as_person('admin', $$UPDATE loglytics.projects SET user_id = auth.uid()
    WHERE id = 'a0000000-0000-4000-8000-000000000001'$$), '42501', 'an admin does not become the owner');
SELECT is(
  pg_temp.as_person('owner', format(statement, 'f0000000-0000-4000-8000-000000000005')), '23503',
  format('%s: not on a file of another project', tab))
FROM (VALUES
  ('log_entries', $$INSERT INTO loglytics.log_entries (log_file_id, project_id, user_id, "timestamp", message)
    VALUES (%L, 'a0000000-0000-4000-8000-000000000001', auth.uid(), '2025-11-17 13:00:00+00', 'x')$$),
  ('rag_vectors', $$INSERT INTO loglytics.rag_vectors (log_file_id, project_id, user_id, content, embedding)
    VALUES (%L, 'a0000000-0000-4000-8000-000000000001', auth.uid(), 'x', array_fill(0.2::real, ARRAY[384]))$$),
  ('analytics_cache', $$INSERT INTO loglytics.analytics_cache
    (log_file_id, project_id, user_id, analytics_type, analytics_data)
    VALUES (%L, 'a0000000-0000-4000-8000-000000000001', auth.uid(), 'x', '{}')$$)) AS attempts (tab, statement);
SELECT is(
  pg_temp.as_person('editor', $$INSERT INTO loglytics.messages (chat_id, role, content)
    VALUES ('c0000000-0000-4000-8000-000000000005', 'user', 'x')$$), '42501',
  'no message into a chat of another project');

-- Sharing: admins let viewers and editors in, only the owner makes or removes admins.
SELECT is(pg_temp.as_person('admin', $$INSERT INTO loglytics.project_shares
    (project_id, shared_by_user_id, shared_with_user_id, role) VALUES ('a0000000-0000-4000-8000-000000000001',
    auth.uid(), '00000000-0000-4000-8000-000000000005', 'admin')$$), '42501', 'an admin makes no admin');
SELECT is(pg_temp.as_person('owner', $$INSERT INTO loglytics.project_shares
    (project_id, shared_by_user_id, shared_with_user_id, role) VALUES ('a0000000-0000-4000-8000-000000000001',
    auth.uid(), '00000000-0000-4000-8000-000000000005', 'admin')$$), '1 row', 'the owner does');
SELECT is(pg_temp.as_person('admin', $$UPDATE loglytics.project_shares SET role = 'admin'
    WHERE id = '50000000-0000-4000-8000-000000000001'$$), '42501', 'an admin promotes nobody to admin');
SELECT is(pg_temp.as_person('owner', $$UPDATE loglytics.project_shares SET role = 'viewer'
    WHERE id = '50000000-0000-4000-8000-000000000002'$$), '1 row', 'the owner demotes an admin');
SELECT is(pg_temp.as_person('editor', $$UPDATE loglytics.project_shares SET role = 'admin'
    WHERE shared_with_user_id = auth.uid()$$), '0 rows', 'an editor does not promote himself');
SELECT is(pg_temp.as_person('stranger', $$INSERT INTO loglytics.project_shares
    (project_id, shared_by_user_id, shared_with_user_id, role) VALUES ('a0000000-0000-4000-8000-000000000001',
    '00000000-0000-4000-8000-000000000001', auth.uid(), 'viewer')$$), '42501', 'a stranger does not invite himself');

-- Signing up: a person writes his own row first.
SELECT is(
  pg_temp.probe('daybreak_service', '{"app.current_user_id": "00000000-0000-4000-8000-00000000000a"}',
    $$INSERT INTO loglytics.users (id, email, password_hash)
      VALUES ('00000000-0000-4000-8000-00000000000a', 'new@roles.test', 'x') RETURNING id$$),
  '1 row', 'somebody new writes his own row');
SELECT is(
  pg_temp.as_person('owner', $$INSERT INTO loglytics.projects (user_id, name) VALUES (auth.uid(), 'x') RETURNING id$$),
  '1 row', 'a new project is seen by who made it, at once');
SELECT is(
  pg_temp.probe('daybreak_service', '{"app.current_user_id": ""}', 'SELECT id FROM loglytics.users'), '0 rows',
  'an empty setting, as it is after the end of a transaction, is nobody');

-- The parts of log_entries cannot be read past the policies.
SELECT is(
  pg_temp.as_person('stranger', format('SELECT * FROM %s', part), role), '42501',
  format('%s does not enter the parts of log_entries', role))
FROM (SELECT min(inhrelid::regclass::text) AS part FROM pg_inherits
  WHERE inhparent = 'loglytics.log_entries'::regclass) AS parts,
  unnest(ARRAY['daybreak_service', 'daybreak_reader']) AS role;

-- Deleting a person or a project takes everything along, row-level security or not.
SELECT is(pg_temp.value_for('daybreak_service',
    '{"app.current_user_id": "00000000-0000-4000-8000-000000000001"}',
    $$WITH gone AS (DELETE FROM loglytics.projects WHERE id = 'a0000000-0000-4000-8000-000000000001' RETURNING id)
      SELECT count(*) FROM gone$$), '1', 'the owner deletes a project that others have written in');
DELETE FROM loglytics.users WHERE email = 'owner@roles.test';
SELECT is(
  (SELECT count(*) FROM loglytics.log_entries WHERE project_id = 'a0000000-0000-4000-8000-000000000001'), 0::bigint,
  'with a person go the projects and their lines');
SELECT is(
  (SELECT count(*) FROM loglytics.log_entries WHERE project_id = 'a0000000-0000-4000-8000-000000000002'), 1::bigint,
  'and nobody else''s');

SELECT * FROM finish();
ROLLBACK;
