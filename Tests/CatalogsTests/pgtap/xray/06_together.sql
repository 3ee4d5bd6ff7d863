-- Eight sessions that make the same days at the same moment: none fails, and each day is made once. The
-- sessions are real ones, so what they commit is dropped again at the end.
BEGIN;
SELECT no_plan();

CREATE EXTENSION dblink SCHEMA tap;
CREATE FUNCTION pg_temp.target() RETURNS text LANGUAGE sql AS $$
  SELECT format('host=%s port=%s dbname=%s user=%s', split_part(current_setting('unix_socket_directories'), ',', 1),
    current_setting('port'), current_database(), current_user)
$$;
SELECT is(tap.dblink_connect('session ' || n, pg_temp.target()), 'OK', 'session ' || n) FROM generate_series(1, 8) AS n;
SELECT is(tap.dblink_send_query('session ' || n, $$SELECT xray.prepare_logs('2090-01-01 00:00+00', '2090-01-05 00:00+00')$$), 1, format('session %s asks', n))
FROM generate_series(1, 8) AS n;
CREATE TEMPORARY TABLE made (session integer, days integer);
INSERT INTO made SELECT n, r.days FROM generate_series(1, 8) AS n,
  LATERAL (SELECT days FROM tap.dblink_get_result('session ' || n, false) AS answer (days integer)) AS r;
SELECT is((SELECT count(*) FROM made), 8::bigint, 'every session got an answer');
SELECT is((SELECT sum(days) FROM made), 5::bigint, 'and every day was made once');

-- A reader of one day does not hold up the making of another, nor the other way round.
SELECT is((SELECT count(*) FROM tap.dblink_get_result('session ' || n) AS rest (days integer)), 0::bigint, format('session %s has no more to say', n))
FROM generate_series(1, 8) AS n;
SELECT is(tap.dblink_exec('session 1', 'BEGIN'), 'BEGIN', 'a reader begins');
SELECT is((SELECT rows FROM tap.dblink('session 1', $$SELECT count(*) FROM xray.logs WHERE "timestamp" >= '2090-01-02 00:00+00' AND "timestamp" < '2090-01-03 00:00+00'$$) AS t (rows bigint)), 0::bigint, 'and reads a day');
SELECT is((SELECT days FROM tap.dblink('session 2', $$SELECT xray.prepare_logs('2090-01-06 00:00+00', '2090-01-06 00:00+00')$$) AS t (days integer)), 1, 'while another is made');
-- Whoever reads all days reads the default partition too, which a new day is checked against: the making
-- waits for lock_timeout, fails with a message, and leaves nothing behind.
SELECT is((SELECT rows >= 0 FROM tap.dblink('session 1', 'SELECT count(*) FROM xray.logs') AS t (rows bigint)), true, 'the reader reads all days');
SELECT throws_ok(
  $$SELECT days FROM tap.dblink('session 2', 'SELECT xray.prepare_logs(''2090-01-07 00:00+00'', ''2090-01-07 00:00+00'')') AS t (days integer)$$,
  '55P03', NULL, 'a new day waits for it five seconds and no longer');
SELECT is(tap.dblink_exec('session 1', 'COMMIT'), 'COMMIT', 'the reader ends');
SELECT is((SELECT days FROM tap.dblink('session 2', $$SELECT xray.prepare_logs('2090-01-07 00:00+00', '2090-01-07 00:00+00')$$) AS t (days integer)), 1, 'and the day is made');

SELECT is(tap.dblink_exec('session 1', 'DROP TABLE ' || string_agg('xray.' || partition_name, ', ')), 'DROP TABLE', 'the days are gone again')
FROM xray.logs_partitions WHERE range_start >= '2090-01-01 00:00+00';
SELECT is(tap.dblink_disconnect('session ' || n), 'OK', format('session %s ends', n)) FROM generate_series(1, 8) AS n;

SELECT * FROM finish();
ROLLBACK;
