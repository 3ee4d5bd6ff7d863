-- One probe tenant with a row in every table, to prove isolation: as daybreak_service, in a transaction
-- that is rolled back. daybreak.probe_id is the tenant's id, and daybreak.tenant_id is set to it.
INSERT INTO daybreak.tenants (id, name)
SELECT p::uuid, 'probe-' || p FROM current_setting('daybreak.probe_id') AS p;
INSERT INTO daybreak.api_keys (tenant_id, name, key_prefix, key_hash)
SELECT p::uuid, 'probe', 'dbk_probe' || md5(p), encode(sha256(convert_to(p, 'UTF8')), 'hex')
FROM current_setting('daybreak.probe_id') AS p;
INSERT INTO daybreak.saved_filters (tenant_id, name, filter_json, created_by)
VALUES (current_setting('daybreak.probe_id')::uuid, 'probe', '{}', 'probe');

-- A run with its stage, its source and what could not be read.
INSERT INTO daybreak.runs (tenant_id, job, window_start, window_end, night, time_zone, configuration_digest,
  status, has_observations, started_at, finished_at)
VALUES (current_setting('daybreak.probe_id')::uuid, 'probe', '2000-01-01 00:00:00+00', '2000-01-02 00:00:00+00',
  '2000-01-01', 'UTC', 'probe', 'finished', true, '2000-01-02 00:00:00+00', '2000-01-02 00:01:00+00');
INSERT INTO daybreak.stage_runs (tenant_id, run_id, stage, status, started_at, finished_at)
SELECT tenant_id, id, 'probe', 'finished', started_at, finished_at FROM daybreak.runs
WHERE tenant_id = current_setting('daybreak.probe_id')::uuid;
INSERT INTO daybreak.source_coverage (tenant_id, run_id, ordinal, name, lines_clustered, continuation_lines,
  lines_without_time, lines_quarantined, duplicates_skipped, lines_outside_window, inputs)
SELECT tenant_id, id, 0, 'probe', 1, 0, 0, 1, 0, 0, '[]' FROM daybreak.runs
WHERE tenant_id = current_setting('daybreak.probe_id')::uuid;
INSERT INTO daybreak.quarantine (tenant_id, source_id, ordinal, file, byte_offset, line_count, reason, excerpt)
SELECT tenant_id, id, 0, 'probe', 0, 1, 'probe', 'probe' FROM daybreak.source_coverage
WHERE tenant_id = current_setting('daybreak.probe_id')::uuid;

-- Two clusters, one of which took the other's place; the trigger writes their words.
INSERT INTO daybreak.error_clusters (tenant_id, service, fingerprint, template, level, count, sample_message)
SELECT current_setting('daybreak.probe_id')::uuid, 'probe', repeat(digit, 64), 'probe', 'ERROR', 1, 'probe'
FROM unnest(ARRAY['0', '1']) AS digit;
INSERT INTO daybreak.cluster_observations (tenant_id, run_id, cluster_id, lifecycle, level, count, error_count,
  hourly, untimed)
SELECT c.tenant_id, r.id, c.id, 'new', 'ERROR', 1, 1, '{}', '{0,0,0,0,0,1,0,0}'
FROM daybreak.error_clusters AS c JOIN daybreak.runs AS r ON r.tenant_id = c.tenant_id
WHERE c.tenant_id = current_setting('daybreak.probe_id')::uuid;
INSERT INTO daybreak.cluster_samples (tenant_id, observation_id, ordinal, level, message)
SELECT tenant_id, id, 0, 'ERROR', 'probe' FROM daybreak.cluster_observations
WHERE tenant_id = current_setting('daybreak.probe_id')::uuid;
INSERT INTO daybreak.cluster_mutes (tenant_id, fingerprint, reason, author, muted_at)
VALUES (current_setting('daybreak.probe_id')::uuid, repeat('0', 64), 'probe', 'probe', '2000-01-01 00:00:00+00');
INSERT INTO daybreak.analysis_results (tenant_id, run_id, cluster_id, provider, model, confidence, summary, detail)
SELECT tenant_id, run_id, cluster_id, 'extractive', 'probe', 0, 'probe', '{}' FROM daybreak.cluster_observations
WHERE tenant_id = current_setting('daybreak.probe_id')::uuid;
INSERT INTO daybreak.template_changes (tenant_id, night, window_start, window_end, kind, old_cluster_id,
  new_cluster_id)
SELECT a.tenant_id, '2000-01-01', '2000-01-01 00:00:00+00', '2000-01-02 00:00:00+00', 'merged', a.id, b.id
FROM daybreak.error_clusters AS a JOIN daybreak.error_clusters AS b ON b.tenant_id = a.tenant_id
WHERE a.tenant_id = current_setting('daybreak.probe_id')::uuid
  AND a.fingerprint = repeat('0', 64) AND b.fingerprint = repeat('1', 64);
-- The column is a vector or an array, and reads the same JSON.
INSERT INTO daybreak.cluster_vectors (tenant_id, cluster_id, model, dimension, text_key, signature, embedding)
SELECT c.tenant_id, c.id, 'probe', 1, 'probe', B'1',
  (jsonb_populate_record(NULL::daybreak.cluster_vectors, '{"embedding": [1]}')).embedding
FROM daybreak.error_clusters AS c WHERE c.tenant_id = current_setting('daybreak.probe_id')::uuid;
INSERT INTO daybreak.cluster_vector_codes (tenant_id, model, dimension, block, cluster_ids, signs)
SELECT tenant_id, 'probe', 1, row_number() OVER (ORDER BY cluster_id), uuid_send(cluster_id), '\x80'
FROM daybreak.cluster_vectors WHERE tenant_id = current_setting('daybreak.probe_id')::uuid;
INSERT INTO daybreak.search_words (tenant_id, word)
VALUES (current_setting('daybreak.probe_id')::uuid, 'probe');
INSERT INTO daybreak.model_answers (tenant_id, subject, prompt_digest, provider, model, window_end, answer,
  input_tokens, output_tokens, latency_milliseconds)
VALUES (current_setting('daybreak.probe_id')::uuid, 'probe', repeat('0', 64), 'ollama', 'probe',
  '2000-01-02 00:00:00+00', '{}', 1, 1, 1);

-- Counts by minute, what is normal, and what was not.
SELECT daybreak.prepare_service_minutes('2000-01-01 00:00:00+00', '2000-01-01 00:00:00+00');
INSERT INTO daybreak.service_minutes (tenant_id, namespace, service, minute, unknown_count, trace_count,
  debug_count, info_count, warn_count, error_count, critical_count, fatal_count)
VALUES (current_setting('daybreak.probe_id')::uuid, 'probe', 'probe', '2000-01-01 00:00:00+00', 0, 0, 0, 0, 0, 1, 0, 0);
INSERT INTO daybreak.anomaly_baselines (tenant_id, run_id, service, namespace, window_start, window_end,
  avg_log_rate, avg_error_rate, p95_error_rate)
SELECT tenant_id, id, 'probe', 'probe', window_start, window_end, 1, 1, 1 FROM daybreak.runs
WHERE tenant_id = current_setting('daybreak.probe_id')::uuid;
INSERT INTO daybreak.anomaly_events (tenant_id, run_id, service, namespace, detected_at, ended_at, peak_at,
  severity, metric, baseline_value, observed_value, peak_observed, deviation_factor, log_probability)
SELECT tenant_id, id, 'probe', 'probe', window_start, window_end, window_start, 'LOW', 'error_rate', 1, 2, 2, 2, -1
FROM daybreak.runs WHERE tenant_id = current_setting('daybreak.probe_id')::uuid;

-- What the night came to, who is told, and how fresh the views are.
INSERT INTO daybreak.night_summaries (tenant_id, run_id, night, window_start, window_end, verdict, is_complete,
  counts, detail)
SELECT tenant_id, id, night, window_start, window_end, 'probe', true, '{}', '{}' FROM daybreak.runs
WHERE tenant_id = current_setting('daybreak.probe_id')::uuid;
INSERT INTO daybreak.notifications (tenant_id, run_id, channel, state, message_id, sender, recipients, content)
SELECT tenant_id, id, 'probe', 'pending', 'probe', 'probe', '{}', '' FROM daybreak.runs
WHERE tenant_id = current_setting('daybreak.probe_id')::uuid;
INSERT INTO daybreak.matview_freshness (tenant_id, view_name, refreshed_at, duration_milliseconds, row_count)
VALUES (current_setting('daybreak.probe_id')::uuid, 'service_hourly', '2000-01-02 00:00:00+00', 1, 1);
