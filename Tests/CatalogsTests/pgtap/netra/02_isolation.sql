-- Who may do what: every table, every verb, for the user whose row it is, a stranger, a superuser, the
-- system, and a transaction that has set nobody.
\ir ../common/probe.sql
BEGIN;
SELECT no_plan();

CREATE TEMPORARY TABLE actors (name text, settings jsonb);
INSERT INTO actors VALUES
  ('owner', '{"netra.user_id": "900001"}'), ('stranger', '{"netra.user_id": "900002"}'),
  ('superuser', '{"netra.user_id": "900003"}'),
  ('system', '{"netra.user_id": "", "netra.acts_as_system": "on"}'),
  ('nobody', '{"netra.user_id": ""}');
INSERT INTO netra.users (id, email, is_superuser) VALUES
  (900001, 'owner@isolation.test', false), (900002, 'stranger@isolation.test', false),
  (900003, 'superuser@isolation.test', true);

-- A row of the owner's and one of the stranger's in every table.
CREATE FUNCTION pg_temp.fill(person integer, ending text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  embedding constant real[] := array_fill(0.1::real, ARRAY[1536]);
BEGIN
  INSERT INTO netra.threads (id, user_id, title)
  VALUES (('c0000000-0000-4000-8000-00000000000' || ending)::uuid, person, 't');
  INSERT INTO netra.messages (id, thread_id, role, content)
  VALUES (('c1000000-0000-4000-8000-00000000000' || ending)::uuid,
    ('c0000000-0000-4000-8000-00000000000' || ending)::uuid, 'user', 'hello');
  INSERT INTO netra.runs (id, user_id, thread_id, input_data)
  VALUES (('c2000000-0000-4000-8000-00000000000' || ending)::uuid, person,
    ('c0000000-0000-4000-8000-00000000000' || ending)::uuid, '{}');
  INSERT INTO netra."references" (id, user_id, name, type, embedding)
  VALUES (('c3000000-0000-4000-8000-00000000000' || ending)::uuid, person, 'r', 'document', embedding);
  INSERT INTO netra.supply_catalog (id, user_id, name, category, specifications)
  VALUES (('c4000000-0000-4000-8000-00000000000' || ending)::uuid, person, 's', 'compute', '{}');
  INSERT INTO netra.api_keys (id, user_id, name, key_hash)
  VALUES (('c5000000-0000-4000-8000-00000000000' || ending)::uuid, person, 'k',
    encode(sha256(('isolation' || ending)::bytea), 'hex'));
  INSERT INTO netra.audit_logs (id, user_id, action) VALUES (person, person, 'login');
END
$$;
SELECT pg_temp.fill(900001, '1');
SELECT pg_temp.fill(900002, '2');
INSERT INTO netra.supply_catalog (id, user_id, name, category, specifications)
VALUES ('c4000000-0000-4000-8000-000000000009', NULL, 'shared', 'compute', '{}');

CREATE FUNCTION pg_temp.as_actor(actor text, statement text, as_role text DEFAULT 'daybreak_service')
RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.probe(as_role, settings, statement) FROM actors WHERE name = actor
$$;

-- The owner's row of each table, how an actor would add one of its own, and how it would change the
-- owner's. shared is an item of the supply catalog that belongs to nobody.
CREATE TEMPORARY TABLE tables (subject text, tab text, id text, addition text, change text);
INSERT INTO tables VALUES
  ('users', 'users', '900001', $$(email) VALUES ('x@isolation.test')$$, $$name = 'x'$$),
  ('api_keys', 'api_keys', 'c5000000-0000-4000-8000-000000000001',
    $$(user_id, name, key_hash) VALUES (netra.current_user_id(), 'x', encode(sha256('x'), 'hex'))$$,
    'is_active = false'),
  ('threads', 'threads', 'c0000000-0000-4000-8000-000000000001',
    $$(user_id, title) VALUES (netra.current_user_id(), 'x')$$, $$title = 'x'$$),
  ('messages', 'messages', 'c1000000-0000-4000-8000-000000000001',
    $$(thread_id, role, content) VALUES ('c0000000-0000-4000-8000-000000000001', 'user', 'x')$$,
    $$content = 'x'$$),
  ('runs', 'runs', 'c2000000-0000-4000-8000-000000000001',
    $$(user_id, input_data) VALUES (netra.current_user_id(), '{}')$$, $$status = 'failed'$$),
  ('references', 'references', 'c3000000-0000-4000-8000-000000000001',
    $$(user_id, name, type) VALUES (netra.current_user_id(), 'x', 'other')$$, $$name = 'x'$$),
  ('supply_catalog', 'supply_catalog', 'c4000000-0000-4000-8000-000000000001',
    $$(user_id, name, category, specifications)
      VALUES (coalesce(netra.current_user_id(), 900001), 'x', 'x', '{}')$$,
    $$name = 'x'$$),
  ('shared', 'supply_catalog', 'c4000000-0000-4000-8000-000000000009',
    $$(user_id, name, category, specifications) VALUES (NULL, 'x', 'x', '{}')$$, $$name = 'x'$$),
  ('audit_logs', 'audit_logs', '900001',
    $$(user_id, action) VALUES (netra.current_user_id(), 'x')$$, $$action = 'x'$$);

-- Rows touched, or - where row-level security or a missing right refuses; for, in this order:
-- owner, stranger, superuser, system, nobody.
CREATE TEMPORARY TABLE expected (subject text, verb text, outcomes text);
INSERT INTO expected VALUES
  ('users', 'SELECT', '10100'), ('users', 'INSERT', '--11-'),
  ('users', 'UPDATE', '10100'), ('users', 'DELETE', '10100'),
  ('api_keys', 'SELECT', '10100'), ('api_keys', 'INSERT', '111--'),
  ('api_keys', 'UPDATE', '10100'), ('api_keys', 'DELETE', '10100'),
  ('threads', 'SELECT', '10000'), ('threads', 'INSERT', '111--'),
  ('threads', 'UPDATE', '10000'), ('threads', 'DELETE', '10000'),
  ('messages', 'SELECT', '10000'), ('messages', 'INSERT', '1----'),
  ('messages', 'UPDATE', '10000'), ('messages', 'DELETE', '10000'),
  ('runs', 'SELECT', '10100'), ('runs', 'INSERT', '111--'),
  ('runs', 'UPDATE', '10000'), ('runs', 'DELETE', '10000'),
  ('references', 'SELECT', '10000'), ('references', 'INSERT', '111--'),
  ('references', 'UPDATE', '10000'), ('references', 'DELETE', '10000'),
  ('supply_catalog', 'SELECT', '10000'), ('supply_catalog', 'INSERT', '111--'),
  ('supply_catalog', 'UPDATE', '10000'), ('supply_catalog', 'DELETE', '10000'),
  ('shared', 'SELECT', '11110'), ('shared', 'INSERT', '--11-'),
  ('shared', 'UPDATE', '00110'), ('shared', 'DELETE', '00110'),
  ('audit_logs', 'SELECT', '10100'), ('audit_logs', 'INSERT', '1111-'),
  ('audit_logs', 'UPDATE', '-----'), ('audit_logs', 'DELETE', '-----');

CREATE FUNCTION pg_temp.statement(verb text, t tables) RETURNS text LANGUAGE sql AS $$
  SELECT CASE verb
    WHEN 'SELECT' THEN format('SELECT id FROM netra.%I WHERE id = %L', t.tab, t.id)
    WHEN 'INSERT' THEN format('INSERT INTO netra.%I %s', t.tab, t.addition)
    WHEN 'UPDATE' THEN format('UPDATE netra.%I SET %s WHERE id = %L', t.tab, t.change, t.id)
    WHEN 'DELETE' THEN format('DELETE FROM netra.%I WHERE id = %L', t.tab, t.id) END
$$;
SELECT is(
  pg_temp.as_actor(people.name, pg_temp.statement(e.verb, t)),
  CASE substr(e.outcomes, place::integer, 1) WHEN '-' THEN '42501' WHEN '1' THEN '1 row' ELSE '0 rows' END,
  format('%s: %s by %s', e.subject, e.verb, people.name))
FROM expected AS e JOIN tables AS t USING (subject),
  unnest(ARRAY['owner', 'stranger', 'superuser', 'system', 'nobody']) WITH ORDINALITY AS people (name, place)
ORDER BY e.subject, e.verb, place;
SELECT is(
  (SELECT count(DISTINCT (subject, verb)) FROM expected), 36::bigint,
  'that was every verb on eight tables and on shared items');

-- Readers see what the service sees, and do nothing else.
SELECT is(
  pg_temp.as_actor(people.name, pg_temp.statement(e.verb, t), 'daybreak_reader'),
  CASE WHEN e.verb <> 'SELECT' THEN '42501'
    WHEN substr(e.outcomes, place::integer, 1) = '1' THEN '1 row' ELSE '0 rows' END,
  format('%s: %s by %s as daybreak_reader', e.subject, e.verb, people.name))
FROM expected AS e JOIN tables AS t USING (subject),
  unnest(ARRAY['owner', 'stranger', 'superuser', 'system', 'nobody']) WITH ORDINALITY AS people (name, place)
WHERE e.verb = 'SELECT' OR people.name IN ('owner', 'superuser')
ORDER BY e.subject, e.verb, place;
SELECT is(
  pg_temp.as_actor('superuser', format('SELECT %I FROM netra.%I', col, tab), 'daybreak_reader'), '42501',
  format('readers do not see %s.%s', tab, col))
FROM (VALUES ('users', 'password_hash'), ('users', 'oauth_id'), ('api_keys', 'key_hash'))
  AS secrets (tab, col);

-- The owner of the tables, whom FORCE binds, reads for the summaries and changes nothing; a role that
-- was given nothing sees nothing.
SELECT is(
  pg_temp.as_actor('owner', pg_temp.statement(verb, t), 'daybreak_owner'),
  CASE verb WHEN 'INSERT' THEN '42501' WHEN 'SELECT' THEN '1 row' ELSE '0 rows' END,
  format('%s: %s by the owner of the table', t.subject, verb))
FROM tables AS t, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS verb
ORDER BY t.subject, verb;
SELECT is(
  pg_temp.as_actor('owner', pg_temp.statement(verb, t), 'pg_read_all_settings'), '42501',
  format('%s: %s not for a role that was given nothing', t.subject, verb))
FROM tables AS t, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS verb
ORDER BY t.subject, verb;

-- Nobody writes in another's name, or gives a row away.
SELECT is(
  pg_temp.as_actor(actor, format('INSERT INTO netra.%I %s', tab,
    replace(addition, 'netra.current_user_id()', '900001'))), '42501',
  format('%s: not in another''s name, by %s', subject, actor))
FROM tables, unnest(ARRAY['stranger', 'superuser', 'system']) AS actor
WHERE addition LIKE '%netra.current_user_id()%' ORDER BY subject, actor;
SELECT is(
  pg_temp.as_actor('owner', format('UPDATE netra.%I SET user_id = 900002 WHERE id = %L', tab, id)), '42501',
  format('%s: not given away', subject))
FROM tables WHERE subject NOT IN ('users', 'messages', 'shared') ORDER BY subject;
SELECT is(
  pg_temp.as_actor('owner', format('UPDATE netra.%I SET user_id = NULL WHERE id = %L', tab, id)), '42501',
  format('%s: not made everybody''s', subject))
FROM tables WHERE subject IN ('supply_catalog', 'audit_logs') ORDER BY subject;
SELECT is(
  pg_temp.as_actor('owner', $$UPDATE netra.messages
    SET thread_id = 'c0000000-0000-4000-8000-000000000002' WHERE id = 'c1000000-0000-4000-8000-000000000001'$$),
  '42501', 'messages: not moved to another''s thread');

-- Keys check past policies: a run must not point at another's thread, nor tell that it exists.
SELECT is(
  pg_temp.as_actor('stranger', format('INSERT INTO netra.runs (user_id, thread_id, input_data)
    VALUES (900002, %L, ''{}'')', thread)), '42501', 'runs: ' || what)
FROM (VALUES ('c0000000-0000-4000-8000-000000000001', 'not for another''s thread'),
  ('c0000000-0000-4000-8000-00000000000f', 'no other answer for a thread that is not there')) AS t (thread, what);
SELECT is(
  pg_temp.as_actor('stranger', $$UPDATE netra.runs SET thread_id = 'c0000000-0000-4000-8000-000000000001'
    WHERE id = 'c2000000-0000-4000-8000-000000000002'$$), '42501', 'runs: not moved to another''s thread');

-- Nobody makes a superuser of itself, lets itself in again, or takes the system's place.
SELECT is(
  pg_temp.as_actor(actor, format('UPDATE netra.users SET %s WHERE id = 900001', change)), outcome,
  format('users: %s by %s', change, actor))
FROM (VALUES
  ('owner', 'is_superuser = true', '42501'), ('owner', 'is_active = false', '42501'),
  ('stranger', 'is_superuser = true', '0 rows'), ('superuser', 'is_superuser = true', '1 row'),
  ('superuser', 'is_active = false', '1 row'), ('owner', 'id = 900009', '42501'),
  ('owner', $$created_at = '2000-01-01'$$, '42501'), ('system', 'is_superuser = true', '0 rows')
) AS attempts (actor, change, outcome);
SELECT is(
  pg_temp.probe('daybreak_service', '{"netra.user_id": "900002", "netra.acts_as_system": "on"}', statement),
  outcome, 'a user who sets netra.acts_as_system gains nothing: ' || statement)
FROM (VALUES
  ($$INSERT INTO netra.users (email) VALUES ('x@isolation.test')$$, '42501'),
  ($$INSERT INTO netra.audit_logs (user_id, action) VALUES (NULL, 'x')$$, '42501'),
  ($$UPDATE netra.supply_catalog SET name = 'x' WHERE id = 'c4000000-0000-4000-8000-000000000009'$$, '0 rows'),
  ($$INSERT INTO netra.supply_catalog (name, category, specifications) VALUES ('x', 'x', '{}')$$, '42501'),
  ($$UPDATE netra.users SET is_superuser = true WHERE id = 900002$$, '42501')
) AS attempts (statement, outcome);
SELECT is(
  pg_temp.probe('daybreak_service', '{"netra.user_id": "900004"}',
    'SELECT FROM netra.users WHERE id = 900001'), '0 rows', 'a user that is not there sees nobody');

-- A blocked superuser is none; the setting decides, for its transaction alone.
SET LOCAL netra.acts_as_system = on;
UPDATE netra.users SET is_active = false WHERE id = 900003;
SET LOCAL netra.acts_as_system = off;
SELECT is(
  pg_temp.as_actor('superuser', 'SELECT FROM netra.users WHERE id = 900001'), '0 rows',
  'a superuser who is blocked sees no other user');
SELECT is(
  pg_temp.as_actor('superuser', 'UPDATE netra.users SET is_active = true WHERE id = 900003'), '42501',
  'a superuser who is blocked does not come back by itself');
SELECT is(
  pg_temp.probe('daybreak_service', jsonb_build_object('netra.user_id', value), 'SELECT FROM netra.threads'),
  outcome, what)
FROM (VALUES ('900001 OR true', '22P02', 'a user that is no number is an error'),
  ('-1', '0 rows', 'a negative user has no rows')) AS attempts (value, outcome, what);
SELECT is(netra.current_user_id(), NULL, 'no user is left over from the probes');

-- Every table tells a stranger as many rows as he has.
SELECT is(
  pg_temp.value_for('daybreak_service', '{"netra.user_id": "900002"}', format(
    'SELECT count(*) FROM netra.%I WHERE %s', tab, condition)), '0', tab || ': a stranger counts no row of others')
FROM (VALUES
  ('users', 'id <> 900002'), ('api_keys', 'user_id <> 900002'), ('threads', 'user_id <> 900002'),
  ('messages', $$thread_id <> 'c0000000-0000-4000-8000-000000000002'$$), ('runs', 'user_id <> 900002'),
  ('references', 'user_id <> 900002'), ('supply_catalog', 'user_id <> 900002'),
  ('audit_logs', 'user_id IS DISTINCT FROM 900002')) AS t (tab, condition);

SELECT * FROM finish();
ROLLBACK;
