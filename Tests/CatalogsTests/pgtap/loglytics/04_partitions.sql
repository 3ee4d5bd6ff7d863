-- log_entries in parts: made ahead, bounded by UTC days, and dropped when empty.
\ir ../common/probe.sql
BEGIN;
SELECT no_plan();

INSERT INTO loglytics.users (id, email, password_hash)
VALUES ('00000000-0000-4000-8000-000000000001', 'olga@partitions.test', 'x');
INSERT INTO loglytics.projects (id, user_id, name)
VALUES ('a0000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000001', 'p');
INSERT INTO loglytics.log_files (id, project_id, user_id, filename)
VALUES ('f0000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000001',
  '00000000-0000-4000-8000-000000000001', 'a.log');
CREATE FUNCTION pg_temp.line(moment timestamptz) RETURNS void LANGUAGE sql AS $$
  INSERT INTO loglytics.log_entries (log_file_id, project_id, user_id, "timestamp", message)
  VALUES ('f0000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000001',
    '00000000-0000-4000-8000-000000000001', moment, 'x')
$$;

SELECT is(
  (SELECT relkind::text FROM pg_class WHERE oid = 'loglytics.log_entries'::regclass),
  CASE current_setting('daybreak.test_server') WHEN 'bare' THEN 'p' ELSE 'r' END,
  'a hypertable with TimescaleDB, a partitioned table without');
SELECT is(
  (SELECT relname FROM pg_class WHERE relname LIKE '%compress%log_entries%' LIMIT 1), NULL::name,
  'no compression, which TimescaleDB refuses beside row-level security');
SELECT col_is_pk('loglytics', 'log_entries', ARRAY['id', 'timestamp'], 'the key holds the time');

-- A day nobody foresaw is taken in, and moved when its partition is made. This session's zone is Tehran's.
SELECT lives_ok($$SELECT pg_temp.line('2031-03-01 23:30:00+00')$$, 'a line of an unforeseen day is kept');
SELECT is(pg_temp.value_for('daybreak_service', '{}',
    $$SELECT loglytics.prepare_log_entries('2031-03-01 22:00:00+00', '2031-03-04 00:00:00+00')$$),
  CASE current_setting('daybreak.test_server') WHEN 'bare' THEN '3' ELSE '0' END,
  'the service makes three days ahead where there is no hypertable');
SELECT loglytics.prepare_log_entries('2031-03-01 22:00:00+00', '2031-03-04 00:00:00+00');
SELECT is(loglytics.prepare_log_entries('2031-03-01 22:00:00+00', '2031-03-04 00:00:00+00'), 0,
  'asked again there is nothing to make');
SELECT is((SELECT count(*) FROM loglytics.log_entries WHERE "timestamp" = '2031-03-01 23:30:00+00'), 1::bigint,
  'the line is still there');
SELECT lives_ok($$SELECT pg_temp.line('2031-03-02 00:00:00+00')$$, 'a line on the bound of two days');
SELECT lives_ok($$SELECT pg_temp.line('2031-03-03 23:59:59.999999+00')$$, 'the last moment of a day');
SELECT is(
  (SELECT string_agg(DISTINCT tableoid::regclass::text, ' ' ORDER BY tableoid::regclass::text)
   FROM loglytics.log_entries WHERE "timestamp" >= '2031-03-01'),
  'loglytics_partitions.log_entries_20310301 loglytics_partitions.log_entries_20310302 '
    'loglytics_partitions.log_entries_20310303', 'each line is in the partition of its UTC day')
WHERE current_setting('daybreak.test_server') = 'bare';
SELECT is_empty(
  $$SELECT FROM loglytics.log_entries WHERE tableoid::regclass::text = 'loglytics_partitions.log_entries_default'$$,
  'the default partition is empty');
SELECT is(
  (SELECT count(*) FROM pg_inherits JOIN pg_class AS c ON c.oid = inhrelid
   WHERE inhparent = 'loglytics.log_entries'::regclass AND c.relnamespace <> 'loglytics_partitions'::regnamespace),
  0::bigint, 'every part lies in the schema that nobody enters');
SELECT schema_privs_are('loglytics_partitions', 'daybreak_service', ARRAY[]::text[], 'nor does the service');
SELECT schema_privs_are('loglytics_partitions', 'daybreak_reader', ARRAY[]::text[], 'nor do readers');
SELECT ok('lock_timeout=2s' = ANY (proconfig), format('%s() does not make others wait for long', proname))
FROM pg_proc WHERE pronamespace = 'loglytics'::regnamespace AND proname IN ('prepare_log_entries', 'drop_empty_log_entries');
SELECT throws_ok($$SELECT loglytics.prepare_log_entries('2031-01-01', '2032-01-01')$$, '22023', NULL, 'at most 100 days');
SELECT throws_ok($$SELECT loglytics.prepare_log_entries('-infinity', 'infinity')$$, '22023', NULL, 'no endless range');
SELECT throws_ok($$SELECT loglytics.prepare_log_entries(NULL, now())$$, '22023', NULL, 'no unknown range');

-- Parts with rows stay, empty ones before the moment go.
DELETE FROM loglytics.log_entries WHERE "timestamp" >= '2031-03-02 00:00:00+00' AND "timestamp" < '2031-03-03 00:00:00+00';
SELECT cmp_ok(loglytics.drop_empty_log_entries('2031-03-10 00:00:00+00'), '>=', 1, 'the emptied day is dropped');
SELECT is((SELECT count(*) FROM loglytics.log_entries WHERE "timestamp" >= '2031-03-01'), 2::bigint, 'no row is lost');
SELECT is(pg_temp.probe('daybreak_reader', '{}', $$SELECT loglytics.drop_empty_log_entries(now())$$), '42501',
  'readers drop nothing');
SELECT lives_ok($$SELECT pg_temp.line('2031-03-02 12:00:00+00')$$, 'the day comes back when a line needs it');

-- Searching a project in time reads an index of its part.
SET LOCAL enable_seqscan = off;
SELECT matches(
  (SELECT string_agg(line, ' ') FROM pg_temp.plan_of($$SELECT count(*) FROM loglytics.log_entries
    WHERE project_id = 'a0000000-0000-4000-8000-000000000001' AND "timestamp" >= '2031-03-01 00:00:00+00'
      AND "timestamp" < '2031-03-02 00:00:00+00'$$) AS line), 'Index.*20310301|Index.*_chunk',
  'an index of the one part serves project and time');

SELECT * FROM finish();
ROLLBACK;
