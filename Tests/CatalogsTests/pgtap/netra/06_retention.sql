-- Two years of audit entries: the owner deletes what is older than its transaction's cutoff, nobody else
-- deletes any, and nothing else expires.
\ir ../common/probe.sql
BEGIN;
SELECT no_plan();

DELETE FROM netra.audit_logs;
INSERT INTO netra.users (id, email) VALUES (900001, 'one@retention.test');
INSERT INTO netra.audit_logs (user_id, action, created_at)
SELECT 900001, 'x', now() - make_interval(days => 100 * n) FROM generate_series(1, 10) AS n;

CREATE FUNCTION pg_temp.as_owner(cutoff text, statement text) RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.probe('daybreak_owner', jsonb_build_object('daybreak.retention_before', cutoff), statement)
$$;
SELECT is(pg_temp.as_owner((now() - interval '2 years')::text, 'DELETE FROM netra.audit_logs'), '3 rows', 'entries older than two years go');
SELECT is(pg_temp.as_owner('', 'DELETE FROM netra.audit_logs'), '0 rows', 'none without a cutoff');
SELECT is(pg_temp.probe('daybreak_owner', '{}', 'DELETE FROM netra.audit_logs'), '0 rows', 'none where the cutoff was never set');
SELECT is(pg_temp.as_owner('2000-01-01', 'DELETE FROM netra.audit_logs'), '0 rows', 'none that are younger');
SELECT is(pg_temp.as_owner(now()::text, 'DELETE FROM netra.audit_logs WHERE id IN (SELECT id FROM netra.audit_logs ORDER BY created_at LIMIT 4)'), '4 rows', 'in batches');
SELECT is(pg_temp.as_owner(now()::text, 'UPDATE netra.audit_logs SET action = ''y'''), '0 rows', 'the owner changes none');
SELECT is(pg_temp.as_owner(now()::text, format('DELETE FROM netra.%I', tab)), '0 rows', tab || ' do not expire')
FROM unnest(ARRAY['users', 'api_keys', 'threads', 'messages', 'runs', 'references', 'supply_catalog']) AS tab;
SELECT is(
  pg_temp.probe(role, jsonb_build_object('netra.user_id', '900001', 'daybreak.retention_before', now()::text), 'DELETE FROM netra.audit_logs'),
  '42501', 'no cutoff lets ' || role || ' delete')
FROM unnest(ARRAY['daybreak_service', 'daybreak_reader']) AS role;
SELECT is((SELECT count(*) FROM netra.audit_logs), 10::bigint, 'the probes left every entry');

SELECT * FROM finish();
ROLLBACK;
