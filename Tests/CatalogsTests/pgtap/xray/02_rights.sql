-- Who may do what: every table, every verb, for the three roles and for one that was given nothing. There
-- are no tenants here: the whole schema belongs to one operator.
\ir ../common/probe.sql
BEGIN;
SELECT no_plan();

INSERT INTO xray.users (id, email) VALUES (900001, 'rights@xray.test');
INSERT INTO xray.protocols (id, name) VALUES (900001, 'quic');
INSERT INTO xray.endpoints (id, address) VALUES (900001, 'rights.test');
INSERT INTO xray.tags (id, name) VALUES (900001, 'rights');
SELECT xray.prepare_logs('2031-01-01 12:00+00', '2031-01-01 12:00+00');
INSERT INTO xray.logs (id, "timestamp", source_ip, source_port) VALUES (900001, '2031-01-01 12:00+00', '192.0.2.1', 1);
INSERT INTO xray.imports (id, path, device, inode, byte_start, byte_end, content_sha256, time_zone, lines, rows_loaded, lines_unplaced)
OVERRIDING SYSTEM VALUE VALUES (900001, '/x', 1, 1, 0, 1, repeat('a', 64), 'UTC', 1, 0, 1);
INSERT INTO xray.unplaced_lines (import_id, minute, reason, lines) VALUES (900001, NULL, 'unreadable', 1);
INSERT INTO xray.rejections (import_id, minute, reason, lines) VALUES (900001, '2031-01-01 12:00+00', 'x', 1);

CREATE TEMPORARY TABLE tables (tab text, condition text, addition text, change text);
INSERT INTO tables VALUES
  ('users', 'id = 900001', $$(email) VALUES ('new@xray.test')$$, $$email = 'x'$$),
  ('protocols', 'id = 900001', $$(name) VALUES ('sctp')$$, $$name = 'x'$$),
  ('endpoints', 'id = 900001', $$(address) VALUES ('new.test')$$, $$address = 'x'$$),
  ('tags', 'id = 900001', $$(name) VALUES ('new')$$, $$name = 'x'$$),
  ('logs', 'id = 900001', $$("timestamp", source_ip, source_port) VALUES ('2031-01-01 13:00+00', '192.0.2.1', 1)$$,
    $$action = 'x'$$),
  ('imports', 'id = 900001', $$(path, device, inode, byte_start, byte_end, content_sha256, time_zone, lines,
    rows_loaded, lines_unplaced) VALUES ('/y', 1, 1, 0, 1, repeat('b', 64), 'UTC', 0, 0, 0)$$, $$path = '/z'$$),
  ('unplaced_lines', 'import_id = 900001', $$(import_id, minute, reason, lines) VALUES (900001, NULL, 'dns_answer', 1)$$,
    'lines = 2'),
  ('rejections', 'import_id = 900001', $$(import_id, minute, reason, lines) VALUES (900001, '2031-01-01 12:01+00', 'x', 1)$$,
    'lines = 2');
CREATE FUNCTION pg_temp.statement(verb text, t tables) RETURNS text LANGUAGE sql AS $$
  SELECT CASE verb
    WHEN 'SELECT' THEN format('SELECT FROM xray.%I WHERE %s', t.tab, t.condition)
    WHEN 'INSERT' THEN format('INSERT INTO xray.%I %s', t.tab, t.addition)
    WHEN 'UPDATE' THEN format('UPDATE xray.%I SET %s WHERE %s', t.tab, t.change, t.condition)
    WHEN 'DELETE' THEN format('DELETE FROM xray.%I WHERE %s', t.tab, t.condition)
    WHEN 'TRUNCATE' THEN format('TRUNCATE xray.%I CASCADE', t.tab)
    WHEN 'DROP' THEN format('DROP TABLE xray.%I CASCADE', t.tab) END
$$;
SELECT is(
  pg_temp.probe(role, '{}', pg_temp.statement(verb, t)),
  CASE WHEN role = 'daybreak_service' AND verb NOT IN ('TRUNCATE', 'DROP') OR role = 'daybreak_reader' AND verb = 'SELECT'
    THEN '1 row' ELSE '42501' END, format('%s: %s by %s', t.tab, verb, role))
FROM tables AS t, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'DROP']) AS verb,
  unnest(ARRAY['daybreak_service', 'daybreak_reader', 'pg_read_all_settings']) AS role
ORDER BY t.tab, verb, role;
SELECT is(pg_temp.probe('daybreak_owner', '{}', pg_temp.statement('SELECT', t)), '1 row', t.tab || ': the owner reads')
FROM tables AS t ORDER BY t.tab;

-- Parts of logs are reached through logs alone.
SELECT is(pg_temp.probe(role, '{}', format('SELECT FROM xray.%I', part)), '42501', format('%s: not %s itself', role, part))
FROM unnest(ARRAY['daybreak_service', 'daybreak_reader']) AS role, unnest(ARRAY['logs_default', 'logs_2031_01_01']) AS part;
-- Views and summaries: read by both, written by neither.
SELECT is(pg_temp.probe(role, '{}', format('SELECT FROM xray.%I LIMIT 1', view)), '1 row', format('%s reads %s', role, view))
FROM unnest(ARRAY['daybreak_service', 'daybreak_reader']) AS role,
  unnest(ARRAY['log_records', 'logs_partitions', 'traffic_hourly', 'user_daily']) AS view;
SELECT is(pg_temp.probe('pg_read_all_settings', '{}', format('SELECT FROM xray.%I LIMIT 1', view)), '42501', view || ' is not for a role that was given nothing')
FROM unnest(ARRAY['log_records', 'logs_partitions', 'traffic_hourly', 'user_daily']) AS view;
SELECT is(pg_temp.probe('daybreak_service', '{}', format('DELETE FROM xray.%I', view)) IN ('42501', '42809', '55000'), true, view || ' is not written')
FROM unnest(ARRAY['log_records', 'logs_partitions', 'traffic_hourly', 'user_daily']) AS view;

-- Functions: callers as stated, and nobody else.
CREATE TEMPORARY TABLE calls (call text, service text, reader text);
INSERT INTO calls VALUES
  ($$xray.add_names('tags', '{x}')$$, '1 row', '42501'),
  ($$xray.prepare_logs('2031-02-01 00:00+00', '2031-02-01 00:00+00')$$, '1 row', '42501'),
  ('xray.empty_default_logs()', '1 row', '42501'),
  ($$xray.drop_logs('2020-01-01 00:00+00')$$, '42501', '42501'),
  ('xray.refresh_user_daily()', '1 row', '42501'),
  ('xray.refresh_traffic_hourly()', '1 row', '42501'),
  ('xray.default_logs()', '1 row', '1 row'),
  ('xray.days_ahead(now())', '1 row', '1 row'),
  ($$count(*) FROM xray.user_sessions('2026-03-12 00:00+00', '2026-03-13 00:00+00')$$, '1 row', '1 row');
SELECT is(pg_temp.probe(role, '{}', 'SELECT ' || call),
  CASE role WHEN 'daybreak_service' THEN service WHEN 'daybreak_reader' THEN reader ELSE '42501' END, format('%s by %s', call, role))
FROM calls, unnest(ARRAY['daybreak_service', 'daybreak_reader', 'pg_read_all_settings']) AS role
ORDER BY call, role;
SELECT is(pg_temp.probe('daybreak_owner', '{}', $$SELECT xray.drop_logs('2020-01-01 00:00+00')$$), '1 row', 'drop_logs by the owner');

SELECT * FROM finish();
ROLLBACK;
