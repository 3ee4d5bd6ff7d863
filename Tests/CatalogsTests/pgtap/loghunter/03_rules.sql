-- What LogHunter's data must be, and the functions that keep it so.
\ir ../common/probe.sql
BEGIN;
SELECT no_plan();

INSERT INTO loghunter.tenants (id, name, loki_org_id)
VALUES ('10000000-0000-4000-8000-000000000001', 'rules', 'rules');
CREATE FUNCTION pg_temp.answer(query text, as_role text DEFAULT 'daybreak_service') RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.value_for(as_role, '{"loghunter.tenant_id": "10000000-0000-4000-8000-000000000001"}', query)
$$;
CREATE FUNCTION pg_temp.window_of(night date, level text, occurrences bigint) RETURNS uuid LANGUAGE sql AS $$
  SELECT loghunter.record_cluster_window('api', 'prod', repeat('c', 64), level,
    night::timestamp AT TIME ZONE 'UTC', (night + 1)::timestamp AT TIME ZONE 'UTC',
    night::timestamp AT TIME ZONE 'UTC' + interval '1 hour', night::timestamp AT TIME ZONE 'UTC' + interval '5 hours',
    occurrences, 'connection refused')
$$;

-- The same night twice counts once; the level is the worst, the first time the earliest, in any order.
SELECT set_config('loghunter.tenant_id', '10000000-0000-4000-8000-000000000001', true);
SELECT pg_temp.window_of('2025-01-02', 'WARNING', 5);
SELECT pg_temp.window_of('2025-01-02', 'WARNING', 5);
SELECT results_eq(
  $$SELECT count, level, first_seen_at FROM loghunter.error_clusters WHERE service = 'api'$$,
  $$VALUES (5::bigint, 'WARN', '2025-01-02 01:00:00+00'::timestamptz)$$, 'the same night twice counts once');
SELECT pg_temp.window_of('2025-01-01', 'fatal', 3);
SELECT results_eq(
  $$SELECT count, level, first_seen_at, last_seen_at FROM loghunter.error_clusters WHERE service = 'api'$$,
  $$VALUES (8::bigint, 'FATAL', '2025-01-01 01:00:00+00'::timestamptz, '2025-01-02 05:00:00+00'::timestamptz)$$,
  'an earlier and worse night makes it earlier and worse');
SELECT pg_temp.window_of('2025-01-01', 'ERROR', 1);
SELECT results_eq(
  $$SELECT count, level FROM loghunter.error_clusters WHERE service = 'api'$$, $$VALUES (6::bigint, 'ERROR')$$,
  'a night analysed again replaces what was said of it');
SELECT is((SELECT count(*) FROM loghunter.error_clusters WHERE service = 'api'), 1::bigint, 'one cluster');
SELECT is((SELECT count(*) FROM loghunter.error_cluster_windows), (SELECT count(DISTINCT (cluster_id, window_start))
  FROM loghunter.error_cluster_windows), 'one row a window');
SELECT set_config('loghunter.tenant_id', '', true);
SELECT throws_like($$SELECT pg_temp.window_of('2025-01-01', 'ERROR', 1)$$, '%no tenant is set%', 'not without a tenant');
SELECT isnt(pg_temp.answer($$SELECT pg_temp.window_of('2025-01-03', 'ERROR', 1)$$), '42501', 'the service records windows');
SELECT is(pg_temp.answer($$SELECT pg_temp.window_of('2025-01-03', 'ERROR', 1)$$, 'daybreak_reader'), '42501',
  'readers do not');

-- Levels and severities.
SELECT is(loghunter.normalize_level(word), level, format('%s is %s', word, level))
FROM (VALUES ('WARNING', 'WARN'), ('warn', 'WARN'), ('err', 'ERROR'), (' Error ', 'ERROR'), ('crit', 'CRITICAL'),
  ('Fatal', 'FATAL'), ('panic', 'FATAL'), ('emerg', 'FATAL')) AS expected (word, level);
SELECT is(loghunter.severity(level), rank, format('%s ranks %s', level, rank))
FROM (VALUES ('FATAL', 4), ('CRITICAL', 3), ('ERROR', 2), ('WARN', 1), ('INFO', 0)) AS expected (level, rank);
SELECT lives_ok($$INSERT INTO loghunter.error_clusters (tenant_id, service, fingerprint, level, first_seen_at,
    last_seen_at, sample_message) VALUES ('10000000-0000-4000-8000-000000000001', 'b', repeat('d', 64), 'Warning', now(),
    now(), 'x')$$, 'a level in another spelling is taken');
SELECT is((SELECT level FROM loghunter.error_clusters WHERE service = 'b'), 'WARN', 'and normalised');
SELECT throws_ok($$INSERT INTO loghunter.error_clusters (tenant_id, service, fingerprint, level, first_seen_at,
    last_seen_at, sample_message) VALUES ('10000000-0000-4000-8000-000000000001', 'c', repeat('d', 64), 'INFO', now(),
    now(), 'x')$$, '23514', NULL, 'INFO is no error');
SELECT throws_ok($$INSERT INTO loghunter.error_clusters (tenant_id, service, fingerprint, level, first_seen_at,
    last_seen_at, sample_message) VALUES ('10000000-0000-4000-8000-000000000001', 'c', 'no digest', 'WARN', now(),
    now(), 'x')$$, '23514', NULL, 'a fingerprint is a SHA-256');
SELECT lives_ok($$UPDATE loghunter.error_clusters SET count = 3000000000 WHERE service = 'b'$$,
  'a count may pass two thousand million');

-- Anomalies: a silent baseline has no factor, and says so.
SELECT is(loghunter.deviation_factor(expected, observed), factor, format('%s of %s', observed, expected))
FROM (VALUES (2.0::float8, 6.0::float8, 3.0::float8), (0, 5, NULL), (4, 0, 0)) AS t (expected, observed, factor);
SELECT throws_ok(format($$INSERT INTO loghunter.anomaly_events (tenant_id, service, detected_at, severity, metric,
    baseline_value, observed_value, deviation_factor, deviation_note) VALUES
    ('10000000-0000-4000-8000-000000000001', 's', now(), 'HIGH', 'error_rate', %s, 5, %s, %s)$$, baseline, factor, note),
  '23514', NULL, what)
FROM (VALUES ('0', '99', '''x''', 'no factor to a baseline of zero'), ('0', 'NULL', 'NULL', 'no missing factor without a reason'),
  ('1', '''Infinity''', 'NULL', 'no infinite factor'), ('1', '''NaN''', 'NULL', 'no factor that is no number'))
  AS t (baseline, factor, note, what);
SELECT lives_ok($$INSERT INTO loghunter.anomaly_events (tenant_id, service, detected_at, severity, metric, baseline_value,
    observed_value, deviation_note) VALUES ('10000000-0000-4000-8000-000000000001', 's', '2025-01-01', 'HIGH',
    'error_rate', 0, 5, 'nothing was expected')$$, 'a missing factor with a reason');
SELECT throws_ok($$INSERT INTO loghunter.analysis_results (tenant_id, cluster_id, provider, model, root_cause, confidence,
    summary) SELECT tenant_id, id, 'ollama', 'm', 'r', 1.2, 's' FROM loghunter.error_clusters WHERE service = 'b'$$,
  '23514', NULL, 'confidence is at most one');

-- Keys: scopes as an array, digests only, lookup by prefix before a tenant is known.
SELECT throws_ok($$INSERT INTO loghunter.api_keys (tenant_id, name, key_prefix, key_hash) VALUES
    ('10000000-0000-4000-8000-000000000001', 'x', 'lhk_rule', 'lhk_rule_in_clear')$$, '23514', NULL, 'no key in clear');
SELECT lives_ok($$INSERT INTO loghunter.api_keys (tenant_id, name, key_prefix, key_hash, scopes) VALUES
    ('10000000-0000-4000-8000-000000000001', 'a', 'lhk_rule', '$2b$10$abcdefghijklmnopqrstuuNU6E4VzqF', '{read:analysis}'),
    ('10000000-0000-4000-8000-000000000001', 'b', 'lhk_rule', '$2b$10$abcdefghijklmnopqrstuuNU6E4VzqG', '{}'),
    ('10000000-0000-4000-8000-000000000001', 'c', 'dbk_4f2a', repeat('a', 64), '{read:analysis,write:analysis}')$$,
  'LogHunter''s keys may share a prefix');
SELECT throws_ok($$INSERT INTO loghunter.api_keys (tenant_id, name, key_prefix, key_hash) VALUES
    ('10000000-0000-4000-8000-000000000001', 'd', 'dbk_4f2a', repeat('b', 64))$$, '23505', NULL, 'Daybreak''s do not');
SELECT is(pg_temp.value_for('daybreak_service', '{}', format('SELECT count(*) FROM loghunter.api_key_candidates(%L)', prefix)),
  found, format('candidates for %s: %s', prefix, found))
FROM (VALUES ('lhk_rule', '2'), ('dbk_4f2a', '1'), ('lhk', '0')) AS expected (prefix, found);
UPDATE loghunter.api_keys SET deleted_at = now() WHERE name = 'c' AND key_prefix = 'dbk_4f2a';
SELECT is(pg_temp.value_for('daybreak_service', '{}', $$SELECT count(*) FROM loghunter.api_key_candidates('dbk_4f2a')$$), '0',
  'a revoked key is no candidate');
SELECT lives_ok($$INSERT INTO loghunter.api_keys (tenant_id, name, key_prefix, key_hash) VALUES
    ('10000000-0000-4000-8000-000000000001', 'c', 'dbk_new', repeat('c', 64))$$, 'its name is free again');
SELECT is(pg_temp.value_for('daybreak_reader', '{}', $$SELECT count(*) FROM loghunter.api_key_candidates('lhk_rule')$$),
  '42501', 'readers look no keys up');
SELECT is(pg_temp.value_for('daybreak_service', '{}', $$SELECT loghunter.tenant_named('rules')$$),
  '10000000-0000-4000-8000-000000000001', 'a tenant is found by name');
SELECT is(pg_temp.value_for('daybreak_service', '{}', $$SELECT loghunter.tenant_named('nobody')$$), 'NULL', 'or is not there');
SELECT throws_ok($$INSERT INTO loghunter.tenants (name) VALUES ('rules')$$, '23505', NULL,
  'the same tenant is not made twice');
SELECT throws_ok($$INSERT INTO loghunter.saved_filters (tenant_id, name, filter_json, created_by) VALUES
    ('10000000-0000-4000-8000-000000000001', 'x', '[]', 'x')$$, '23514', NULL, 'a filter is an object');
UPDATE loghunter.tenants SET updated_at = '2020-01-01' WHERE name = 'rules';
SELECT is((SELECT updated_at FROM loghunter.tenants WHERE name = 'rules'), now(), 'updated_at is set, whatever was written');

-- A tenant goes with everything it has, row-level security or not.
DELETE FROM loghunter.tenants WHERE name = 'rules';
SELECT is_empty($$SELECT FROM loghunter.error_clusters WHERE tenant_id = '10000000-0000-4000-8000-000000000001'$$,
  'a tenant takes its clusters along');

SELECT * FROM finish();
ROLLBACK;
