-- One probe tenant with a row in every table, to prove isolation: as daybreak_service, in a transaction
-- that is rolled back. daybreak.probe_id is the tenant's id, and loghunter.tenant_id is set to it.
INSERT INTO loghunter.tenants (id, name)
VALUES (current_setting('daybreak.probe_id')::uuid, 'probe ' || current_setting('daybreak.probe_id'));
INSERT INTO loghunter.api_keys (tenant_id, name, key_prefix, key_hash)
SELECT p::uuid, 'probe', 'dbk_probe' || md5(p), encode(sha256(convert_to(p, 'UTF8')), 'hex')
FROM current_setting('daybreak.probe_id') AS p;
INSERT INTO loghunter.saved_filters (tenant_id, name, filter_json, created_by)
VALUES (current_setting('daybreak.probe_id')::uuid, 'probe', '{}', 'probe');
SELECT loghunter.record_cluster_window('probe', 'probe', repeat('0', 64), 'ERROR',
  '2000-01-01 00:00:00+00', '2000-01-02 00:00:00+00', '2000-01-01 01:00:00+00', '2000-01-01 02:00:00+00', 1, 'probe');
INSERT INTO loghunter.analysis_results (tenant_id, cluster_id, provider, model, root_cause, confidence, summary)
SELECT c.tenant_id, c.id, 'extractive', 'probe', 'probe', 0, 'probe' FROM loghunter.error_clusters AS c
WHERE c.tenant_id = current_setting('daybreak.probe_id')::uuid;
INSERT INTO loghunter.anomaly_baselines (tenant_id, service, window_start, window_end, avg_log_rate,
  avg_error_rate, p95_error_rate)
VALUES (current_setting('daybreak.probe_id')::uuid, 'probe', '2000-01-01 00:00:00+00', '2000-01-02 00:00:00+00', 1, 1, 1);
INSERT INTO loghunter.anomaly_events (tenant_id, service, detected_at, severity, metric, baseline_value,
  observed_value, deviation_factor)
VALUES (current_setting('daybreak.probe_id')::uuid, 'probe', '2000-01-01 00:00:00+00', 'LOW', 'probe', 1, 2, 2);
