-- Example data for LogHunter: the same rows every time, on every server.
--
-- Settings, all optional:
--   daybreak.scale     how much: 1 is four services a tenant, 10 is forty        (default 1)
--   daybreak.seed_end  the day after the last one, as a date, in UTC             (2026-03-13)
-- Runs in one transaction as a role that has the rights of daybreak_service, into an empty catalog.
-- In the last night, from 02:10 to 03:05 UTC, the checkout service of every tenant fails; one cluster
-- is new, one comes back after two weeks, and one service falls silent.

CREATE OR REPLACE FUNCTION pg_temp.seed_scale() RETURNS numeric LANGUAGE sql STABLE AS
$$ SELECT least(greatest(
  coalesce(nullif(current_setting('daybreak.scale', true), ''), '1')::numeric, 0.1), 1000) $$;
CREATE OR REPLACE FUNCTION pg_temp.seed_end() RETURNS timestamptz LANGUAGE sql STABLE AS
$$ SELECT coalesce(nullif(current_setting('daybreak.seed_end', true), ''), '2026-03-13')::date::timestamp
  AT TIME ZONE 'UTC' $$;
-- A number from 0 up to 1 that depends on a text alone.
CREATE OR REPLACE FUNCTION pg_temp.seed_share(key text) RETURNS double precision LANGUAGE sql IMMUTABLE AS
$$ SELECT ('x' || left(md5(key), 8))::bit(32)::bigint / 4294967296.0 $$;
-- One of several, by the same rule.
CREATE OR REPLACE FUNCTION pg_temp.seed_pick(key text, choices text[]) RETURNS text
LANGUAGE sql IMMUTABLE AS
$$ SELECT choices[1 + floor(pg_temp.seed_share(key) * cardinality(choices))::integer] $$;
CREATE OR REPLACE FUNCTION pg_temp.seed_id(key text) RETURNS uuid LANGUAGE sql IMMUTABLE AS
$$ SELECT md5('loghunter/' || key)::uuid $$;

DO $seed$
DECLARE
  service_count constant integer := greatest(2, round(4 * pg_temp.seed_scale()));
  nights constant integer := 28;
  last_end constant timestamptz := pg_temp.seed_end();
  first_start constant timestamptz := last_end - make_interval(days => nights);
  organization text;
  tenant uuid;
BEGIN
  IF loghunter.tenant_named('acme') IS NOT NULL THEN
    RAISE EXCEPTION 'loghunter holds example data already'
      USING ERRCODE = 'unique_violation', HINT = 'daybreak db reset --catalog loghunter';
  END IF;
  CREATE TEMPORARY TABLE seed_services (number integer, service text, namespace text);
  CREATE TEMPORARY TABLE seed_clusters (id uuid, service text, namespace text, number integer,
    level text, template text, message text, pattern text, fingerprint text);
  CREATE TEMPORARY TABLE seed_windows (cluster_id uuid, night integer, occurrences bigint);
  FOREACH organization IN ARRAY ARRAY['default', 'acme', 'globex', 'initech'] LOOP
    tenant := pg_temp.seed_id('tenant/' || organization);
    PERFORM set_config('loghunter.tenant_id', tenant::text, true);
    INSERT INTO loghunter.tenants (id, name, loki_org_id, created_at, updated_at)
    VALUES (tenant, organization, organization, first_start - interval '200 days',
      first_start - interval '200 days');
    -- The default tenant is there, as in every installation of LogHunter, and has nothing.
    CONTINUE WHEN organization = 'default';

    -- Two keys of Daybreak's kind, one of LogHunter's that still has its bcrypt hash, one revoked.
    INSERT INTO loghunter.api_keys (id, tenant_id, name, key_prefix, key_hash, scopes, expires_at,
      last_used_at, deleted_at, created_at, updated_at)
    SELECT pg_temp.seed_id(k), tenant, name,
      CASE kind WHEN 'old' THEN 'lhk_' || left(name, 4) ELSE 'dbk_' || left(md5('prefix ' || k), 16) END,
      CASE kind WHEN 'old' THEN '$2b$10$' || substr(md5('salt ' || k) || md5('hash ' || k), 1, 53)
        ELSE encode(sha256(convert_to('secret ' || k, 'UTF8')), 'hex') END,
      scopes::text[], CASE name WHEN 'release-bot' THEN last_end + interval '90 days' END,
      CASE kind WHEN 'revoked' THEN first_start ELSE last_end - interval '3 hours' END,
      CASE kind WHEN 'revoked' THEN first_start + interval '5 days' END,
      first_start - interval '100 days', first_start - interval '100 days'
    FROM (VALUES ('ci-pipeline-key', 'new', '{read:analysis,write:analysis}'),
      ('release-bot', 'new', '{read:analysis}'), ('prod-cli', 'old', '{read:analysis}'),
      ('intern-laptop', 'revoked', '{read:analysis}')) AS keys (name, kind, scopes),
      LATERAL (SELECT format('key/%s/%s', organization, name)) AS key (k);

    INSERT INTO loghunter.saved_filters (id, tenant_id, name, filter_json, created_by, deleted_at,
      created_at, updated_at)
    SELECT pg_temp.seed_id(format('filter/%s/%s', organization, name)), tenant, name, filter::jsonb,
      author, CASE name WHEN 'old rollout' THEN last_end - interval '10 days' END,
      first_start, first_start
    FROM (VALUES
      ('payments that fail', 'olga', '{"service": "checkout", "levels": ["ERROR", "FATAL"], "keywords": ["payment"]}'),
      ('noisy warnings', 'sam', '{"namespace": "prod", "levels": ["WARN"], "keywords": []}'),
      ('old rollout', 'olga', '{"service": "search", "levels": ["ERROR"], "keywords": ["v2"]}')
    ) AS filters (name, author, filter);

    TRUNCATE seed_services;
    INSERT INTO seed_services
    SELECT n, (ARRAY['checkout', 'catalog', 'search', 'mailer', 'ledger', 'gateway', 'auth', 'media'])[1 + (n - 1) % 8]
        || CASE WHEN n > 8 THEN '-' || (n - 1) / 8 + 1 ELSE '' END,
      CASE WHEN n % 4 = 0 THEN 'batch' ELSE 'prod' END
    FROM generate_series(1, service_count) AS n;

    -- What each service says when it is unwell. `nights` says on which nights, of 1 to 28: daily,
    -- rarely, new in the last, or back in the last after two weeks of silence.
    TRUNCATE seed_clusters;
    INSERT INTO seed_clusters
    SELECT pg_temp.seed_id(format('cluster/%s/%s/%s', organization, s.service, t.number)), s.service,
      s.namespace, t.number, t.level, t.template, format(t.example, s.service), t.pattern,
      encode(sha256(convert_to(lower(t.template), 'UTF8')), 'hex')
    FROM seed_services AS s, (VALUES
      (1, 'ERROR', 'payment provider answered 503 after (N) ms', 'payment provider answered 503 after 3012 ms in %s', 'daily'),
      (2, 'WARN', 'retrying request to inventory, attempt [N]', 'retrying request to inventory, attempt 2 in %s', 'daily'),
      (3, 'ERROR', 'connection to 0xADDR timed out', 'connection to db-3.internal:5432 timed out in %s', 'daily'),
      (4, 'CRITICAL', 'replica lag of (N) s exceeds the limit', 'replica lag of 47 s exceeds the limit, %s', 'rare'),
      (5, 'WARN', 'slow query: (N) ms', 'slow query: 1840 ms in %s', 'daily'),
      (6, 'ERROR', 'no such file: /var/cache/UUID', 'no such file: /var/cache/5e1c in %s', 'rare'),
      (7, 'FATAL', 'out of memory: cannot allocate (N) bytes', 'out of memory: cannot allocate 67108864 bytes in %s', 'new'),
      (8, 'ERROR', 'certificate of upstream has expired', 'certificate of upstream has expired, %s', 'back')
    ) AS t (number, level, template, example, pattern)
    -- The worst comes to one service alone, and so does what comes back.
    WHERE (t.pattern <> 'new' OR s.service = 'checkout') AND (t.pattern <> 'back' OR s.service = 'search');

    TRUNCATE seed_windows;
    INSERT INTO seed_windows
    SELECT c.id, night,
      CASE
        WHEN night = nights AND c.service = 'checkout' AND c.number IN (1, 3) THEN 1800
        WHEN c.pattern = 'new' THEN 23
        ELSE 4 END + floor(pg_temp.seed_share(format('count/%s/%s', c.id, night)) * 60)::bigint
    FROM seed_clusters AS c, generate_series(1, nights) AS night
    WHERE CASE c.pattern WHEN 'daily' THEN true WHEN 'new' THEN night = nights
        WHEN 'back' THEN night < 13 OR night = nights
        ELSE pg_temp.seed_share(format('rare/%s/%s', c.id, night)) < 0.2 OR night = 3 END
      -- The mailer says nothing in the last night.
      AND NOT (night = nights AND c.service = 'mailer');

    INSERT INTO loghunter.error_clusters (id, tenant_id, service, namespace, fingerprint, level,
      first_seen_at, last_seen_at, count, sample_message, created_at, updated_at)
    SELECT c.id, tenant, c.service, c.namespace, c.fingerprint, c.level,
      first_start + make_interval(days => min(w.night) - 1, mins => 130),
      first_start + make_interval(days => max(w.night) - 1, mins => 185),
      sum(w.occurrences)::bigint, c.message, first_start, last_end
    FROM seed_clusters AS c JOIN seed_windows AS w ON w.cluster_id = c.id
    GROUP BY c.id, c.service, c.namespace, c.fingerprint, c.level, c.message;

    INSERT INTO loghunter.error_cluster_windows (id, tenant_id, cluster_id, window_start, window_end,
      level, first_seen_at, last_seen_at, count, created_at, updated_at)
    SELECT pg_temp.seed_id(format('window/%s/%s', c.id, w.night)), tenant, c.id,
      first_start + make_interval(days => w.night - 1), first_start + make_interval(days => w.night),
      c.level, first_start + make_interval(days => w.night - 1, mins => 130),
      first_start + make_interval(days => w.night - 1, mins => 185), w.occurrences,
      first_start + make_interval(days => w.night), first_start + make_interval(days => w.night)
    FROM seed_clusters AS c JOIN seed_windows AS w ON w.cluster_id = c.id;

    INSERT INTO loghunter.analysis_results (id, cluster_id, tenant_id, provider, model, root_cause,
      confidence, summary, suggested_action, created_at, updated_at)
    SELECT pg_temp.seed_id('analysis/' || c.id), c.id, tenant, a.provider, a.model, a.cause,
      round((0.55 + 0.4 * pg_temp.seed_share('confidence/' || c.id))::numeric, 2),
      format(a.summary, c.service), a.action, last_end + interval '20 minutes', last_end + interval '20 minutes'
    FROM seed_clusters AS c JOIN (VALUES
      (1, 'ollama', 'qwen3:8b', 'The payment provider refused connections for almost an hour; retries multiplied the load on it.',
        '%s could not take payments between 02:10 and 03:05. Orders were kept and settled afterwards.',
        'Put a circuit breaker before the payment provider.'),
      (3, 'ollama', 'qwen3:8b', 'The database''s connections were used up while the provider was down: each waiting order held one.',
        '%s waited for connections to its database.', 'Release the connection before calling out.'),
      (7, 'anthropic', 'claude-sonnet-4-5', 'Orders that waited piled up in memory until the process was killed.',
        '%s was killed for want of memory, for the first time.', NULL),
      (8, 'extractive', 'built in', 'The certificate of an upstream expired.',
        '%s refuses an upstream whose certificate has expired.', 'Renew the certificate.')
    ) AS a (number, provider, model, cause, summary, action) ON a.number = c.number
    WHERE c.service IN ('checkout', 'search');

    INSERT INTO loghunter.anomaly_baselines (id, tenant_id, service, namespace, window_start, window_end,
      avg_log_rate, avg_error_rate, p95_error_rate, created_at, updated_at)
    SELECT pg_temp.seed_id(format('baseline/%s/%s/%s', organization, s.service, week)), tenant, s.service,
      s.namespace, first_start + make_interval(weeks => week - 1), first_start + make_interval(weeks => week),
      round((40 + 200 * r)::numeric, 2), round((0.2 + r)::numeric, 3), round((0.8 + 3 * r)::numeric, 3),
      first_start + make_interval(weeks => week), first_start + make_interval(weeks => week)
    FROM seed_services AS s, generate_series(1, nights / 7) AS week,
      LATERAL (SELECT pg_temp.seed_share(format('rate/%s/%s/%s', organization, s.service, week))) AS rate (r);

    -- The last night's outage and silence, and a quieter one of every tenth night.
    INSERT INTO loghunter.anomaly_events (id, tenant_id, service, namespace, detected_at, severity, metric,
      baseline_value, observed_value, deviation_factor, deviation_note, notified, created_at, updated_at)
    SELECT pg_temp.seed_id(format('anomaly/%s/%s/%s/%s', organization, e.service, e.metric, e.detected_at)),
      tenant, e.service, s.namespace, e.detected_at, e.severity, e.metric, e.baseline, e.observed,
      loghunter.deviation_factor(e.baseline, e.observed),
      CASE WHEN e.baseline = 0 THEN 'the baseline has no such event' END, e.detected_at < last_end - interval '1 day',
      e.detected_at + interval '1 minute', e.detected_at + interval '1 minute'
    FROM (
      VALUES ('checkout', last_end - interval '21 hours 50 minutes', 'CRITICAL', 'error_rate', 0.75::float8, 33.6::float8),
        ('checkout', last_end - interval '21 hours 40 minutes', 'HIGH', 'log_volume', 120, 410),
        ('checkout', last_end - interval '21 hours 5 minutes', 'HIGH', 'fatal_rate', 0, 0.4),
        ('mailer', last_end - interval '20 hours', 'HIGH', 'log_volume', 60, 0)
      UNION ALL
      SELECT s.service, first_start + make_interval(days => night, hours => 4), 'LOW', 'error_rate', 0.5,
        round((1.5 + pg_temp.seed_share(format('low/%s/%s/%s', organization, s.service, night)))::numeric, 2)
      FROM seed_services AS s, generate_series(3, nights - 2, 10) AS night
    ) AS e (service, detected_at, severity, metric, baseline, observed)
    JOIN seed_services AS s ON s.service = e.service;
  END LOOP;
  PERFORM set_config('loghunter.tenant_id', '', true);
  DROP TABLE seed_windows, seed_clusters, seed_services;
END
$seed$;
