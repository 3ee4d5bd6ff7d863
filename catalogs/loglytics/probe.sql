-- One probe user with a row in every table, to prove isolation: as daybreak_service, in a transaction
-- that is rolled back. daybreak.probe_id is the user's id, and app.current_user_id is set to it. The share
-- goes to the user of daybreak.probe_friend, who is there already, as a viewer; without one there is none.
INSERT INTO loglytics.users (id, email, password_hash)
SELECT p::uuid, p || '@probe.invalid', 'probe' FROM current_setting('daybreak.probe_id') AS p;
INSERT INTO loglytics.api_keys (user_id, key_hash, name)
SELECT p::uuid, encode(sha256(convert_to(p, 'UTF8')), 'hex'), 'probe' FROM current_setting('daybreak.probe_id') AS p;
INSERT INTO loglytics.audit_logs (user_id, action, resource_type) VALUES (auth.uid(), 'probe', 'probe');
INSERT INTO loglytics.usage_tracking (user_id, date) VALUES (auth.uid(), '2000-01-01');
INSERT INTO loglytics.projects (user_id, name) VALUES (auth.uid(), 'probe');
INSERT INTO loglytics.project_shares (project_id, shared_by_user_id, shared_with_user_id, role)
SELECT p.id, p.user_id, friend::uuid, 'viewer'
FROM loglytics.projects AS p, nullif(current_setting('daybreak.probe_friend', true), '') AS friend
WHERE p.user_id = auth.uid() AND friend IS NOT NULL;
INSERT INTO loglytics.chats (project_id, user_id, title)
SELECT p.id, p.user_id, 'probe' FROM loglytics.projects AS p WHERE p.user_id = auth.uid();
INSERT INTO loglytics.messages (chat_id, role, content)
SELECT c.id, 'user', 'probe' FROM loglytics.chats AS c WHERE c.user_id = auth.uid();
INSERT INTO loglytics.log_files (project_id, user_id, filename)
SELECT p.id, p.user_id, 'probe' FROM loglytics.projects AS p WHERE p.user_id = auth.uid();
SELECT loglytics.prepare_log_entries('2000-01-01 00:00:00+00', '2000-01-02 00:00:00+00');
INSERT INTO loglytics.log_entries (log_file_id, project_id, user_id, "timestamp", message)
SELECT f.id, f.project_id, f.user_id, '2000-01-01 12:00:00+00', 'probe' FROM loglytics.log_files AS f
WHERE f.user_id = auth.uid();
INSERT INTO loglytics.rag_vectors (log_file_id, project_id, user_id, content, embedding)
SELECT f.id, f.project_id, f.user_id, 'probe', array_fill(0.1::real, ARRAY[384]) FROM loglytics.log_files AS f
WHERE f.user_id = auth.uid();
INSERT INTO loglytics.analytics_cache (log_file_id, project_id, user_id, analytics_type, analytics_data)
SELECT f.id, f.project_id, f.user_id, 'probe', '{}' FROM loglytics.log_files AS f WHERE f.user_id = auth.uid();
INSERT INTO loglytics.live_log_connections (project_id, user_id, connection_name, cloud_provider, connection_config)
SELECT p.id, p.user_id, 'probe', 'aws',
  '{"alg": "AES-256-GCM", "nonce": "AAAAAAAAAAAAAAAA", "ct": "AAAAAAAAAAAAAAAAAAAAAAAA"}'
FROM loglytics.projects AS p WHERE p.user_id = auth.uid();
INSERT INTO loglytics.alerts (user_id, project_id, alert_type, severity, message)
SELECT p.user_id, p.id, 'anomaly', 'low', 'probe' FROM loglytics.projects AS p WHERE p.user_id = auth.uid();
INSERT INTO loglytics.webhooks (user_id, project_id, url)
SELECT p.user_id, p.id, 'https://probe.invalid' FROM loglytics.projects AS p WHERE p.user_id = auth.uid();
