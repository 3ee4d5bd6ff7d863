-- Retention: the owner deletes what is older than the transaction's cutoff, and nothing else.
\ir ../common/probe.sql
BEGIN;
SELECT no_plan();

INSERT INTO loghunter.tenants (id, name) VALUES ('10000000-0000-4000-8000-000000000001', 'retention');
INSERT INTO loghunter.error_clusters (id, tenant_id, service, fingerprint, level, first_seen_at, last_seen_at, sample_message)
SELECT ('40000000-0000-4000-8000-00000000000' || n)::uuid, '10000000-0000-4000-8000-000000000001', 's' || n, repeat('a', 64),
  'ERROR', '1990-01-01', '1990-01-01'::timestamptz + (n - 1) * interval '10 years', 'x' FROM generate_series(1, 2) AS n;
INSERT INTO loghunter.error_cluster_windows (tenant_id, cluster_id, window_start, window_end, level, first_seen_at,
  last_seen_at, count)
SELECT '10000000-0000-4000-8000-000000000001', ('40000000-0000-4000-8000-00000000000' || n)::uuid, '1990-01-01',
  '1990-01-02', 'ERROR', '1990-01-01', '1990-01-01', 1 FROM generate_series(1, 2) AS n;
INSERT INTO loghunter.analysis_results (tenant_id, cluster_id, provider, model, root_cause, confidence, summary, created_at)
SELECT '10000000-0000-4000-8000-000000000001', ('40000000-0000-4000-8000-00000000000' || n)::uuid, 'ollama', 'm', 'r', 1,
  's', '1999-01-01' FROM generate_series(1, 2) AS n;
INSERT INTO loghunter.anomaly_events (tenant_id, service, detected_at, severity, metric, baseline_value, observed_value,
  deviation_factor) VALUES ('10000000-0000-4000-8000-000000000001', 's', '1990-01-01', 'LOW', 'm', 1, 2, 2);
INSERT INTO loghunter.anomaly_baselines (tenant_id, service, window_start, window_end, avg_log_rate, avg_error_rate,
  p95_error_rate) VALUES ('10000000-0000-4000-8000-000000000001', 's', '1990-01-01', '1990-01-02', 1, 1, 1);
INSERT INTO loghunter.api_keys (tenant_id, name, key_prefix, key_hash, deleted_at) VALUES
  ('10000000-0000-4000-8000-000000000001', 'old', 'dbk_old', repeat('a', 64), '1990-01-01'),
  ('10000000-0000-4000-8000-000000000001', 'live', 'dbk_live', repeat('b', 64), NULL);
INSERT INTO loghunter.saved_filters (tenant_id, name, filter_json, created_by, deleted_at) VALUES
  ('10000000-0000-4000-8000-000000000001', 'old', '{}', 'x', '1990-01-01'),
  ('10000000-0000-4000-8000-000000000001', 'live', '{}', 'x', NULL);

CREATE FUNCTION pg_temp.as_owner(cutoff text, statement text) RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.probe('daybreak_owner', jsonb_build_object('daybreak.retention_before', cutoff), statement)
$$;
SELECT is(pg_temp.as_owner(cutoff, 'DELETE FROM loghunter.' || tab), CASE cutoff WHEN '1991-01-01' THEN gone ELSE '0 rows' END,
  format('%s: before %s', tab, coalesce(nullif(cutoff, ''), 'nothing')))
FROM unnest(ARRAY['', '1989-01-01', '1991-01-01']) AS cutoff, (VALUES ('error_clusters', '1 row'), ('anomaly_events', '1 row'), ('anomaly_baselines', '1 row'), ('api_keys', '1 row'),
  ('saved_filters', '1 row'), ('tenants', '0 rows')) AS expected (tab, gone);
SELECT is(pg_temp.as_owner('1991-01-01', 'DELETE FROM loghunter.' || tab), '1 row',
  tab || ': children of what expires go, whatever their own age')
FROM unnest(ARRAY['analysis_results', 'error_cluster_windows']) AS tab;
SELECT is(pg_temp.as_owner('1999-06-01', 'DELETE FROM loghunter.analysis_results'), '2 rows',
  'analysis_results: or by an age of their own');
SELECT is(pg_temp.as_owner('1991-01-01', 'SELECT FROM loghunter.error_clusters'), '1 row', 'a dry run counts the same rows');
SELECT is(pg_temp.probe('daybreak_service', '{"daybreak.retention_before": "2100-01-01"}',
    'DELETE FROM loghunter.anomaly_events'), '0 rows', 'the service cannot borrow the owner''s right');

SELECT * FROM finish();
ROLLBACK;
