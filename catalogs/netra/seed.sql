-- Example data for Netra's PostgreSQL part: the same rows every time, on every server.
--
-- Settings, all optional:
--   daybreak.scale     how much: 1 is 24 users and five weeks, 10 is ten times the users   (default 1)
--   daybreak.seed_end  the day after the last one, as a date, in UTC                       (2026-03-13)
-- Runs in one transaction as a role that has the rights of daybreak_service, into an empty catalog.
-- In the last night, from 02:10 to 03:05 UTC, the supply optimizer's runs fail.

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
CREATE OR REPLACE FUNCTION pg_temp.seed_pick(key text, choices text[]) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT choices[1 + floor(pg_temp.seed_share(key) * cardinality(choices))::integer] $$;
-- A time of day, busiest in the afternoon: the mean of three draws, around 14:00.
CREATE OR REPLACE FUNCTION pg_temp.seed_time(key text) RETURNS interval LANGUAGE sql IMMUTABLE AS
$$ SELECT date_trunc('milliseconds', make_interval(secs => 86399.0 * (((pg_temp.seed_share(key || '/a')
  + pg_temp.seed_share(key || '/b') + pg_temp.seed_share(key || '/c')) / 3 + 0.083)
  - floor((pg_temp.seed_share(key || '/a') + pg_temp.seed_share(key || '/b')
  + pg_temp.seed_share(key || '/c')) / 3 + 0.083)))) $$;

DO $seed$
DECLARE
  user_count constant integer := greatest(8, round(24 * pg_temp.seed_scale()));
  days constant integer := 35;
  last_end constant timestamptz := pg_temp.seed_end();
  first_start constant timestamptz := last_end - make_interval(days => days);
  number integer;
  address text;
  me integer;
BEGIN
  -- Who could be seeded already is looked up by address: no policy shows a user before it is known.
  IF EXISTS (SELECT FROM netra.user_for_sign_in('admin@example.com')) THEN
    RAISE EXCEPTION 'netra holds example data already'
      USING ERRCODE = 'unique_violation', HINT = 'daybreak db reset --catalog netra';
  END IF;

  PERFORM set_config('netra.user_id', '', true), set_config('netra.acts_as_system', 'on', true);
  INSERT INTO netra.users (email, name, password_hash, oauth_provider, oauth_id, picture, is_superuser,
    created_at, updated_at, last_login_at, metadata)
  SELECT
    CASE n WHEN 1 THEN 'admin@example.com' ELSE format('user%s@example.com', lpad(n::text, 4, '0')) END,
    pg_temp.seed_pick('given ' || n, '{Amara,Bruno,Chiara,Deniz,Elif,Farid,Grace,Henrik,Ines,Jonas,Keiko,Luca}')
      || ' ' || pg_temp.seed_pick('family ' || n, '{Adler,Baptiste,Castro,Dupont,Eriksen,Fontana,Gruber,Haddad,Ito}'),
    CASE WHEN n % 3 > 0 THEN '$2b$12$' || substr(md5('salt ' || n) || md5('hash ' || n), 1, 53) END,
    CASE n % 6 WHEN 0 THEN 'google' WHEN 3 THEN 'github' END,
    CASE WHEN n % 3 = 0 THEN (10000000 + floor(pg_temp.seed_share('oauth ' || n) * 89999999))::text END,
    CASE WHEN n % 3 = 0 THEN format('https://avatars.example.com/u/%s.png', n) END,
    n = 1,
    first_start - make_interval(days => 1 + n % 200),
    first_start - make_interval(days => 1 + n % 200),
    last_end - make_interval(days => n % 9) - pg_temp.seed_time('login ' || n),
    jsonb_build_object('plan', pg_temp.seed_pick('plan ' || n, '{free,free,pro,enterprise}'),
      'locale', pg_temp.seed_pick('locale ' || n, '{en-US,de-DE,ja-JP,pt-BR}'))
  FROM generate_series(1, user_count) AS n
  ORDER BY n;

  INSERT INTO netra.supply_catalog (id, user_id, name, category, provider, specifications, pricing,
    availability, performance_metrics, is_active, created_at, updated_at, metadata)
  SELECT md5('netra supply ' || n)::uuid, NULL, format('%s %s-%s', provider, category, n), category, provider,
    jsonb_build_object('vcpus', 2 ^ (1 + n % 6), 'memory_gib', 2 ^ (2 + n % 7),
      'gpu', CASE WHEN category = 'inference' THEN pg_temp.seed_pick('gpu ' || n, '{L4,A100,H100}') END),
    jsonb_build_object('currency', 'USD', 'per_hour', round((0.05 + 4 * pg_temp.seed_share('price ' || n))::numeric, 4)),
    jsonb_build_object('regions', ARRAY['eu-central-1', pg_temp.seed_pick('region ' || n, '{us-east-1,ap-southeast-2}')]),
    jsonb_build_object('p50_ms', round((20 + 200 * pg_temp.seed_share('p50 ' || n))::numeric, 1),
      'p99_ms', round((300 + 1500 * pg_temp.seed_share('p99 ' || n))::numeric, 1),
      'tokens_per_second', round((15 + 140 * pg_temp.seed_share('rate ' || n))::numeric, 1)),
    n % 11 <> 0, first_start, first_start + make_interval(days => n % days), '{"origin": "catalog"}'
  FROM generate_series(1, 60) AS n,
    LATERAL (SELECT pg_temp.seed_pick('category ' || n, '{compute,storage,network,inference}') AS category,
      pg_temp.seed_pick('provider ' || n, '{aws,azure,gcp,onprem}') AS provider) AS kind
  ORDER BY n;

  INSERT INTO netra.audit_logs (user_id, action, resource_type, request_id, response_status, created_at,
    metadata)
  SELECT NULL, pg_temp.seed_pick('job ' || d || '/' || n, '{catalog.import,keys.expire,index.rebuild}'), 'system',
    'job-' || left(md5('job ' || d || '/' || n), 12), CASE WHEN pg_temp.seed_share('jobfail ' || d || '/' || n) < 0.02 THEN 500 ELSE 200 END,
    first_start + make_interval(days => d, hours => 1 + n), '{}'
  FROM generate_series(0, days - 1) AS d, generate_series(1, 3) AS n
  ORDER BY d, n;
  PERFORM set_config('netra.acts_as_system', 'off', true);

  FOR number IN 1 .. user_count LOOP
    address := CASE number WHEN 1 THEN 'admin@example.com'
      ELSE format('user%s@example.com', lpad(number::text, 4, '0')) END;
    SELECT id INTO STRICT me FROM netra.user_for_sign_in(address);
    PERFORM set_config('netra.user_id', me::text, true);

    INSERT INTO netra.threads (id, user_id, title, status, created_at, updated_at, metadata)
    SELECT md5(format('netra thread %s/%s', number, n))::uuid, me,
      pg_temp.seed_pick(format('title %s/%s', number, n), '{Reduce inference cost,Latency of checkout,Right-size the batch tier,Compare two models,Plan for the launch,Cache hit rate}'),
      CASE WHEN n % 9 = 0 THEN 'archived' WHEN n % 14 = 0 THEN 'deleted' ELSE 'active' END,
      t.at, t.at + make_interval(mins => 20), '{}'
    FROM generate_series(1, 28) AS n,
      LATERAL (SELECT first_start + make_interval(days => floor(pg_temp.seed_share(format('day %s/%s', number, n)) * days)::integer)
        + pg_temp.seed_time(format('thread %s/%s', number, n)) AS at) AS t;

    -- Question and answer by turns; what was answered has a model and costs tokens.
    INSERT INTO netra.messages (id, thread_id, role, content, tokens_used, model, created_at, updated_at,
      metadata)
    SELECT md5(format('netra message %s/%s/%s', number, n, k))::uuid,
      md5(format('netra thread %s/%s', number, n))::uuid,
      CASE WHEN k % 5 = 0 THEN 'tool' WHEN k % 2 = 1 THEN 'user' ELSE 'assistant' END,
      pg_temp.seed_pick(format('content %s/%s/%s', number, n, k), '{Which workload costs most this week?,The p99 of the ranking service doubled since Tuesday.,Moving it to a smaller instance would save about a third.,Here is the table that you asked for.,Please compare both configurations.}'),
      CASE WHEN k % 5 > 0 AND k % 2 = 0 THEN 80 + floor(pg_temp.seed_share(format('tokens %s/%s/%s', number, n, k)) * 2400)::integer END,
      CASE WHEN k % 5 > 0 AND k % 2 = 0 THEN pg_temp.seed_pick(format('model %s/%s', number, n), '{qwen3:8b,qwen3:8b,llama-3.3-70b,gpt-4o-mini}') END,
      t.created_at + make_interval(secs => 35 * k), t.created_at + make_interval(secs => 35 * k), '{}'
    FROM generate_series(1, 28) AS n
    JOIN netra.threads AS t ON t.id = md5(format('netra thread %s/%s', number, n))::uuid,
      LATERAL generate_series(1, 4 + floor(pg_temp.seed_share(format('turns %s/%s', number, n)) * 9)::integer) AS k;

    -- Some users run much, most little; weekends are quiet.
    INSERT INTO netra.runs (id, thread_id, user_id, status, agent_type, input_data, output_data,
      error_message, started_at, completed_at, created_at, updated_at, metadata)
    SELECT md5(key)::uuid,
      CASE WHEN pg_temp.seed_share(key || ' thread') < 0.6
        THEN md5(format('netra thread %s/%s', number, 1 + floor(pg_temp.seed_share(key || ' which') * 28)::integer))::uuid END,
      me, status, agent,
      jsonb_build_object('workload', format('workload-%s', 1 + number % 7), 'budget_usd', 50 + floor(pg_temp.seed_share(key || ' budget') * 950)),
      CASE WHEN status = 'completed' THEN jsonb_build_object('saving_percent', round((40 * pg_temp.seed_share(key || ' saving'))::numeric, 1)) END,
      CASE WHEN status = 'failed' THEN
        CASE WHEN outage THEN 'TimeoutError: model gateway gave no answer within 30 s'
          ELSE pg_temp.seed_pick(key || ' error', '{ValidationError: budget must be positive,RateLimitError: 429 from provider,QuotaExceeded: monthly budget is spent,out of memory}') END END,
      CASE WHEN status <> 'pending' THEN at + make_interval(secs => 1 + floor(pg_temp.seed_share(key || ' wait') * 4)) END,
      CASE WHEN status IN ('completed', 'failed', 'cancelled') THEN at + make_interval(secs => CASE WHEN outage THEN 34
        ELSE 6 + floor(120 * pg_temp.seed_share(key || ' duration') ^ 3)::integer END) END,
      at, at, jsonb_build_object('region', pg_temp.seed_pick(key || ' region', '{eu,us}'))
    FROM generate_series(0, days - 1) AS d,
      LATERAL (SELECT CASE WHEN extract(isodow FROM (first_start + make_interval(days => d)) AT TIME ZONE 'UTC') > 5 THEN 0.4 ELSE 1.0 END AS weight) AS w,
      LATERAL generate_series(1, floor(w.weight * (1 + 8.0 / sqrt(number)) * (0.6 + 0.8 * pg_temp.seed_share(format('runs %s/%s', number, d))))::integer
        + CASE WHEN d = days - 1 THEN 3 ELSE 0 END) AS k,
      LATERAL (SELECT format('netra run %s/%s/%s', number, d, k) AS key) AS i,
      LATERAL (SELECT d = days - 1 AND k <= 3 AS in_outage) AS o,
      LATERAL (SELECT first_start + make_interval(days => d) + CASE WHEN in_outage
        THEN interval '02:10' + make_interval(secs => floor(3300 * pg_temp.seed_share(key || ' outage')))
        ELSE pg_temp.seed_time(key) END AS at) AS t,
      LATERAL (SELECT CASE WHEN in_outage THEN 'supply_optimizer' ELSE pg_temp.seed_pick(key || ' agent',
        '{supervisor,triage,data,optimizations,actions,reporting,supply_optimizer}') END AS agent) AS g,
      LATERAL (SELECT in_outage AND pg_temp.seed_share(key || ' hit') < 0.85 AS outage) AS h,
      LATERAL (SELECT CASE WHEN outage THEN 'failed'
        WHEN at > last_end - interval '5 minutes' THEN pg_temp.seed_pick(key || ' open', '{pending,processing}')
        WHEN pg_temp.seed_share(key || ' outcome') < 0.03 THEN 'failed'
        WHEN pg_temp.seed_share(key || ' outcome') < 0.05 THEN 'cancelled'
        ELSE 'completed' END AS status) AS s;

    -- Embeddings lie around one of eight topics, so that a search finds what belongs together.
    INSERT INTO netra."references" (id, user_id, name, type, content, file_path, file_size, mime_type,
      embedding, created_at, updated_at, metadata)
    SELECT md5(key)::uuid, me, format('%s-%s', pg_temp.seed_pick(key || ' name', '{architecture,prices,benchmark,runbook,usage}'), n),
      pg_temp.seed_pick(key || ' type', '{document,document,dataset,configuration,model,other}'),
      format('Notes on topic %s', topic), format('/uploads/%s/%s.bin', number, n),
      1024 + floor(pg_temp.seed_share(key || ' size') ^ 4 * 50000000)::bigint,
      pg_temp.seed_pick(key || ' mime', '{text/markdown,text/csv,application/json,application/pdf}'),
      (SELECT array_agg((pg_temp.seed_share(format('topic %s/%s', topic, i)) - 0.5
        + 0.6 * (pg_temp.seed_share(format('%s/%s', key, i)) - 0.5))::real ORDER BY i)
       FROM generate_series(1, 1536) AS i),
      at, at, jsonb_build_object('topic', topic, 'embedding_model', 'text-embedding-3-small')
    FROM generate_series(1, 4) AS n,
      LATERAL (SELECT format('netra reference %s/%s', number, n) AS key, (number + n) % 8 AS topic) AS i,
      LATERAL (SELECT first_start + make_interval(days => floor(pg_temp.seed_share(key || ' day') * days)::integer)
        + pg_temp.seed_time(key) AS at) AS t;

    INSERT INTO netra.api_keys (id, user_id, name, key_hash, last_used_at, expires_at, is_active,
      created_at, updated_at, metadata)
    SELECT md5(key)::uuid, me, format('key %s', n), encode(sha256(convert_to(key, 'UTF8')), 'hex'),
      CASE WHEN n = 1 THEN last_end - make_interval(days => number % 4) - pg_temp.seed_time(key) END,
      CASE n WHEN 2 THEN last_end + interval '90 days' WHEN 3 THEN last_end - interval '3 days' END,
      n <> 4, first_start, first_start, '{}'
    FROM generate_series(1, 1 + number % 4) AS n,
      LATERAL (SELECT format('netra key %s/%s', number, n) AS key) AS i;

    INSERT INTO netra.supply_catalog (id, user_id, name, category, provider, specifications, is_active,
      created_at, updated_at, metadata)
    SELECT md5(format('netra own supply %s', number))::uuid, me, 'own cluster', 'compute', 'onprem',
      '{"vcpus": 32}', true, first_start, first_start, '{}'
    WHERE number % 4 = 0;

    INSERT INTO netra.audit_logs (user_id, action, resource_type, resource_id, ip_address, user_agent,
      request_id, response_status, created_at, metadata)
    SELECT me, action, split_part(action, '.', 1), left(md5(key || ' resource'), 12),
      format('%s.%s.%s.%s', 20 + number % 180, number % 250, 7, 1 + floor(pg_temp.seed_share(key || ' host') * 3))::inet,
      pg_temp.seed_pick(format('agent %s', number), '{Mozilla/5.0 (X11; Linux x86_64),netra-cli/1.4,python-requests/2.32}'),
      'req-' || left(md5(key), 12),
      CASE WHEN pg_temp.seed_share(key || ' status') < 0.02 THEN 403 WHEN pg_temp.seed_share(key || ' status') < 0.03 THEN 500 ELSE 200 END,
      at, '{}'
    FROM generate_series(0, days - 1) AS d, generate_series(1, 4) AS n,
      LATERAL (SELECT format('netra audit %s/%s/%s', number, d, n) AS key) AS i,
      LATERAL (SELECT pg_temp.seed_pick(key || ' action', '{auth.login,auth.logout,run.create,thread.create,key.use,reference.upload}') AS action,
        first_start + make_interval(days => d) + pg_temp.seed_time(key) AS at) AS a
    ORDER BY d, n;
    -- Five older years of a little, for retention to find.
    INSERT INTO netra.audit_logs (user_id, action, resource_type, response_status, created_at, metadata)
    SELECT me, 'auth.login', 'auth', 200, first_start - make_interval(days => 90 * n), '{}'
    FROM generate_series(1, 20) AS n ORDER BY n;
  END LOOP;
  PERFORM set_config('netra.user_id', '', true);
END
$seed$;

DROP FUNCTION pg_temp.seed_time(text);
DROP FUNCTION pg_temp.seed_pick(text, text[]);
DROP FUNCTION pg_temp.seed_share(text);
DROP FUNCTION pg_temp.seed_end();
DROP FUNCTION pg_temp.seed_scale();

SELECT netra.refresh_run_daily();
SELECT netra.refresh_token_daily();
