-- One probe organization with a row in every table, to prove isolation: as daybreak_service, in a
-- transaction that is rolled back. daybreak.probe_id is its id, and anzx.organization_id is set to it.
INSERT INTO anzx.organizations (id, name)
VALUES (current_setting('daybreak.probe_id')::uuid, 'probe ' || current_setting('daybreak.probe_id'));
INSERT INTO anzx.subscriptions (organization_id, stripe_customer_id, plan)
VALUES (current_setting('daybreak.probe_id')::uuid, 'probe', 'freemium');
INSERT INTO anzx.users (organization_id, firebase_uid, email)
SELECT p::uuid, 'probe ' || p, p || '@probe.invalid' FROM current_setting('daybreak.probe_id') AS p;
INSERT INTO anzx.audit_logs (organization_id, event_type, action, outcome)
VALUES (current_setting('daybreak.probe_id')::uuid, 'probe', 'probe', 'success');
INSERT INTO anzx.assistants (organization_id, name, type)
VALUES (current_setting('daybreak.probe_id')::uuid, 'probe', 'support');
INSERT INTO anzx.knowledge_sources (organization_id, name, type)
VALUES (current_setting('daybreak.probe_id')::uuid, 'probe', 'text');
INSERT INTO anzx.documents (knowledge_source_id, content, chunk_index, embedding)
SELECT s.id, 'probe', 0, array_fill(0.1::real, ARRAY[768]) FROM anzx.knowledge_sources AS s
WHERE s.organization_id = current_setting('daybreak.probe_id')::uuid;
INSERT INTO anzx.conversations (organization_id, assistant_id)
SELECT a.organization_id, a.id FROM anzx.assistants AS a
WHERE a.organization_id = current_setting('daybreak.probe_id')::uuid;
INSERT INTO anzx.messages (conversation_id, content, role)
SELECT c.id, 'probe', 'user' FROM anzx.conversations AS c
WHERE c.organization_id = current_setting('daybreak.probe_id')::uuid;
