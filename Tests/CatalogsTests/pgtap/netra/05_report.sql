-- The report's queries over the example data, summaries behind their views, and what they do not tell.
\ir ../common/probe.sql
\ir ../common/named_queries.sql
\set report `cat catalogs/netra/report.sql`
BEGIN;
SELECT no_plan();

CREATE TEMPORARY TABLE queries AS SELECT * FROM pg_temp.named_queries(:'report');
CREATE TEMPORARY TABLE answers AS
SELECT name, pg_temp.answer('daybreak_reader', '{}', query, '2026-03-12 00:00+00', '2026-03-13 00:00+00') AS rows
FROM queries;
SELECT is(ARRAY(SELECT name FROM queries ORDER BY name), ARRAY[
  'activity', 'activity_before', 'audit', 'failing_agents', 'failures', 'history', 'run_hours', 'runs',
  'supply', 'table_sizes', 'tokens'], 'the report''s queries');
SELECT is(jsonb_typeof(rows), 'array', format('%s runs for a reader without a user', name)) FROM answers ORDER BY name;
SELECT isnt(rows, '[]', name || ' finds something in the example data') FROM answers ORDER BY name;
-- An empty window is empty, not an error.
SELECT is(jsonb_typeof(pg_temp.answer('daybreak_service', '{}', query, '2030-01-01 00:00+00', '2030-01-02 00:00+00')), 'array',
  name || ' runs over a window without rows') FROM queries ORDER BY name;
SELECT is(left(pg_temp.answer('pg_read_all_settings', '{}', query, now(), now()) ->> 0, 5), '42501',
  name || ' is not for a role that was given nothing') FROM queries WHERE name <> 'table_sizes' ORDER BY name;

CREATE FUNCTION pg_temp.rows_of(wanted text) RETURNS SETOF jsonb LANGUAGE sql AS
$$ SELECT jsonb_array_elements(rows) FROM answers WHERE name = wanted $$;
-- Against the tables themselves, read as a superuser.
CREATE TEMPORARY VIEW night AS SELECT * FROM netra.runs
WHERE created_at >= '2026-03-12 00:00+00' AND created_at < '2026-03-13 00:00+00';
SELECT is((SELECT sum((r ->> 'runs')::bigint) FROM pg_temp.rows_of('runs') AS r), (SELECT count(*)::numeric FROM night), 'runs: all of them');
SELECT is((SELECT sum((r ->> 'failed')::bigint) FROM pg_temp.rows_of('runs') AS r),
  (SELECT count(*)::numeric FROM night WHERE status = 'failed'), 'runs: those that failed');
SELECT is((SELECT sum((r ->> 'completed')::bigint + (r ->> 'failed')::bigint + (r ->> 'cancelled')::bigint + (r ->> 'unfinished')::bigint)
  FROM pg_temp.rows_of('runs') AS r), (SELECT count(*)::numeric FROM night), 'runs: each ended in one way');
SELECT is((SELECT sum((r ->> 'runs')::bigint) FROM pg_temp.rows_of('run_hours') AS r), (SELECT count(*)::numeric FROM night), 'run_hours: all runs');
SELECT is((SELECT count(*) FROM pg_temp.rows_of('run_hours')), 24::bigint, 'run_hours: a row an hour');
SELECT is((SELECT sum((r ->> 'runs')::bigint) FROM pg_temp.rows_of('failures') AS r),
  (SELECT count(*)::numeric FROM night WHERE status = 'failed'), 'failures: every failed run has a class');
SELECT is((SELECT r ->> 'agent_type' FROM pg_temp.rows_of('failing_agents') AS r), 'supply_optimizer', 'failing_agents: the one of that night');
SELECT is((SELECT r ->> 'error_class' FROM pg_temp.rows_of('failures') AS r LIMIT 1), 'TimeoutError', 'failures: the class that stands out');
SELECT is((SELECT sum((r ->> 'tokens')::bigint) FROM pg_temp.rows_of('tokens') AS r),
  (SELECT sum(tokens_used)::numeric FROM netra.messages WHERE created_at >= '2026-03-12 00:00+00' AND created_at < '2026-03-13 00:00+00'), 'tokens: all of them');
SELECT is((SELECT sum((r ->> 'items')::bigint) FROM pg_temp.rows_of('supply') AS r), (SELECT count(*)::numeric FROM netra.supply_catalog), 'supply: all items');
SELECT is((SELECT sum((r ->> 'events')::bigint) FROM pg_temp.rows_of('audit') AS r),
  (SELECT count(*)::numeric FROM netra.audit_logs WHERE created_at >= '2026-03-12 00:00+00' AND created_at < '2026-03-13 00:00+00'), 'audit: all entries');
SELECT is((SELECT (r ->> 'runs_new')::bigint FROM pg_temp.rows_of('activity') AS r), (SELECT count(*) FROM night), 'activity: runs');
SELECT is((SELECT (r ->> 'users_active')::bigint FROM pg_temp.rows_of('activity') AS r), (
  SELECT count(DISTINCT user_id) FROM (SELECT user_id FROM night UNION ALL
    SELECT t.user_id FROM netra.messages AS m JOIN netra.threads AS t ON t.id = m.thread_id
    WHERE m.role = 'user' AND m.created_at >= '2026-03-12 00:00+00' AND m.created_at < '2026-03-13 00:00+00') AS who),
  'activity: users');
SELECT is((SELECT (r ->> 'runs')::bigint FROM pg_temp.rows_of('history') AS r WHERE r ->> 'day' = '2026-03-12'), (SELECT count(*) FROM night), 'history: the night');
SELECT is((SELECT count(*) FROM pg_temp.rows_of('history')), 28::bigint, 'history: 28 days');

-- Two windows side by side add up to both together: nothing is counted twice at the seam.
SELECT is(
  (SELECT sum(runs) FROM netra.report_runs('2026-03-12 00:00+00', '2026-03-12 02:30+00')) +
  (SELECT sum(runs) FROM netra.report_runs('2026-03-12 02:30+00', '2026-03-13 00:00+00')),
  (SELECT count(*)::numeric FROM night), 'windows are half-open');

-- No name, address or text of a user anywhere in the answers.
SELECT is_empty(
  $$SELECT name, address FROM answers, (SELECT email FROM netra.users UNION SELECT u.name FROM netra.users AS u
      UNION SELECT host(ip_address) FROM netra.audit_logs UNION SELECT title FROM netra.threads
      UNION SELECT error_message FROM netra.runs WHERE error_message LIKE '%: %') AS private (address)
    WHERE address IS NOT NULL AND position(address IN rows::text) > 0$$, 'the report names no user');
INSERT INTO netra.users (id, email) VALUES (900001, 'hostile@report.test');
INSERT INTO netra.runs (user_id, status, agent_type, input_data, error_message, created_at) VALUES
  (900001, 'failed', 'x', '{}', 'alice@example.com is not allowed', '2030-01-01 12:00+00'),
  (900001, 'failed', 'x', '{}', '<script>Error', '2030-01-01 12:00+00'),
  (900001, 'failed', 'x', '{}', 'ValueErrors: x', '2030-01-01 12:00+00'),
  (900001, 'failed', 'x', '{}', NULL, '2030-01-01 12:00+00');
SELECT results_eq(
  $$SELECT error_class, runs FROM netra.report_failures('2030-01-01 00:00+00', '2030-01-02 00:00+00')$$,
  $$VALUES ('unclassified', 4::bigint)$$, 'a message that begins with no class stays out of the report');
SELECT results_eq(
  $$SELECT runs, failed, mean_seconds, p95_seconds FROM netra.report_runs('2030-01-01 00:00+00', '2030-01-02 00:00+00')$$,
  $$VALUES (4::bigint, 4::bigint, NULL::double precision, NULL::double precision)$$, 'a duration that is not known is no zero');

-- Summaries: closed themselves, filtered by user in _visible, nameless in _totals.
SELECT is(pg_temp.probe(role, '{"netra.user_id": "1"}', 'SELECT FROM netra.' || view), '42501', format('%s: not %s', role, view))
FROM unnest(ARRAY['daybreak_service', 'daybreak_reader']) AS role, unnest(ARRAY['run_daily', 'token_daily']) AS view;
SELECT is(
  pg_temp.value_for(role, jsonb_build_object('netra.user_id', coalesce(person, '')), format('SELECT count(*) FROM netra.%s_visible', view)),
  CASE WHEN person IS NULL THEN '0' WHEN view = 'run_daily' THEN (SELECT count(*)::text FROM netra.run_daily WHERE person = '1' OR user_id::text = person)
    ELSE (SELECT count(*)::text FROM netra.token_daily WHERE person = '1' OR user_id::text = person) END,
  format('%s_visible: %s as %s', view, coalesce('user ' || person, 'nobody'), role))
FROM unnest(ARRAY['daybreak_service', 'daybreak_reader']) AS role, unnest(ARRAY['run_daily', 'token_daily']) AS view,
  unnest(ARRAY['1', '2', '3', NULL]) AS person;
SELECT is(
  pg_temp.value_for('daybreak_service', '{"netra.user_id": "2"}', format('SELECT count(*) FROM netra.%s_visible WHERE user_id <> 2', view)), '0',
  view || '_visible: nothing of others') FROM unnest(ARRAY['run_daily', 'token_daily']) AS view;
SELECT hasnt_column('netra', view, 'user_id', view || ' names no user')
FROM unnest(ARRAY['run_daily_totals', 'token_daily_totals']) AS view;
SELECT is((SELECT sum(runs) FROM netra.run_daily), (SELECT count(*)::numeric FROM netra.runs WHERE user_id < 900000), 'run_daily has every run of the example data');
SELECT is((SELECT sum(tokens) FROM netra.token_daily), (SELECT sum(tokens_used)::numeric FROM netra.messages), 'token_daily has every token');
SELECT is((SELECT sum(runs) FROM netra.run_daily_totals), (SELECT sum(runs) FROM netra.run_daily), 'run_daily_totals leave nothing out');
SELECT is(pg_temp.probe('daybreak_service', '{}', 'SELECT netra.refresh_run_daily()'), '1 row', 'the service refreshes run_daily');
SELECT is(pg_temp.probe('daybreak_service', '{}', 'SELECT netra.refresh_token_daily()'), '1 row', 'the service refreshes token_daily');
SET LOCAL ROLE daybreak_service;
SELECT netra.refresh_run_daily();
RESET ROLE;
SELECT is((SELECT sum(runs) FROM netra.run_daily), (SELECT count(*)::numeric FROM netra.runs), 'a refresh takes in what is new');

SELECT * FROM finish();
ROLLBACK;
