-- Dashboards: right sums, each for who may see them.
\ir ../common/probe.sql
BEGIN;
SELECT no_plan();

INSERT INTO loglytics.users (id, email, password_hash) VALUES
  ('00000000-0000-4000-8000-000000000001', 'olga@dashboards.test', 'x'),
  ('00000000-0000-4000-8000-000000000002', 'vera@dashboards.test', 'x'),
  ('00000000-0000-4000-8000-000000000003', 'sam@dashboards.test', 'x');
INSERT INTO loglytics.projects (id, user_id, name) VALUES
  ('a0000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000001', 'Checkout'),
  ('a0000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-000000000003', 'Secret'),
  ('a0000000-0000-4000-8000-000000000003', '00000000-0000-4000-8000-000000000001', 'Empty');
INSERT INTO loglytics.project_shares (project_id, shared_by_user_id, shared_with_user_id) VALUES
  ('a0000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000001',
   '00000000-0000-4000-8000-000000000002');
INSERT INTO loglytics.log_files (id, project_id, user_id, filename)
SELECT ('f0000000-0000-4000-8000-00000000000' || n)::uuid, 'a0000000-0000-4000-8000-000000000001',
  '00000000-0000-4000-8000-000000000001', 'a.log' FROM generate_series(1, 2) AS n;
INSERT INTO loglytics.log_entries (log_file_id, project_id, user_id, "timestamp", log_level, message)
SELECT 'f0000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000001',
  '00000000-0000-4000-8000-000000000001', '2025-11-17 10:00:00+00'::timestamptz + n * interval '1 hour', 'ERROR', 'x'
FROM generate_series(1, 3) AS n;
INSERT INTO loglytics.alerts (user_id, project_id, alert_type, severity, message)
SELECT '00000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000001', 'anomaly', 'high', 'x'
FROM generate_series(1, 2);

CREATE FUNCTION pg_temp.answer(person integer, query text, as_role text DEFAULT 'daybreak_service')
RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.value_for(as_role, jsonb_build_object('app.current_user_id',
    CASE WHEN person = 0 THEN '' ELSE '00000000-0000-4000-8000-00000000000' || person END), query)
$$;

-- Three entries, three errors, two alerts, two files: a join of all would show six of each.
SELECT is(pg_temp.answer(1, $$SELECT format('%s projects, %s files, %s entries, %s errors, %s alerts', total_projects,
    total_log_files, total_log_entries, error_count, unread_alerts) FROM loglytics.user_dashboard$$),
  '2 projects, 2 files, 3 entries, 3 errors, 2 alerts', 'user_dashboard counts each thing once');
SELECT is(pg_temp.answer(person, 'SELECT count(*) FROM loglytics.user_dashboard'), rows,
  format('user_dashboard: %s sees %s rows', person, rows))
FROM (VALUES (1, '1'), (2, '1'), (3, '1'), (0, '0')) AS expected (person, rows);
SELECT is(pg_temp.answer(3, $$SELECT email FROM loglytics.user_dashboard$$), 'sam@dashboards.test', 'and it is one''s own');
SELECT is(pg_temp.answer(1, 'SELECT count(*) FROM loglytics.user_dashboard', 'daybreak_reader'), '1',
  'readers read user_dashboard');

-- The materialized view is refreshed by the service, and read by nobody but through the barrier.
SELECT is(pg_temp.answer(1, $$SELECT loglytics.refresh_dashboard_stats()$$), '', 'the service may ask for a refresh');
SELECT is(pg_temp.answer(1, $$SELECT loglytics.refresh_dashboard_stats()$$, 'daybreak_reader'), '42501', 'readers may not');
SELECT loglytics.refresh_dashboard_stats();
SELECT is(pg_temp.answer(1, 'SELECT count(*) FROM loglytics.dashboard_stats', role), '42501',
  format('%s does not read the materialized view itself', role))
FROM unnest(ARRAY['daybreak_service', 'daybreak_reader']) AS role;
SELECT is(pg_temp.answer(person, $$SELECT coalesce(string_agg(project_name, ', ' ORDER BY project_name), 'none')
    FROM loglytics.dashboard_stats_visible WHERE project_name IN ('Checkout', 'Empty', 'Secret')$$, role), seen,
  format('dashboard_stats_visible: %s as %s sees %s', person, role, seen))
FROM (VALUES (1, 'Checkout, Empty'), (2, 'Checkout'), (3, 'Secret'), (0, 'none')) AS expected (person, seen),
  unnest(ARRAY['daybreak_service', 'daybreak_reader']) AS role;
SELECT is(pg_temp.answer(1, $$SELECT format('%s files, %s entries, %s errors, %s warnings', total_log_files,
    total_log_entries, error_count, warning_count) FROM loglytics.dashboard_stats_visible
    WHERE project_name = 'Checkout'$$), '2 files, 3 entries, 3 errors, 0 warnings', 'dashboard_stats counts each thing once');
SELECT is(pg_temp.answer(1, $$SELECT total_log_entries FROM loglytics.dashboard_stats_visible
    WHERE project_name = 'Empty'$$), '0', 'a project without lines has none, and is there');
SELECT columns_are('loglytics', 'dashboard_stats_visible', ARRAY['project_id', 'user_id', 'project_name',
  'total_log_files', 'total_log_entries', 'error_count', 'warning_count', 'info_count', 'debug_count',
  'critical_count', 'last_log_entry', 'first_log_entry'], 'columns of dashboard_stats');
SELECT columns_are('loglytics', 'user_dashboard', ARRAY['user_id', 'email', 'subscription_tier', 'total_projects',
  'total_log_files', 'total_log_entries', 'error_count', 'warning_count', 'unread_alerts', 'last_log_entry',
  'last_project_created'], 'columns of user_dashboard');
SELECT is(
  (SELECT reloptions FROM pg_class WHERE oid = 'loglytics.user_dashboard'::regclass),
  ARRAY['security_invoker=true', 'security_barrier=true'], 'user_dashboard runs with the rights of who asks');
-- A barrier: a function of the caller's sees no row that he may not see.
SELECT is(pg_temp.answer(2, $$SELECT count(*) FROM loglytics.dashboard_stats_visible
    WHERE project_name = 'Secret' AND 1 / (CASE WHEN project_name = 'Secret' THEN 0 ELSE 1 END) = 1$$), '0',
  'no predicate is asked about another''s rows');

SELECT * FROM finish();
ROLLBACK;
