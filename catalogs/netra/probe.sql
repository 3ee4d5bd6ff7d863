-- One probe user with a row in every table, to prove isolation: as daybreak_service, in a transaction
-- that is rolled back. daybreak.probe_id is the user's id, and netra.user_id is set to it. Only the system
-- registers users, so that setting is given up for the first statement.
SELECT set_config('netra.user_id', '', true), set_config('netra.acts_as_system', 'on', true);
INSERT INTO netra.users (id, email)
SELECT p::integer, 'probe-' || p || '@probe.invalid' FROM current_setting('daybreak.probe_id') AS p;
SELECT set_config('netra.acts_as_system', '', true),
  set_config('netra.user_id', current_setting('daybreak.probe_id'), true);
INSERT INTO netra.api_keys (id, user_id, name, key_hash)
SELECT md5('probe ' || p)::uuid, p::integer, 'probe', encode(sha256(convert_to(p, 'UTF8')), 'hex')
FROM current_setting('daybreak.probe_id') AS p;
INSERT INTO netra.threads (user_id, title) VALUES (netra.current_user_id(), 'probe');
INSERT INTO netra.messages (thread_id, role, content)
SELECT t.id, 'user', 'probe' FROM netra.threads AS t WHERE t.user_id = netra.current_user_id();
INSERT INTO netra.runs (user_id, thread_id, input_data)
SELECT t.user_id, t.id, '{}' FROM netra.threads AS t WHERE t.user_id = netra.current_user_id();
INSERT INTO netra."references" (user_id, name, type) VALUES (netra.current_user_id(), 'probe', 'other');
INSERT INTO netra.supply_catalog (user_id, name, category, specifications)
VALUES (netra.current_user_id(), 'probe', 'probe', '{}');
INSERT INTO netra.audit_logs (user_id, action) VALUES (netra.current_user_id(), 'probe');
