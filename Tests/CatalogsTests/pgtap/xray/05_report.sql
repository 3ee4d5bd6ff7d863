-- The report's queries over the example data, against the records themselves.
\ir ../common/named_queries.sql
\set report `cat catalogs/xray/report.sql`
BEGIN;
SELECT no_plan();

CREATE TEMPORARY TABLE queries AS SELECT * FROM pg_temp.named_queries(:'report');
CREATE TEMPORARY TABLE answers AS
SELECT name, pg_temp.answer('daybreak_reader', '{}', query, '2026-03-12 00:00+00', '2026-03-13 00:00+00') AS rows
FROM queries;
SELECT is(ARRAY(SELECT name FROM queries ORDER BY name), ARRAY[
  'blocked', 'destinations', 'history', 'hours', 'imports', 'many_sources', 'new_destinations', 'new_users',
  'partitions', 'protocols', 'rejected_sources', 'rejections', 'routes', 'sessions', 'silences', 'spikes', 'totals',
  'unplaced_lines', 'users'], 'the report''s queries');
SELECT is(jsonb_typeof(rows), 'array', name || ' runs for a reader') FROM answers ORDER BY name;
SELECT isnt(rows, '[]', name || ' finds something in the example data') FROM answers ORDER BY name;
SELECT is(jsonb_typeof(pg_temp.answer('daybreak_service', '{}', query, '2030-01-01 00:00+00', '2030-01-02 00:00+00')), 'array',
  name || ' runs over a window without rows') FROM queries ORDER BY name;
SELECT is(left(pg_temp.answer('pg_read_all_settings', '{}', query, now(), now()) ->> 0, 5), '42501',
  name || ' is not for a role that was given nothing') FROM queries ORDER BY name;

CREATE FUNCTION pg_temp.rows_of(wanted text) RETURNS SETOF jsonb LANGUAGE sql AS
$$ SELECT jsonb_array_elements(rows) FROM answers WHERE name = wanted $$;
CREATE TEMPORARY VIEW night AS SELECT * FROM xray.log_records
WHERE "timestamp" >= '2026-03-12 00:00+00' AND "timestamp" < '2026-03-13 00:00+00';
SELECT is((r ->> figure)::bigint, expected, 'totals: ' || figure)
FROM pg_temp.rows_of('totals') AS r, (
  SELECT 'connections', count(*) FROM night UNION ALL
  SELECT 'accepted', count(*) FROM night WHERE action = 'accepted' UNION ALL
  SELECT 'rejected', count(*) FROM night WHERE action = 'rejected' UNION ALL
  SELECT 'blocked', count(*) FROM night WHERE outbound_tag IN ('block', 'BLOCK') UNION ALL
  SELECT 'users', count(DISTINCT email) FROM night UNION ALL
  SELECT 'sources', count(DISTINCT source_ip) FROM night UNION ALL
  SELECT 'destinations', count(DISTINCT destination) FROM night) AS t (figure, expected);
SELECT is((SELECT sum((r ->> 'connections')::bigint) FROM pg_temp.rows_of('hours') AS r), (SELECT count(*)::numeric FROM night), 'hours: all records');
SELECT is((SELECT count(*) FROM pg_temp.rows_of('hours')), 24::bigint, 'hours: a row an hour');
SELECT is((SELECT count(*) FROM pg_temp.rows_of('history')), 28::bigint, 'history: 28 days');
SELECT is((SELECT (r ->> 'connections')::bigint FROM pg_temp.rows_of('history') AS r WHERE r ->> 'days_back' = '7'),
  (SELECT count(*) FROM xray.logs WHERE "timestamp" >= '2026-03-05 00:00+00' AND "timestamp" < '2026-03-06 00:00+00'), 'history: a week before');
SELECT is((SELECT r ->> 'without_data' FROM pg_temp.rows_of('history') AS r WHERE r ->> 'days_back' = '28'), 'true', 'history: a day that nobody imported is told from a silent one');
SELECT is((SELECT count(*) FROM pg_temp.rows_of('history') AS r WHERE r ->> 'without_data' = 'false'), 27::bigint, 'history: the other days were imported');
SELECT is((SELECT r ->> 'email' FROM pg_temp.rows_of('users') AS r LIMIT 1), (SELECT email FROM night WHERE email IS NOT NULL GROUP BY email ORDER BY count(*) DESC LIMIT 1)::text, 'users: the busiest first');
SELECT is((SELECT string_agg(r ->> 'email', ', ') FROM pg_temp.rows_of('spikes') AS r), '10.team0', 'spikes: the one of that night');
SELECT is((SELECT (r ->> 'busiest_hour')::timestamptz FROM pg_temp.rows_of('spikes') AS r), '2026-03-12 14:00+00', 'spikes: at its hour');
SELECT is((SELECT string_agg(r ->> 'email', ', ') FROM pg_temp.rows_of('new_users') AS r), 'newcomer@example.com', 'new_users: the newcomer');
SELECT is((SELECT string_agg(r ->> 'address', ', ') FROM pg_temp.rows_of('new_destinations') AS r), 'launch.example.dev', 'new_destinations: where the newcomer went');
SELECT is((SELECT string_agg(r ->> 'email', ', ') FROM pg_temp.rows_of('many_sources') AS r), 'newcomer@example.com', 'many_sources: the newcomer');
SELECT is((SELECT sum((r ->> 'connections')::bigint) FROM pg_temp.rows_of('blocked') AS r), (SELECT count(*)::numeric FROM night WHERE lower(outbound_tag) = 'block'), 'blocked: all of them');
SELECT is((SELECT sum((r ->> 'connections')::bigint) FROM pg_temp.rows_of('rejections') AS r), (SELECT count(*)::numeric FROM night WHERE action = 'rejected'), 'rejections: every rejected connection has a reason');
SELECT ok((SELECT (r ->> 'peak_minute')::timestamptz BETWEEN '2026-03-12 03:10+00' AND '2026-03-12 03:25+00' FROM pg_temp.rows_of('rejections') AS r LIMIT 1), 'rejections: the worst minute lies in the burst');
SELECT matches((SELECT r ->> 'source' FROM pg_temp.rows_of('rejected_sources') AS r LIMIT 1), '^185\.220\.101\.', 'rejected_sources: where the burst came from');
SELECT is((SELECT count(*) FROM pg_temp.rows_of('silences')), 1::bigint, 'silences: one');
SELECT ok((SELECT (r ->> 'silence_start')::timestamptz < '2026-03-12 19:30+00' AND (r ->> 'silence_end')::timestamptz >= '2026-03-12 20:15+00' FROM pg_temp.rows_of('silences') AS r), 'silences: that of that night');
SELECT results_eq(
  $$SELECT (r ->> 'silence_start')::timestamptz, (r ->> 'silence_end')::timestamptz FROM jsonb_array_elements(pg_temp.answer('daybreak_reader', '{}',
    (SELECT query FROM queries WHERE name = 'silences'), '2030-01-01 00:00+00', '2030-01-02 00:00+00')) AS r$$,
  $$VALUES ('2030-01-01 00:00+00'::timestamptz, '2030-01-02 00:00+00'::timestamptz)$$, 'silences: a window without a record is silent throughout');
SELECT is((SELECT (r ->> 'lines')::bigint - (r ->> 'rows_loaded')::bigint - (r ->> 'lines_unplaced')::bigint FROM pg_temp.rows_of('imports') AS r), 0::bigint, 'imports: every line is accounted for');
SELECT is((SELECT (r ->> 'rows_loaded')::bigint FROM pg_temp.rows_of('imports') AS r), (SELECT count(*) FROM night), 'imports: as many rows as there are records');
SELECT is((SELECT sum((r ->> 'lines')::bigint) FROM pg_temp.rows_of('unplaced_lines') AS r), (SELECT (r ->> 'lines_unplaced')::numeric FROM pg_temp.rows_of('imports') AS r), 'unplaced_lines: all of them');
SELECT is((SELECT (r ->> 'days_ahead')::integer FROM pg_temp.rows_of('partitions') AS r), 3, 'partitions: days after the night');
SELECT is((SELECT (r ->> 'stray_rows')::integer FROM pg_temp.rows_of('partitions') AS r), 0, 'partitions: no strays');
SELECT is((SELECT sum((r ->> 'connections')::bigint) FROM pg_temp.rows_of('protocols') AS r), (SELECT count(*)::numeric FROM night WHERE action = 'accepted'), 'protocols: every accepted connection');

SELECT * FROM finish();
ROLLBACK;
