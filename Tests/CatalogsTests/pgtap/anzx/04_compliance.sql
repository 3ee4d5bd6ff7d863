-- Consent, portability, erasure and retention.
\ir ../common/probe.sql
BEGIN;
SELECT no_plan();

CREATE FUNCTION pg_temp.id(digit text, ending text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT (digit || '0000000-0000-4000-8000-00000000000' || ending)::uuid
$$;
INSERT INTO anzx.organizations (id, name) VALUES (pg_temp.id('1', '1'), 'compliance one'), (pg_temp.id('1', '2'), 'two');
INSERT INTO anzx.users (id, organization_id, firebase_uid, email, first_name)
SELECT pg_temp.id('2', n::text), pg_temp.id('1', CASE WHEN n < 3 THEN '1' ELSE '2' END), 'c' || n, 'c' || n || '@anzx.test',
  'Person ' || n FROM generate_series(1, 3) AS n;
INSERT INTO anzx.assistants (id, organization_id, name, type)
SELECT pg_temp.id('4', n::text), pg_temp.id('1', n::text), 'a', 'support' FROM generate_series(1, 2) AS n;
INSERT INTO anzx.conversations (id, organization_id, user_id, assistant_id, title)
SELECT pg_temp.id('7', n::text), u.organization_id, u.id,
  CASE WHEN n < 3 THEN pg_temp.id('4', '1') ELSE pg_temp.id('4', '2') END, 'about ' || u.first_name
FROM generate_series(1, 3) AS n JOIN anzx.users AS u ON u.id = pg_temp.id('2', n::text);
INSERT INTO anzx.messages (conversation_id, content, role)
SELECT pg_temp.id('7', n::text), 'message ' || m, 'user' FROM generate_series(1, 3) AS n, generate_series(1, 2) AS m;
INSERT INTO anzx.audit_logs (organization_id, user_id, event_type, action, outcome, ip_address, details)
SELECT u.organization_id, u.id, 'auth', 'login', 'success', '203.0.113.9', '{"device": "phone"}'
FROM anzx.users AS u WHERE u.firebase_uid IN ('c1', 'c2', 'c3');

CREATE FUNCTION pg_temp.answer(organization text, query text, as_role text DEFAULT 'daybreak_service')
RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.value_for(as_role, jsonb_build_object('anzx.organization_id',
    CASE organization WHEN '' THEN '' ELSE pg_temp.id('1', organization)::text END), query)
$$;

-- Consent is dated and audited, and withdrawn in the same way.
SELECT set_config('anzx.organization_id', pg_temp.id('1', '1')::text, true);
UPDATE anzx.users SET privacy_consent = true WHERE firebase_uid = 'c1';
SELECT is((SELECT privacy_consent_date FROM anzx.users WHERE firebase_uid = 'c1'), now(), 'consent gets its date');
SELECT is((SELECT details FROM anzx.audit_logs WHERE user_id = pg_temp.id('2', '1') AND action = 'consent_changed'),
  '{"privacy_consent": true, "marketing_consent": false}'::jsonb, 'and an audit row');
UPDATE anzx.users SET privacy_consent_date = '2020-01-01' WHERE firebase_uid = 'c1';
UPDATE anzx.users SET privacy_consent = false, marketing_consent = true WHERE firebase_uid = 'c1';
SELECT is((SELECT privacy_consent_date FROM anzx.users WHERE firebase_uid = 'c1'), now(), 'withdrawing is dated as well');
SELECT is((SELECT count(*) FROM anzx.audit_logs WHERE user_id = pg_temp.id('2', '1') AND action = 'consent_changed'),
  2::bigint, 'and audited');
UPDATE anzx.users SET display_name = 'x' WHERE firebase_uid = 'c1';
SELECT is((SELECT count(*) FROM anzx.audit_logs WHERE user_id = pg_temp.id('2', '1') AND action = 'consent_changed'),
  2::bigint, 'other changes are no consent');
SELECT is(pg_temp.value_for('daybreak_service', jsonb_build_object('anzx.organization_id', pg_temp.id('1', '1')),
    $$WITH changed AS (UPDATE anzx.users SET marketing_consent = true WHERE firebase_uid = 'c2' RETURNING id)
      SELECT count(*) FROM changed$$), '1', 'the service changes consent under its policies');
SELECT is(pg_temp.answer('1', $$SELECT format('%s people, %s given, %s withdrawn, %s never, %s marketing without privacy',
    people, privacy_given, privacy_withdrawn, privacy_never, marketing_without_privacy) FROM anzx.consent_report$$, role),
  '2 people, 0 given, 1 withdrawn, 1 never, 1 marketing without privacy', 'the consent report of one organization, for ' || role)
FROM unnest(ARRAY['daybreak_service', 'daybreak_reader']) AS role;
SELECT is(pg_temp.answer('', 'SELECT count(*) FROM anzx.consent_report'), '0', 'and of none without an organization');
SELECT throws_ok($$UPDATE anzx.users SET privacy_consent_date = NULL, privacy_consent = true WHERE firebase_uid = 'c2';
    UPDATE anzx.users SET privacy_consent_date = NULL WHERE firebase_uid = 'c2'$$, '23514', NULL, 'consent keeps its date');

-- Portability.
SELECT is(pg_temp.answer('1', format($$SELECT format('%%s: %%s conversation, %%s messages, %%s audited', d #>> '{user,email}',
    jsonb_array_length(d -> 'conversations'), jsonb_array_length(d #> '{conversations,0,messages}'),
    jsonb_array_length(d -> 'audit_logs')) FROM anzx.export_user_data(%L) AS d$$, pg_temp.id('2', '2'))),
  'c2@anzx.test: 1 conversation, 2 messages, 1 audited', 'everything of one person');
SELECT is(pg_temp.answer('2', format('SELECT anzx.export_user_data(%L)', pg_temp.id('2', '2'))), 'NULL',
  'nothing for another organization');
SELECT is(pg_temp.answer('1', format('SELECT anzx.export_user_data(%L)', pg_temp.id('2', '2')), 'daybreak_reader'), '42501',
  'readers export nobody');

-- Erasure.
SELECT is(pg_temp.answer('2', format('SELECT count(*) FROM anzx.erase_user_data(%L, false)', pg_temp.id('2', '2'))), 'P0002',
  'another organization erases nobody of this one');
SELECT is(pg_temp.answer('', format('SELECT count(*) FROM anzx.erase_user_data(%L, false)', pg_temp.id('2', '2'))), 'P0002',
  'nobody is erased without an organization');
SELECT is(pg_temp.answer('1', format('SELECT count(*) FROM anzx.erase_user_data(%L)', pg_temp.id('2', '2')), 'daybreak_reader'),
  '42501', 'readers erase nobody');
SELECT is(pg_temp.answer('1', format($$SELECT string_agg(format('%%s %%s %%s', action, affected, table_name), ', ')
    FROM anzx.erase_user_data(%L)$$, pg_temp.id('2', '2'))),
  'delete 2 messages, delete 1 conversations, anonymise 1 audit_logs, delete 1 users', 'a dry run says what would go');
SELECT is((SELECT count(*) FROM anzx.users WHERE firebase_uid = 'c2'), 1::bigint, 'and changes nothing');
SET LOCAL ROLE daybreak_service;
SELECT set_config('anzx.organization_id', pg_temp.id('1', '1')::text, true);
SELECT count(*) FROM anzx.erase_user_data(pg_temp.id('2', '2'), false);
RESET ROLE;
SELECT is((SELECT count(*) FROM anzx.users WHERE firebase_uid = 'c2'), 0::bigint, 'the person is gone');
SELECT is((SELECT count(*) FROM anzx.conversations WHERE id = pg_temp.id('7', '2')), 0::bigint, 'with the conversations');
SELECT is((SELECT count(*) FROM anzx.messages WHERE conversation_id = pg_temp.id('7', '2')), 0::bigint, 'and the messages');
SELECT is_empty(
  $$SELECT FROM anzx.audit_logs WHERE organization_id = '10000000-0000-4000-8000-000000000001' AND action = 'login'
    AND user_id IS NULL AND (ip_address IS NOT NULL OR details <> '{}')$$, 'what was audited stays, without who it was');
SELECT is((SELECT count(*) FROM anzx.audit_logs
  WHERE organization_id = '10000000-0000-4000-8000-000000000001' AND action = 'login'), 2::bigint, 'no audit row is lost');
SELECT is((SELECT details FROM anzx.audit_logs WHERE action = 'user_erased' AND resource_id = pg_temp.id('2', '2')::text),
  '{"messages": 2, "audit_logs": 1, "conversations": 1}'::jsonb, 'the erasure is audited');
SELECT is((SELECT count(*) FROM anzx.conversations WHERE id IN (pg_temp.id('7', '1'), pg_temp.id('7', '3'))), 2::bigint,
  'nobody else lost anything');
SELECT is(current_setting('anzx.erased_user_id', true), '', 'the owner''s reach is taken back');
SELECT is(pg_temp.probe('daybreak_service', jsonb_build_object('anzx.organization_id', pg_temp.id('1', '1'),
    'anzx.erased_user_id', pg_temp.id('2', '1')), $$UPDATE anzx.audit_logs SET action = 'x'$$), '42501',
  'the service cannot borrow the owner''s right');

-- Retention: low-risk audit rows and closed conversations, children first, and what must be kept is kept.
INSERT INTO anzx.conversations (id, organization_id, assistant_id, status, ended_at, retain_until)
SELECT pg_temp.id('9', n::text), pg_temp.id('1', '1'), pg_temp.id('4', '1'), CASE n WHEN 3 THEN 'active' ELSE 'closed' END,
  '1990-01-01', CASE n WHEN 2 THEN now() + interval '1 year' END FROM generate_series(1, 3) AS n;
INSERT INTO anzx.messages (conversation_id, content, role)
SELECT pg_temp.id('9', n::text), 'm', 'user' FROM generate_series(1, 3) AS n;
INSERT INTO anzx.audit_logs (organization_id, event_type, action, outcome, risk_level, created_at, retain_until)
VALUES (pg_temp.id('1', '1'), 'r', 'r', 's', 'low', '1990-01-01', NULL),
  (pg_temp.id('1', '1'), 'r', 'r', 's', 'high', '1990-01-01', NULL),
  (pg_temp.id('1', '1'), 'r', 'r', 's', 'low', '1990-01-01', now() + interval '1 year');
CREATE FUNCTION pg_temp.as_owner(cutoff text, statement text) RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.probe('daybreak_owner', jsonb_build_object('daybreak.retention_before', cutoff), statement)
$$;
SELECT is(pg_temp.as_owner(cutoff, 'DELETE FROM anzx.' || tab), CASE cutoff WHEN '1991-01-01' THEN gone ELSE '0 rows' END,
  format('%s: before %s', tab, coalesce(nullif(cutoff, ''), 'nothing')))
FROM unnest(ARRAY['', '1989-01-01', '1991-01-01']) AS cutoff,
  (VALUES ('conversations', '1 row'), ('messages', '1 row'), ('audit_logs', '1 row'), ('users', '0 rows'),
    ('organizations', '0 rows'), ('documents', '0 rows'), ('assistants', '0 rows'), ('knowledge_sources', '0 rows'),
    ('subscriptions', '0 rows')) AS expected (tab, gone);
SELECT is(pg_temp.probe('daybreak_owner', '{}', 'SELECT * FROM anzx.cleanup_old_data(0)'), '22023', 'at least a day is kept');
SELECT is(pg_temp.probe('daybreak_service', '{}', 'SELECT * FROM anzx.cleanup_old_data()'), '42501',
  'the service does not clean up');
SET LOCAL ROLE daybreak_owner;
CREATE TEMPORARY TABLE cleaned AS SELECT * FROM anzx.cleanup_old_data(3650);
RESET ROLE;
SELECT results_eq('SELECT table_name FROM cleaned', ARRAY['messages', 'conversations', 'audit_logs'], 'children go first');
SELECT results_eq('SELECT deleted FROM cleaned', ARRAY[1, 1, 1]::bigint[], 'one of each');
UPDATE anzx.conversations SET status = 'closed', ended_at = NULL WHERE id = pg_temp.id('7', '1');
SELECT is((SELECT ended_at FROM anzx.conversations WHERE id = pg_temp.id('7', '1')), now(), 'closing sets when it ended');

-- Vocabularies that stood in comments.
SELECT throws_ok(format('UPDATE anzx.%I SET %I = ''nonsense''', tab, col), '23514', NULL, format('%s.%s has a vocabulary', tab, col))
FROM (VALUES ('organizations', 'region'), ('organizations', 'subscription_plan'), ('organizations', 'subscription_status'),
  ('users', 'role'), ('assistants', 'type'), ('assistants', 'deployment_status'), ('audit_logs', 'risk_level')) AS v (tab, col);

SELECT * FROM finish();
ROLLBACK;
