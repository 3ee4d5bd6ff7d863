-- Every table, every verb, both roles: of one's own tenant, of another's, and with no tenant set.
\ir ../common/probe.sql
BEGIN;
SELECT no_plan();

CREATE FUNCTION pg_temp.fill(ending text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  tenant constant uuid := ('10000000-0000-4000-8000-00000000000' || ending)::uuid;
BEGIN
  INSERT INTO loghunter.tenants (id, name) VALUES (tenant, 'tenant ' || ending);
  INSERT INTO loghunter.api_keys (id, tenant_id, name, key_prefix, key_hash)
  VALUES (('20000000-0000-4000-8000-00000000000' || ending)::uuid, tenant, 'k', 'dbk_iso' || ending,
    encode(sha256(ending::bytea), 'hex'));
  INSERT INTO loghunter.saved_filters (id, tenant_id, name, filter_json, created_by)
  VALUES (('30000000-0000-4000-8000-00000000000' || ending)::uuid, tenant, 'f', '{}', 'olga');
  INSERT INTO loghunter.error_clusters (id, tenant_id, service, fingerprint, level, first_seen_at,
    last_seen_at, sample_message)
  VALUES (('40000000-0000-4000-8000-00000000000' || ending)::uuid, tenant, 's', repeat('a', 64), 'ERROR',
    '2025-11-17', '2025-11-18', 'x');
  INSERT INTO loghunter.error_cluster_windows (id, tenant_id, cluster_id, window_start, window_end, level,
    first_seen_at, last_seen_at, count)
  VALUES (('50000000-0000-4000-8000-00000000000' || ending)::uuid, tenant,
    ('40000000-0000-4000-8000-00000000000' || ending)::uuid, '2025-11-17', '2025-11-18', 'ERROR',
    '2025-11-17', '2025-11-18', 1);
  INSERT INTO loghunter.analysis_results (id, tenant_id, cluster_id, provider, model, root_cause, confidence, summary)
  VALUES (('60000000-0000-4000-8000-00000000000' || ending)::uuid, tenant,
    ('40000000-0000-4000-8000-00000000000' || ending)::uuid, 'ollama', 'm', 'r', 0.5, 's');
  INSERT INTO loghunter.anomaly_baselines (id, tenant_id, service, window_start, window_end, avg_log_rate,
    avg_error_rate, p95_error_rate)
  VALUES (('70000000-0000-4000-8000-00000000000' || ending)::uuid, tenant, 's', '2025-11-17', '2025-11-18', 1, 1, 1);
  INSERT INTO loghunter.anomaly_events (id, tenant_id, service, detected_at, severity, metric, baseline_value,
    observed_value, deviation_factor)
  VALUES (('80000000-0000-4000-8000-00000000000' || ending)::uuid, tenant, 's', '2025-11-17', 'HIGH', 'error_rate',
    1, 5, 5);
END
$$;
SELECT pg_temp.fill('1');
SELECT pg_temp.fill('2');

-- The first digit of a table's ids, how to add a row to a tenant, how to change one.
CREATE TEMPORARY TABLE tables (tab text, digit text, addition text, change text);
INSERT INTO tables VALUES
  ('tenants', '1', $$(id, name) VALUES (%L, 'x')$$, $$loki_org_id = 'x'$$),
  ('api_keys', '2', $$(tenant_id, name, key_prefix, key_hash) VALUES (%L, 'x', 'dbk_x', repeat('b', 64))$$,
    'last_used_at = now()'),
  ('saved_filters', '3', $$(tenant_id, name, filter_json, created_by) VALUES (%L, 'x', '{}', 'x')$$, $$name = 'x'$$),
  ('error_clusters', '4', $$(tenant_id, service, fingerprint, level, first_seen_at, last_seen_at, sample_message)
    VALUES (%L, 's', repeat('b', 64), 'WARN', now(), now(), 'x')$$, 'count = 9'),
  ('error_cluster_windows', '5', $$(tenant_id, cluster_id, window_start, window_end, level, first_seen_at,
    last_seen_at, count) VALUES (%L, '40000000-0000-4000-8000-000000000001', '2025-11-18', '2025-11-19', 'WARN',
    now(), now(), 1)$$, 'count = 9'),
  ('analysis_results', '6', $$(tenant_id, cluster_id, provider, model, root_cause, confidence, summary)
    VALUES (%L, '40000000-0000-4000-8000-000000000001', 'ollama', 'm', 'r', 1, 's')$$, $$model = 'x'$$),
  ('anomaly_baselines', '7', $$(tenant_id, service, window_start, window_end, avg_log_rate, avg_error_rate,
    p95_error_rate) VALUES (%L, 's', '2025-11-18', '2025-11-19', 1, 1, 1)$$, 'avg_log_rate = 2'),
  ('anomaly_events', '8', $$(tenant_id, service, detected_at, severity, metric, baseline_value, observed_value,
    deviation_factor) VALUES (%L, 's', '2025-11-18', 'LOW', 'error_rate', 1, 2, 2)$$, 'notified = true');
-- What the service has no right to, whoever's row it is.
CREATE TEMPORARY TABLE denied (tab text, verb text);
INSERT INTO denied VALUES ('tenants', 'DELETE'), ('api_keys', 'DELETE'), ('saved_filters', 'DELETE');

CREATE FUNCTION pg_temp.statement(verb text, t tables, ending text) RETURNS text LANGUAGE sql AS $$
  SELECT CASE verb
    WHEN 'SELECT' THEN format('SELECT id FROM loghunter.%I WHERE id = %L', t.tab, row_id)
    WHEN 'INSERT' THEN format('INSERT INTO loghunter.%I ', t.tab)
      || format(t.addition, '10000000-0000-4000-8000-00000000000' || ending)
    WHEN 'UPDATE' THEN format('UPDATE loghunter.%I SET %s WHERE id = %L', t.tab, t.change, row_id)
    WHEN 'DELETE' THEN format('DELETE FROM loghunter.%I WHERE id = %L', t.tab, row_id) END
  FROM (SELECT t.digit || '0000000-0000-4000-8000-00000000000' || ending) AS r (row_id)
$$;
-- A tenant that is there already cannot be added: its own case comes below.
SELECT is(
  pg_temp.probe(role, jsonb_build_object('loghunter.tenant_id', tenant), pg_temp.statement(verb, t, ending)),
  CASE
    WHEN role = 'daybreak_reader' AND verb <> 'SELECT' THEN '42501'
    WHEN EXISTS (SELECT FROM denied AS d WHERE d.tab = t.tab AND d.verb = verbs.verb) THEN '42501'
    WHEN whose = 'its own' THEN '1 row'
    WHEN verb = 'INSERT' THEN '42501'
    ELSE '0 rows' END,
  format('%s: %s of a row of %s by %s', t.tab, verb, whose, role))
FROM tables AS t, unnest(ARRAY['daybreak_service', 'daybreak_reader']) AS role,
  unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS verbs (verb),
  (VALUES ('its own', '10000000-0000-4000-8000-000000000001', '1'),
    ('another tenant', '10000000-0000-4000-8000-000000000002', '1'), ('a tenant, with none set,', '', '1'))
    AS cases (whose, tenant, ending)
WHERE NOT (t.tab = 'tenants' AND verb = 'INSERT' AND whose = 'its own')
ORDER BY t.tab, role, verb, whose;
SELECT is(
  pg_temp.probe('daybreak_service', '{"loghunter.tenant_id": "10000000-0000-4000-8000-00000000000a"}',
    $$INSERT INTO loghunter.tenants (id, name) VALUES ('10000000-0000-4000-8000-00000000000a', 'new')$$),
  '1 row', 'tenants: the service makes one as the tenant that it is to be');
-- The owner of the tables, whom FORCE binds, and a role that was given nothing.
SELECT is(
  pg_temp.probe('daybreak_owner', '{"loghunter.tenant_id": "10000000-0000-4000-8000-000000000001"}',
    pg_temp.statement(verb, t, '1')),
  CASE WHEN verb = 'INSERT' THEN '42501' WHEN verb = 'SELECT' AND t.tab IN ('tenants', 'api_keys') THEN '1 row'
    ELSE '0 rows' END,
  format('%s: %s by the owner of the table', t.tab, verb))
FROM tables AS t, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS verb
ORDER BY t.tab, verb;
SELECT is(
  pg_temp.probe('pg_read_all_settings', '{"loghunter.tenant_id": "10000000-0000-4000-8000-000000000001"}',
    pg_temp.statement('SELECT', t, '1')), '42501', format('%s: not for a role that was given nothing', t.tab))
FROM tables AS t ORDER BY t.tab;
-- A row does not leave its tenant.
SELECT is(
  pg_temp.probe('daybreak_service', '{"loghunter.tenant_id": "10000000-0000-4000-8000-000000000001"}',
    format('UPDATE loghunter.%I SET tenant_id = %L', tab, '10000000-0000-4000-8000-000000000002')), '42501',
  tab || ': a row is not given to another tenant')
FROM tables WHERE tab <> 'tenants' ORDER BY tab;
-- Nothing is hung on another tenant's cluster, whose existence no key tells.
SELECT is(
  pg_temp.probe('daybreak_service', '{"loghunter.tenant_id": "10000000-0000-4000-8000-000000000002"}',
    pg_temp.statement('INSERT', t, '2')), '23503', tab || ': not on a cluster of another tenant')
FROM tables AS t WHERE tab IN ('analysis_results', 'error_cluster_windows') ORDER BY tab;
SELECT is(
  pg_temp.probe('daybreak_reader', '{"loghunter.tenant_id": "10000000-0000-4000-8000-000000000001"}',
    'SELECT key_hash FROM loghunter.api_keys'), '42501', 'readers do not see digests of keys');
SELECT is(
  pg_temp.probe('daybreak_service', '{"loghunter.tenant_id": "no uuid"}', 'SELECT id FROM loghunter.tenants'), '22P02',
  'a tenant that is none is an error, not everybody');

SELECT * FROM finish();
ROLLBACK;
