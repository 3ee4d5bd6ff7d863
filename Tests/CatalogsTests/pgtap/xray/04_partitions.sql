-- One partition a UTC day: made ahead and on demand, in any time zone, by several at once; strays found
-- and moved; days dropped.
\ir ../common/probe.sql
BEGIN;
SELECT no_plan();

SELECT is(xray.prepare_logs('2031-05-01 00:00+00', '2031-05-03 23:59+00'), 3, 'three days');
SELECT is(xray.prepare_logs('2031-05-01 00:00+00', '2031-05-03 23:59+00'), 0, 'they are there');
SELECT is(xray.prepare_logs('2031-04-30 00:00+00', '2031-05-04 00:00+00'), 2, 'the days around them');
SELECT is(
  (SELECT string_agg(format('%s %s %s %s', partition_name, extract(epoch FROM range_start), extract(epoch FROM range_end), is_default), ', ' ORDER BY range_start)
   FROM xray.logs_partitions WHERE partition_name LIKE 'logs_2031_0%'),
  (SELECT string_agg(format('logs_2031_%s %s %s f', to_char(day, 'MM_DD'), extract(epoch FROM day), extract(epoch FROM day + interval '1 day')), ', ' ORDER BY day)
   FROM generate_series(timestamp '2031-04-30', '2031-05-04', '1 day') AS day), 'bounds are UTC days');
SELECT is(
  (SELECT count(*) FROM pg_index WHERE indrelid = 'xray.logs_2031_05_01'::regclass),
  (SELECT count(*) FROM pg_index WHERE indrelid = 'xray.logs'::regclass), 'a day has every index');
SELECT is(
  (SELECT count(*) FROM pg_constraint WHERE conrelid = 'xray.logs_2031_05_01'::regclass AND contype = 'f'), 5::bigint, 'a day has every foreign key');
SELECT is(
  ARRAY(SELECT conname::text FROM pg_constraint WHERE conrelid = 'xray.logs_2031_05_01'::regclass AND contype = 'c' ORDER BY 1),
  ARRAY(SELECT conname::text FROM pg_constraint WHERE conrelid = 'xray.logs'::regclass AND contype = 'c' ORDER BY 1), 'and no other check');
SELECT table_owner_is('xray', 'logs_2031_05_01', 'daybreak_owner', 'a day is the owner''s');

-- The session's time zone moves nothing; the service makes days although it owns none.
SET LOCAL timezone = 'America/Los_Angeles';
SET LOCAL ROLE daybreak_service;
SELECT is(xray.prepare_logs('2031-06-01 23:30:00-07', '2031-06-01 23:30:00-07'), 1, 'a moment in Los Angeles, by the service');
RESET ROLE;
SELECT has_table('xray'::name, 'logs_2031_06_02'::name, 'whose day in UTC is the next');
SET LOCAL timezone = 'Asia/Tehran';
INSERT INTO xray.logs ("timestamp", source_ip, source_port) VALUES ('2031-06-02 23:59:59.999999+00', '192.0.2.1', 1);
SELECT is((SELECT count(*) FROM xray.logs_2031_06_02), 1::bigint, 'the last microsecond of a day belongs to it');

-- Limits.
SELECT throws_ok(format('SELECT xray.prepare_logs(%L, %L)', first, last), '22023', NULL, 'no partitions for ' || what)
FROM (VALUES ('2031-05-02 00:00+00', '2031-05-01 00:00+00', 'a span that ends before it starts'),
  ('2031-05-01 00:00+00', '2033-05-01 00:00+00', 'two years at once'), ('-infinity', '2031-05-01 00:00+00', 'ever before'),
  (NULL, '2031-05-01 00:00+00', 'an unknown start'), ('2031-05-01 00:00+00', NULL, 'an unknown end')) AS t (first, last, what);

-- Strays: kept, reported, and moved when their day is made.
SELECT is((SELECT stray_rows FROM xray.default_logs()), 0::bigint, 'no strays in the example data');
INSERT INTO xray.logs ("timestamp", source_ip, source_port) VALUES
  ('2031-07-01 12:00+00', '192.0.2.1', 1), ('2031-07-01 13:00+00', '192.0.2.1', 2), ('1999-12-31 12:00+00', '192.0.2.1', 3);
SELECT results_eq('SELECT stray_rows, first_at, last_at FROM xray.default_logs()',
  $$VALUES (3::bigint, '1999-12-31 12:00+00'::timestamptz, '2031-07-01 13:00+00'::timestamptz)$$, 'three strays');
SELECT is(xray.prepare_logs('2031-07-01 00:00+00', '2031-07-01 00:00+00'), 1, 'the day of two of them');
SELECT is((SELECT count(*) FROM xray.logs_2031_07_01), 2::bigint, 'which they have moved to');
SELECT is((SELECT stray_rows FROM xray.default_logs()), 1::bigint, 'one is left');
SELECT is(pg_temp.value_for('daybreak_service', '{}', 'SELECT xray.empty_default_logs()'), '1', 'the service empties the default partition');
SELECT is(xray.empty_default_logs(), 1, 'one day made');
SELECT is((SELECT stray_rows FROM xray.default_logs()), 0::bigint, 'none is left');
SELECT is((SELECT count(*) FROM xray.logs WHERE "timestamp" < '2000-01-01 00:00+00'), 1::bigint, 'and none was lost');
SELECT is(xray.empty_default_logs(), 0, 'nothing to do');

-- Days ahead are counted without gaps.
SELECT xray.prepare_logs('2031-08-01 00:00+00', '2031-08-04 00:00+00');
SELECT xray.prepare_logs('2031-08-06 00:00+00', '2031-08-06 00:00+00');
SELECT is(xray.days_ahead(moment), ahead, format('%s days ahead of %s', ahead, moment))
FROM (VALUES ('2031-07-31 12:00+00'::timestamptz, 4), ('2031-08-01 00:00+00', 3), ('2031-08-04 23:59+00', 0), ('2040-01-01 00:00+00', 0)) AS t (moment, ahead);

-- Queries of a day read that day, and no other.
CREATE FUNCTION pg_temp.explained(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY EXECUTE 'EXPLAIN ' || query; END $$;
SELECT is(
  (SELECT string_agg(DISTINCT found[1], ', ') FROM pg_temp.explained($$SELECT * FROM xray.logs
    WHERE "timestamp" >= '2031-08-02 00:00+00' AND "timestamp" < '2031-08-03 00:00+00'$$) AS line,
    regexp_matches(line, '(logs_2031_\d\d_\d\d|logs_default)\M', 'g') AS found), 'logs_2031_08_02', 'one day is one partition');

-- Retention drops whole days that are over, oldest first.
SELECT throws_ok(format('SELECT xray.drop_logs(%L)', before), '22023', NULL, 'nothing dropped before ' || coalesce(before, 'an unknown moment'))
FROM unnest(ARRAY['infinity', '2099-01-01 00:00+00', NULL]) AS before;
SELECT is(xray.prepare_logs('2001-01-01 00:00+00', '2001-01-04 00:00+00'), 4, 'four old days');
SET LOCAL ROLE daybreak_owner;
SELECT is(xray.drop_logs('2001-01-03 23:59+00'), 3, 'a day that is not over stays; 1999 and two more go');
SELECT is(xray.drop_logs('2001-01-03 23:59+00'), 0, 'nothing is left to do');
RESET ROLE;
SELECT hasnt_table('xray'::name, 'logs_2001_01_02'::name, 'a day that was dropped');
SELECT has_table('xray'::name, 'logs_2001_01_03'::name, 'a day that was not');
SELECT has_table('xray'::name, 'logs_default'::name, 'the default partition is never dropped');

SELECT * FROM finish();
ROLLBACK;
