-- Retention: the owner deletes what the rules name, as far as the transaction's cutoff, and nothing else.
\ir ../common/probe.sql
BEGIN;
SELECT no_plan();

INSERT INTO loglytics.users (id, email, password_hash) VALUES
  ('00000000-0000-4000-8000-000000000001', 'olga@retention.test', 'x');
INSERT INTO loglytics.projects (id, user_id, name)
VALUES ('a0000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000001', 'p');
INSERT INTO loglytics.log_files (id, project_id, user_id, filename, upload_status, created_at) VALUES
  ('f0000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000001',
   '00000000-0000-4000-8000-000000000001', 'old', 'completed', now() - interval '3 years'),
  ('f0000000-0000-4000-8000-000000000002', 'a0000000-0000-4000-8000-000000000001',
   '00000000-0000-4000-8000-000000000001', 'old but failed', 'failed', now() - interval '3 years'),
  ('f0000000-0000-4000-8000-000000000003', 'a0000000-0000-4000-8000-000000000001',
   '00000000-0000-4000-8000-000000000001', 'new', 'completed', now() - interval '1 day');
INSERT INTO loglytics.log_entries (log_file_id, project_id, user_id, "timestamp", message)
SELECT ('f0000000-0000-4000-8000-00000000000' || n)::uuid, 'a0000000-0000-4000-8000-000000000001',
  '00000000-0000-4000-8000-000000000001', now() - interval '3 years', 'x' FROM generate_series(1, 3) AS n;
INSERT INTO loglytics.rag_vectors (log_file_id, project_id, user_id, content, embedding)
SELECT ('f0000000-0000-4000-8000-00000000000' || n)::uuid, 'a0000000-0000-4000-8000-000000000001',
  '00000000-0000-4000-8000-000000000001', 'x', array_fill(0.1::real, ARRAY[384]) FROM generate_series(1, 3) AS n;
INSERT INTO loglytics.analytics_cache (log_file_id, project_id, user_id, analytics_type, analytics_data)
SELECT ('f0000000-0000-4000-8000-00000000000' || n)::uuid, 'a0000000-0000-4000-8000-000000000001',
  '00000000-0000-4000-8000-000000000001', 'overview', '{}' FROM generate_series(1, 3) AS n;
INSERT INTO loglytics.audit_logs (user_id, action, resource_type, created_at)
SELECT '00000000-0000-4000-8000-000000000001', 'x', 'x', now() - n * interval '200 days'
FROM generate_series(0, 3) AS n;
INSERT INTO loglytics.usage_tracking (user_id, date)
SELECT '00000000-0000-4000-8000-000000000001', current_date - n * 400 FROM generate_series(0, 2) AS n;

CREATE FUNCTION pg_temp.as_owner(age text, statement text) RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.probe('daybreak_owner', jsonb_build_object('daybreak.retention_before',
    CASE age WHEN '' THEN '' ELSE (now() - age::interval)::text END), statement)
$$;

SELECT is(pg_temp.as_owner('', format('DELETE FROM loglytics.%I', tab)), '0 rows', tab || ': nothing without a cutoff')
FROM unnest(ARRAY['audit_logs', 'usage_tracking', 'log_files', 'log_entries', 'rag_vectors', 'analytics_cache']) AS tab;
SELECT is(pg_temp.as_owner(age, format('DELETE FROM loglytics.%I WHERE %s', tab, own)), gone,
  format('%s: %s older than %s', tab, gone, age))
FROM (VALUES
  ('audit_logs', '1 year', '2 rows'), ('audit_logs', '10 years', '0 rows'),
  ('usage_tracking', '2 years', '1 row'), ('usage_tracking', '1 year', '2 rows'),
  ('log_files', '2 years', '1 row'), ('log_files', '4 years', '0 rows'),
  ('log_entries', '2 years', '1 row'), ('rag_vectors', '2 years', '1 row'), ('analytics_cache', '2 years', '1 row'))
  AS rules (tab, age, gone),
  LATERAL (SELECT 'user_id = ''00000000-0000-4000-8000-000000000001''') AS mine (own);
SELECT is(pg_temp.as_owner('1 day', format('DELETE FROM loglytics.%I', tab)),
  CASE tab WHEN 'users' THEN '0 rows' ELSE '0 rows' END, tab || ' is in no rule')
FROM unnest(ARRAY['users', 'projects', 'project_shares', 'chats', 'messages', 'live_log_connections', 'alerts',
  'webhooks', 'api_keys']) AS tab;
SELECT is(pg_temp.probe('daybreak_service', jsonb_build_object('daybreak.retention_before', now()::text),
    'DELETE FROM loglytics.audit_logs'), '42501', 'the service cannot borrow the owner''s right');

-- All three rules in one call, children with their file.
SET LOCAL ROLE daybreak_owner;
CREATE TEMPORARY TABLE cleaned AS SELECT * FROM loglytics.cleanup_old_data();
RESET ROLE;
SELECT results_eq('SELECT table_name FROM cleaned', ARRAY['audit_logs', 'log_files', 'usage_tracking'],
  'cleanup_old_data() says what it did');
SELECT cmp_ok(deleted::integer, '>=', least_deleted, table_name || ' had rows to delete')
FROM cleaned JOIN (VALUES ('audit_logs', 2), ('log_files', 1), ('usage_tracking', 1)) AS e (table_name, least_deleted)
  USING (table_name);
SELECT is(
  (SELECT string_agg(filename, ', ' ORDER BY filename) FROM loglytics.log_files
   WHERE project_id = 'a0000000-0000-4000-8000-000000000001'), 'new, old but failed', 'completed files of old are gone');
SELECT is((SELECT count(*) FROM loglytics.log_entries WHERE project_id = 'a0000000-0000-4000-8000-000000000001'),
  2::bigint, 'with their lines');
SELECT is((SELECT count(*) FROM loglytics.rag_vectors WHERE project_id = 'a0000000-0000-4000-8000-000000000001'),
  2::bigint, 'and their vectors');
SELECT is((SELECT count(*) FROM loglytics.analytics_cache WHERE project_id = 'a0000000-0000-4000-8000-000000000001'),
  2::bigint, 'and their analyses');
SELECT is((SELECT count(*) FROM loglytics.audit_logs WHERE user_id = '00000000-0000-4000-8000-000000000001'), 2::bigint,
  'audit rows of a year stay');
SELECT is(current_setting('daybreak.retention_before', true), '', 'the cutoff is taken back');
SELECT is(pg_temp.probe('daybreak_service', '{"app.current_user_id": "00000000-0000-4000-8000-000000000001"}',
    'SELECT * FROM loglytics.cleanup_old_data()'), '42501', 'the service does not clean up');

SELECT * FROM finish();
ROLLBACK;
