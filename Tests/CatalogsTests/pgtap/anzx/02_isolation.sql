-- Every table, every verb, both roles: of one's own organization, of another's, and with none set.
\ir ../common/probe.sql
BEGIN;
SELECT no_plan();

CREATE FUNCTION pg_temp.id(digit text, ending text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT (digit || '0000000-0000-4000-8000-00000000000' || ending)::uuid
$$;
CREATE FUNCTION pg_temp.fill(e text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO anzx.organizations (id, name) VALUES (pg_temp.id('1', e), 'organization ' || e);
  INSERT INTO anzx.subscriptions (organization_id, stripe_customer_id, plan) VALUES (pg_temp.id('1', e), 'cus', 'pro');
  INSERT INTO anzx.users (id, organization_id, firebase_uid, email)
  VALUES (pg_temp.id('2', e), pg_temp.id('1', e), 'iso' || e, 'iso' || e || '@anzx.test');
  INSERT INTO anzx.audit_logs (id, organization_id, user_id, event_type, action, outcome)
  VALUES (pg_temp.id('3', e), pg_temp.id('1', e), pg_temp.id('2', e), 'auth', 'login', 'success');
  INSERT INTO anzx.assistants (id, organization_id, name, type)
  VALUES (pg_temp.id('4', e), pg_temp.id('1', e), 'a', 'support');
  INSERT INTO anzx.knowledge_sources (id, organization_id, name, type)
  VALUES (pg_temp.id('5', e), pg_temp.id('1', e), 'k', 'text');
  INSERT INTO anzx.documents (id, knowledge_source_id, content, chunk_index)
  VALUES (pg_temp.id('6', e), pg_temp.id('5', e), 'd', 0);
  INSERT INTO anzx.conversations (id, organization_id, user_id, assistant_id)
  VALUES (pg_temp.id('7', e), pg_temp.id('1', e), pg_temp.id('2', e), pg_temp.id('4', e));
  INSERT INTO anzx.messages (id, conversation_id, content, role)
  VALUES (pg_temp.id('8', e), pg_temp.id('7', e), 'm', 'user');
END
$$;
SELECT pg_temp.fill('1');
SELECT pg_temp.fill('2');

-- The first digit of a table's ids, how to add a row to an organization, how to change one.
CREATE TEMPORARY TABLE tables (tab text, key text, digit text, addition text, change text);
INSERT INTO tables VALUES
  ('organizations', 'id', '1', $$(id, name) VALUES (%L, 'x')$$, $$industry = 'x'$$),
  ('subscriptions', 'organization_id', '1', $$(organization_id, stripe_customer_id, plan) VALUES (%L, 'x', 'pro')$$,
    $$status = 'x'$$),
  ('users', 'id', '2', $$(organization_id, firebase_uid, email) VALUES (%L, 'x', 'x@anzx.test')$$, $$display_name = 'x'$$),
  ('audit_logs', 'id', '3', $$(organization_id, event_type, action, outcome) VALUES (%L, 'x', 'x', 'x')$$, $$action = 'x'$$),
  ('assistants', 'id', '4', $$(organization_id, name, type) VALUES (%L, 'x', 'admin')$$, $$name = 'x'$$),
  ('knowledge_sources', 'id', '5', $$(organization_id, name, type) VALUES (%L, 'x', 'url')$$, $$name = 'x'$$),
  ('documents', 'id', '6', $$(organization_id, knowledge_source_id, content, chunk_index)
    VALUES (%L, '50000000-0000-4000-8000-000000000001', 'x', 1)$$, $$content = 'x'$$),
  ('conversations', 'id', '7', $$(organization_id, assistant_id)
    VALUES (%L, '40000000-0000-4000-8000-000000000001')$$, $$title = 'x'$$),
  ('messages', 'id', '8', $$(organization_id, conversation_id, content, role)
    VALUES (%L, '70000000-0000-4000-8000-000000000001', 'x', 'user')$$, $$content = 'x'$$);
-- What the service has no right to, whoever's row it is.
CREATE TEMPORARY TABLE denied (tab text, verb text);
INSERT INTO denied VALUES ('organizations', 'DELETE'), ('audit_logs', 'UPDATE'), ('audit_logs', 'DELETE');

CREATE FUNCTION pg_temp.statement(verb text, t tables, e text) RETURNS text LANGUAGE sql AS $$
  SELECT CASE verb
    WHEN 'SELECT' THEN format('SELECT %1$I FROM anzx.%2$I WHERE %1$I = %3$L', t.key, t.tab, pg_temp.id(t.digit, e))
    WHEN 'INSERT' THEN format('INSERT INTO anzx.%I ', t.tab) || format(t.addition, pg_temp.id('1', e))
    WHEN 'UPDATE' THEN format('UPDATE anzx.%I SET %s WHERE %I = %L', t.tab, t.change, t.key, pg_temp.id(t.digit, e))
    WHEN 'DELETE' THEN format('DELETE FROM anzx.%I WHERE %I = %L', t.tab, t.key, pg_temp.id(t.digit, e)) END
$$;
CREATE FUNCTION pg_temp.as_organization(as_role text, organization text, statement text) RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.probe(as_role, jsonb_build_object('anzx.organization_id', organization), statement)
$$;
SELECT is(
  pg_temp.as_organization(role, organization, pg_temp.statement(verb, t, '1')),
  CASE
    WHEN role = 'daybreak_reader' AND verb <> 'SELECT' THEN '42501'
    WHEN EXISTS (SELECT FROM denied AS d WHERE d.tab = t.tab AND d.verb = verbs.verb) THEN '42501'
    WHEN whose = 'its own' THEN '1 row'
    WHEN verb = 'INSERT' THEN '42501'
    ELSE '0 rows' END,
  format('%s: %s of a row of %s by %s', t.tab, verb, whose, role))
FROM tables AS t, unnest(ARRAY['daybreak_service', 'daybreak_reader']) AS role,
  unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS verbs (verb),
  (VALUES ('its own', '10000000-0000-4000-8000-000000000001'),
    ('another organization', '10000000-0000-4000-8000-000000000002'), ('an organization, with none set,', ''))
    AS cases (whose, organization)
WHERE NOT (t.tab IN ('organizations', 'subscriptions') AND verb = 'INSERT' AND whose = 'its own')
ORDER BY t.tab, role, verb, whose;
SELECT is(
  pg_temp.as_organization('daybreak_service', '10000000-0000-4000-8000-00000000000a',
    $$WITH made AS (INSERT INTO anzx.organizations (id, name) VALUES ('10000000-0000-4000-8000-00000000000a', 'new')
        RETURNING id)
      INSERT INTO anzx.subscriptions (organization_id, stripe_customer_id, plan) SELECT id, 'c', 'pro' FROM made$$),
  '1 row', 'the service makes an organization as the one that it is to be, with its subscription');
-- The owner of the tables, whom FORCE binds, and a role that was given nothing.
SELECT is(
  pg_temp.as_organization('daybreak_owner', '10000000-0000-4000-8000-000000000001', pg_temp.statement(verb, t, '1')),
  CASE WHEN verb = 'INSERT' THEN '42501' WHEN verb = 'SELECT' AND t.tab IN ('organizations', 'users') THEN '1 row'
    ELSE '0 rows' END,
  format('%s: %s by the owner of the table', t.tab, verb))
FROM tables AS t, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS verb
ORDER BY t.tab, verb;
SELECT is(
  pg_temp.as_organization('pg_read_all_settings', '10000000-0000-4000-8000-000000000001',
    pg_temp.statement('SELECT', t, '1')), '42501', format('%s: not for a role that was given nothing', t.tab))
FROM tables AS t ORDER BY t.tab;
SELECT is(
  pg_temp.as_organization('daybreak_service', '10000000-0000-4000-8000-000000000001',
    format('UPDATE anzx.%I SET organization_id = %L', tab, '10000000-0000-4000-8000-000000000002')), '42501',
  tab || ': a row is not given to another organization')
FROM tables WHERE tab NOT IN ('organizations') ORDER BY tab;
SELECT is(
  pg_temp.as_organization('daybreak_service', '10000000-0000-4000-8000-000000000002', pg_temp.statement('INSERT', t, '2')),
  '23503', tab || ': not on a row of another organization')
FROM tables AS t WHERE tab IN ('documents', 'conversations', 'messages') ORDER BY tab;
SELECT isnt(
  pg_temp.as_organization('daybreak_service', '10000000-0000-4000-8000-000000000002', statement), '1 row',
  tab || ': a parent that is not seen gives no organization')
FROM (VALUES
  ('documents', $$INSERT INTO anzx.documents (knowledge_source_id, content, chunk_index)
    VALUES ('50000000-0000-4000-8000-000000000001', 'x', 1)$$),
  ('messages', $$INSERT INTO anzx.messages (conversation_id, content, role)
    VALUES ('70000000-0000-4000-8000-000000000001', 'x', 'user')$$)) AS attempts (tab, statement);
SELECT is(
  pg_temp.as_organization('daybreak_service', '10000000-0000-4000-8000-000000000001',
    $$INSERT INTO anzx.messages (conversation_id, content, role)
      VALUES ('70000000-0000-4000-8000-000000000001', 'x', 'user')$$), '1 row',
  'a message as the originals write it finds its organization');

-- Signing up: a person without an organization sees himself, and nobody else sees him.
CREATE FUNCTION pg_temp.as_person(person text, organization text, statement text) RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.probe('daybreak_service',
    jsonb_build_object('anzx.user_id', person, 'anzx.organization_id', organization), statement)
$$;
SELECT is(pg_temp.as_person('20000000-0000-4000-8000-00000000000a', '', $$INSERT INTO anzx.users (id, firebase_uid, email)
    VALUES ('20000000-0000-4000-8000-00000000000a', 'new', 'new@anzx.test') RETURNING id$$), '1 row', 'somebody signs up');
INSERT INTO anzx.users (id, firebase_uid, email)
VALUES ('20000000-0000-4000-8000-00000000000b', 'loose', 'loose@anzx.test');
SELECT is(pg_temp.as_person(person, organization, $$SELECT id FROM anzx.users WHERE firebase_uid = 'loose'$$), seen,
  format('somebody without an organization: %s', what))
FROM (VALUES ('20000000-0000-4000-8000-00000000000b', '', '1 row', 'sees himself'),
  ('20000000-0000-4000-8000-000000000001', '10000000-0000-4000-8000-000000000001', '0 rows', 'is not seen by others'),
  ('', '', '0 rows', 'is not seen by nobody')) AS cases (person, organization, seen, what);
SELECT is(pg_temp.as_person('20000000-0000-4000-8000-00000000000b', '10000000-0000-4000-8000-000000000001',
    $$UPDATE anzx.users SET organization_id = '10000000-0000-4000-8000-000000000001' WHERE firebase_uid = 'loose'$$), '1 row',
  'and is taken into the current organization');
SELECT is(pg_temp.as_person('20000000-0000-4000-8000-00000000000b', '10000000-0000-4000-8000-000000000001',
    $$UPDATE anzx.users SET organization_id = '10000000-0000-4000-8000-000000000002' WHERE firebase_uid = 'loose'$$), '42501',
  'into no other');

-- Audit rows of no organization are written by all and read by none.
SELECT is(pg_temp.as_organization('daybreak_service', '', $$INSERT INTO anzx.audit_logs (event_type, action, outcome)
    VALUES ('auth', 'login', 'failure')$$), '1 row', 'a failed sign-in is recorded without an organization');
INSERT INTO anzx.audit_logs (event_type, action, outcome) VALUES ('auth', 'iso login', 'failure');
SELECT is(pg_temp.as_organization('daybreak_service', organization,
    $$SELECT id FROM anzx.audit_logs WHERE action = 'iso login'$$), '0 rows', 'and read by none')
FROM unnest(ARRAY['', '10000000-0000-4000-8000-000000000001']) AS organization;

-- Who signs in.
SELECT is(pg_temp.value_for('daybreak_service', '{}', $$SELECT organization_id FROM anzx.user_signed_in('iso1')$$),
  '10000000-0000-4000-8000-000000000001', 'the organization of who signs in');
SELECT is(pg_temp.value_for('daybreak_reader', '{}', $$SELECT organization_id FROM anzx.user_signed_in('iso1')$$), '42501',
  'readers do not sign anybody in');
SELECT is(pg_temp.value_for('daybreak_service', '{}', $$SELECT anzx.organization_named('organization 1')$$),
  '10000000-0000-4000-8000-000000000001', 'an organization is found by name');
INSERT INTO anzx.organizations (name) VALUES ('organization 2');
SELECT is(pg_temp.value_for('daybreak_service', '{}', $$SELECT anzx.organization_named('organization 2')$$), 'NULL',
  'a name that two have finds neither');

SELECT * FROM finish();
ROLLBACK;
