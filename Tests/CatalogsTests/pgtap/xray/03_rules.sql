-- What the tables enforce, names that are made once, and the ledger of what was read.
\ir ../common/probe.sql
BEGIN;
SELECT no_plan();

SELECT xray.prepare_logs('2031-01-01 00:00+00', '2031-01-01 00:00+00');
INSERT INTO xray.imports (id, path, device, inode, byte_start, byte_end, content_sha256, time_zone, lines, rows_loaded, lines_unplaced)
OVERRIDING SYSTEM VALUE VALUES (900001, '/x', 1, 1, 0, 100, repeat('a', 64), 'UTC', 3, 2, 1);
INSERT INTO xray.unplaced_lines VALUES (900001, NULL, 'unreadable', 1), (900001, '2031-01-01 12:00+00', 'dns_answer', 1);
INSERT INTO xray.rejections VALUES (900001, '2031-01-01 12:00+00', 'x', 1);
SELECT is(pg_temp.probe('postgres', '{}', statement), outcome, what)
FROM (VALUES
  ($$INSERT INTO xray.users (email) VALUES ('')$$, '23514', 'an empty email'),
  ($$INSERT INTO xray.users (email) VALUES (NULL)$$, '23502', 'no email'),
  ($$INSERT INTO xray.users (email) VALUES ('twice'), ('twice')$$, '23505', 'an email twice'),
  ($$INSERT INTO xray.users (email) VALUES ('38418.A2CgZz')$$, '1 row', 'an email that is no address'),
  ($$INSERT INTO xray.protocols (name) VALUES ('')$$, '23514', 'an empty protocol'),
  ($$INSERT INTO xray.protocols (name) VALUES ('a-long-name')$$, '22001', 'a protocol of eleven characters'),
  ($$INSERT INTO xray.endpoints (address) VALUES ('')$$, '23514', 'an empty destination'),
  ($$INSERT INTO xray.endpoints (address) VALUES (repeat('x', 256))$$, '22001', 'a destination of 256 characters'),
  ($$INSERT INTO xray.endpoints (address) VALUES ('2001:db8::53'), ('xn--bcher-kva.test')$$, '2 rows', 'destinations of all kinds'),
  ($$INSERT INTO xray.tags (name) VALUES ('')$$, '23514', 'an empty tag'),
  ($$INSERT INTO xray.tags (name) VALUES ('VLESS TCP REALITY >> x')$$, '1 row', 'a tag with blanks and arrows'),
  ($$INSERT INTO xray.logs ("timestamp", source_ip, source_port) VALUES ('2031-01-01 12:00+00', '1.2.3.*', 1)$$, '22P02', 'a masked source'),
  ($$INSERT INTO xray.logs ("timestamp", source_ip, source_port) VALUES ('2031-01-01 12:00+00', 'fe80::1%eth0', 1)$$, '22P02', 'a source with a zone'),
  ($$INSERT INTO xray.logs ("timestamp", source_ip, source_port) VALUES ('2031-01-01 12:00+00', '[2001:db8::1]', 1)$$, '22P02', 'a source in brackets'),
  ($$INSERT INTO xray.logs ("timestamp", source_ip, source_port) VALUES ('2031-01-01 12:00+00', NULL, 1)$$, '23502', 'no source'),
  ($$INSERT INTO xray.logs ("timestamp", source_ip, source_port) VALUES ('2031-01-01 12:00+00', '2001:db8::1', 0)$$, '1 row', 'IPv6 and port 0'),
  ($$INSERT INTO xray.logs ("timestamp", source_ip, source_port) VALUES ('2031-01-01 12:00+00', '1.2.3.4', 65536)$$, '23514', 'a source port that is none'),
  ($$INSERT INTO xray.logs ("timestamp", source_ip, source_port, destination_port) VALUES ('2031-01-01 12:00+00', '1.2.3.4', 1, -1)$$, '23514', 'a destination port that is none'),
  ($$INSERT INTO xray.logs ("timestamp", source_ip, source_port, user_id) VALUES ('2031-01-01 12:00+00', '1.2.3.4', 1, 899999)$$, '23503', 'a user that is not there'),
  ($$INSERT INTO xray.logs ("timestamp", source_ip, source_port, outbound_tag_id) VALUES ('2031-01-01 12:00+00', '1.2.3.4', 1, 899999)$$, '23503', 'a tag that is not there'),
  ($$INSERT INTO xray.logs ("timestamp", source_ip, source_port) SELECT '2031-01-01 12:00+00', '1.2.3.4', 1 FROM generate_series(1, 2)$$, '2 rows', 'the same line twice'),
  ($$INSERT INTO xray.logs ("timestamp", source_ip, source_port) VALUES (NULL, '1.2.3.4', 1)$$, '23502', 'no time'),
  ($$DELETE FROM xray.users WHERE id IN (SELECT user_id FROM xray.logs)$$, '23503', 'a user whom records name stays'),
  ($$UPDATE xray.imports SET lines = 4 WHERE id = 900001$$, '23514', 'a line that is neither a row nor counted'),
  ($$UPDATE xray.imports SET byte_end = 0 WHERE id = 900001$$, '23514', 'a range that ends before it starts'),
  ($$UPDATE xray.imports SET content_sha256 = 'abc' WHERE id = 900001$$, '23514', 'a digest that is none'),
  ($$INSERT INTO xray.imports (path, device, inode, byte_start, byte_end, content_sha256, time_zone, lines, rows_loaded, lines_unplaced)
    VALUES ('/other/name', 9, 9, 700, 800, repeat('a', 64), 'UTC', 3, 2, 1)$$, '23505', 'the same bytes under another name'),
  ($$INSERT INTO xray.imports (path, device, inode, byte_start, byte_end, content_sha256, time_zone, lines, rows_loaded, lines_unplaced)
    VALUES ('/x', 1, 1, 100, 200, repeat('b', 64), 'UTC', 3, 3, 0)$$, '1 row', 'the next range of the same file'),
  ($$INSERT INTO xray.unplaced_lines VALUES (900001, NULL, 'unreadable', 1)$$, '23505', 'a count twice, without a minute'),
  ($$INSERT INTO xray.unplaced_lines VALUES (900001, '2031-01-01 12:00:30+00', 'dns_answer', 1)$$, '23514', 'half a minute'),
  ($$INSERT INTO xray.unplaced_lines VALUES (900001, NULL, 'boring', 1)$$, '23514', 'a reason that is none'),
  ($$INSERT INTO xray.unplaced_lines VALUES (900001, NULL, 'dns_source', 0)$$, '23514', 'a count of nothing'),
  ($$INSERT INTO xray.rejections VALUES (900001, '2031-01-01 12:00+00', repeat('x', 501), 1)$$, '23514', 'a reason of 501 bytes'),
  ($$INSERT INTO xray.rejections VALUES (900001, '2031-01-01 12:00:01+00', 'x', 1)$$, '23514', 'a reason at no minute')
) AS attempts (statement, outcome, what);
DELETE FROM xray.imports WHERE id = 900001;
SELECT is((SELECT count(*) FROM xray.unplaced_lines WHERE import_id = 900001), 0::bigint, 'counts go with their import');
SELECT is((SELECT count(*) FROM xray.rejections WHERE import_id = 900001), 0::bigint, 'reasons go with their import');

-- Names are made once, and those that are there take no number from the sequence.
SET LOCAL ROLE daybreak_service;
SELECT is(xray.add_names('tags', '{rules b,rules a,rules b,"",NULL}'), 2::bigint, 'two new names, one of them given twice');
SELECT is(xray.add_names('tags', '{rules a,rules b}'), 0::bigint, 'none are new');
SELECT is(xray.add_names('tags', '{rules c}'), 1::bigint, 'one is new');
SELECT is(xray.add_names('tags', '{}'), 0::bigint, 'no names');
SELECT is(xray.add_names('tags', NULL), 0::bigint, 'no list of names');
RESET ROLE;
SELECT results_eq(
  $$SELECT id - min(id) OVER () FROM xray.tags WHERE name LIKE 'rules %' ORDER BY name$$, ARRAY[0, 1, 2], 'numbers without gaps, in order of the names');
SELECT is(xray.add_names(dimension, ARRAY['rules']), 1::bigint, dimension || ' take names') FROM unnest(ARRAY['users', 'protocols', 'endpoints']) AS dimension;
SELECT throws_ok(format('SELECT xray.add_names(%L, ''{x}'')', dimension), '22023', NULL, 'no names in ' || coalesce(dimension, 'NULL'))
FROM unnest(ARRAY['logs', 'users; DROP TABLE xray.logs', NULL]) AS dimension;

-- Sessions: a pause of more than ten minutes begins a new one; lines without a user are nobody's.
INSERT INTO xray.users (id, email) VALUES (900001, 'session@xray.test');
INSERT INTO xray.logs ("timestamp", source_ip, source_port, user_id)
SELECT '2031-01-01 12:00+00'::timestamptz + make_interval(mins => m), '192.0.2.1', 1, who
FROM (VALUES (0, 900001), (10, 900001), (20, 900001), (31, 900001), (32, NULL), (50, 900001)) AS t (m, who);
SELECT results_eq(
  $$SELECT session_start, session_end, connections FROM xray.user_sessions('2031-01-01 00:00+00', '2031-01-02 00:00+00')$$,
  $$VALUES ('2031-01-01 12:00+00'::timestamptz, '2031-01-01 12:20+00'::timestamptz, 3::bigint),
    ('2031-01-01 12:31+00', '2031-01-01 12:31+00', 1), ('2031-01-01 12:50+00', '2031-01-01 12:50+00', 1)$$, 'three sessions');
SELECT results_eq(
  $$SELECT count(*) FROM xray.user_sessions('2031-01-01 00:00+00', '2031-01-02 00:00+00', '20 minutes')$$, ARRAY[1::bigint], 'one session, with longer pauses');
SELECT results_eq(
  $$SELECT connections FROM xray.user_sessions('2031-01-01 12:10+00', '2031-01-01 12:20+00')$$, ARRAY[1::bigint], 'the window is half-open');

-- A refresh takes in rows whose names are missing, and goes on doing so.
SELECT xray.refresh_traffic_hourly();
SELECT xray.refresh_user_daily();
SELECT is((SELECT sum(connections) FROM xray.traffic_hourly), (SELECT count(*)::numeric FROM xray.logs), 'traffic_hourly has every record');
SELECT is((SELECT sum(connections) FROM xray.user_daily), (SELECT count(*)::numeric FROM xray.logs), 'user_daily has every record');
INSERT INTO xray.logs ("timestamp", source_ip, source_port) VALUES ('2031-01-01 12:32:30+00', '192.0.2.1', 1);
SELECT xray.refresh_traffic_hourly(), xray.refresh_user_daily() FROM generate_series(1, 2);
SELECT results_eq(
  $$SELECT connections FROM xray.user_daily WHERE day = '2031-01-01' AND user_id IS NULL$$, ARRAY[2::bigint], 'user_daily: whom no line named, counted anew');
SELECT is((SELECT sum(connections) FROM xray.traffic_hourly), (SELECT count(*)::numeric FROM xray.logs), 'traffic_hourly, counted anew');

SELECT * FROM finish();
ROLLBACK;
