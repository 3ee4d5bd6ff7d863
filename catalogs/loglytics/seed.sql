-- Example data for Loglytics: the same rows every time, on every server.
--
-- Settings, all optional:
--   daybreak.scale     how much: 1 is eight people, five projects and two weeks of lines, 10 is ten
--                      times the lines                                            (default 1)
--   daybreak.seed_end  the day after the last one, as a date, in UTC              (2026-03-13)
-- Runs in one transaction as a role that has the rights of daybreak_service, into an empty catalog.
-- In the last night, from 02:10 to 03:05 UTC, payments fail in the project Checkout, with an error that
-- was never seen before; its mailer falls silent at 04:00. Connection settings are envelopes in form
-- alone: no key opens them.

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
$$ SELECT md5('loglytics/' || key)::uuid $$;
-- 384 numbers: most of them from the topic, so that passages of one topic lie close together.
CREATE OR REPLACE FUNCTION pg_temp.seed_vector(topic text, key text) RETURNS real[]
LANGUAGE sql IMMUTABLE AS
$$ SELECT array_agg(round((pg_temp.seed_share(topic || '/' || i) - 0.5
    + 0.4 * (pg_temp.seed_share(key || '/' || i) - 0.5))::numeric, 4)::real ORDER BY i)
  FROM generate_series(1, 384) AS i $$;
CREATE OR REPLACE FUNCTION pg_temp.seed_person(name text) RETURNS uuid LANGUAGE sql IMMUTABLE AS
$$ SELECT pg_temp.seed_id('user/' || name) $$;

DO $seed$
DECLARE
  days constant integer := 14;
  last_end constant timestamptz := pg_temp.seed_end();
  first_start constant timestamptz := last_end - make_interval(days => days);
  -- Lines an hour and service, besides what fails.
  lines_an_hour constant integer := greatest(1, round(4 * pg_temp.seed_scale()));
  person record;
  place record;
  file uuid;
BEGIN
  IF loglytics.user_named('olga@acme.example') IS NOT NULL THEN
    RAISE EXCEPTION 'loglytics holds example data already'
      USING ERRCODE = 'unique_violation', HINT = 'daybreak db reset --catalog loglytics';
  END IF;
  PERFORM loglytics.prepare_log_entries(first_start, last_end);

  CREATE TEMPORARY TABLE seed_people (name text, company text, tier text);
  INSERT INTO seed_people VALUES ('olga', 'acme', 'pro'), ('vera', 'acme', 'free'), ('emil', 'acme', 'free'),
    ('ada', 'acme', 'pro'), ('sam', 'globex', 'pro'), ('tess', 'globex', 'free'), ('ivan', 'initech', 'free'),
    ('judy', 'initech', 'pro');
  CREATE TEMPORARY TABLE seed_projects (name text, owner text, services text[]);
  INSERT INTO seed_projects VALUES
    ('Checkout', 'olga', '{payments,cart,mailer}'), ('Warehouse', 'olga', '{stock,robots}'),
    ('Reactor', 'sam', '{control,sensors}'), ('Payroll', 'ivan', '{wages}'), ('Printer', 'judy', '{spooler}');
  CREATE TEMPORARY TABLE seed_shares (project text, owner text, member text, role text);
  INSERT INTO seed_shares VALUES ('Checkout', 'olga', 'vera', 'viewer'), ('Checkout', 'olga', 'emil', 'editor'),
    ('Checkout', 'olga', 'ada', 'admin'), ('Reactor', 'sam', 'tess', 'editor'), ('Printer', 'judy', 'ivan', 'viewer');

  -- People, each writing his own row, and what belongs to them alone.
  FOR person IN SELECT p.*, n FROM (SELECT *, row_number() OVER (ORDER BY name) AS n FROM seed_people) AS p LOOP
    PERFORM set_config('app.current_user_id', pg_temp.seed_person(person.name)::text, true);
    INSERT INTO loglytics.users (id, email, password_hash, full_name, subscription_tier,
      selected_llm_model, created_at, updated_at)
    VALUES (pg_temp.seed_person(person.name), format('%s@%s.example', person.name, person.company),
      '$2b$12$' || substr(md5('salt ' || person.name) || md5('hash ' || person.name), 1, 53),
      initcap(person.name) || ' ' || initcap(person.company), person.tier::loglytics.subscription_tier,
      CASE person.tier WHEN 'pro' THEN 'maverick' ELSE 'local' END::loglytics.llm_model,
      first_start - make_interval(days => 100 + person.n::integer), first_start);
    INSERT INTO loglytics.api_keys (id, user_id, key_hash, name, last_used_at, expires_at, is_active,
      created_at, key_prefix, scopes, deleted_at)
    SELECT pg_temp.seed_id(k), pg_temp.seed_person(person.name),
      encode(sha256(convert_to('secret ' || k, 'UTF8')), 'hex'), name, last_end - interval '2 hours',
      CASE name WHEN 'laptop' THEN last_end + interval '60 days' END, name <> 'old laptop',
      first_start - interval '50 days', 'dbk_' || left(md5('prefix ' || k), 16), '{read:logs}',
      CASE name WHEN 'old laptop' THEN first_start - interval '10 days' END
    FROM unnest(ARRAY['laptop', 'pipeline', 'old laptop']) AS name,
      LATERAL (SELECT format('key/%s/%s', person.name, name)) AS key (k)
    WHERE person.tier = 'pro' OR name = 'laptop';
    -- Five weeks of use, and a row of three years ago, which retention may take.
    INSERT INTO loglytics.usage_tracking (id, user_id, date, llm_tokens_used, api_calls_count,
      storage_used_bytes, created_at, updated_at)
    SELECT pg_temp.seed_id(u), pg_temp.seed_person(person.name), day,
      floor(pg_temp.seed_share(u || '/tokens') * 20000)::bigint,
      floor(pg_temp.seed_share(u || '/calls') * 300)::integer,
      1000000 + n * 50000, day::timestamp AT TIME ZONE 'UTC', day::timestamp AT TIME ZONE 'UTC'
    FROM generate_series(0, 35) AS n,
      LATERAL (SELECT ((last_end AT TIME ZONE 'UTC')::date - CASE n WHEN 0 THEN 1100 ELSE n END)) AS d (day),
      LATERAL (SELECT format('usage/%s/%s', person.name, day)) AS key (u);
    INSERT INTO loglytics.audit_logs (id, user_id, action, resource_type, resource_id, metadata, ip_address,
      created_at)
    SELECT pg_temp.seed_id(a), pg_temp.seed_person(person.name),
      pg_temp.seed_pick(a, '{login,login,login,export,share_project,delete_file,change_password}'),
      pg_temp.seed_pick(a || '/type', '{user,project,log_file}'), pg_temp.seed_id(a || '/resource'),
      jsonb_build_object('client', pg_temp.seed_pick(a || '/client', '{web,cli,api}')),
      ('203.0.113.' || floor(pg_temp.seed_share(a || '/ip') * 250))::inet,
      last_end - CASE WHEN n > 38 THEN interval '500 days' ELSE make_interval(hours => n * 8) END
    FROM generate_series(1, 40) AS n, LATERAL (SELECT format('audit/%s/%s', person.name, n)) AS key (a);
  END LOOP;

  -- Projects with their files and lines, each as its owner.
  FOR place IN SELECT * FROM seed_projects LOOP
    PERFORM set_config('app.current_user_id', pg_temp.seed_person(place.owner)::text, true);
    INSERT INTO loglytics.projects (id, user_id, name, description, created_at, updated_at)
    VALUES (pg_temp.seed_id('project/' || place.name), pg_temp.seed_person(place.owner), place.name,
      format('Logs of %s', array_to_string(place.services, ', ')), first_start - interval '90 days',
      first_start - interval '90 days');
    INSERT INTO loglytics.project_shares (id, project_id, shared_by_user_id, shared_with_user_id, role,
      created_at, updated_at)
    SELECT pg_temp.seed_id(format('share/%s/%s', s.project, s.member)), pg_temp.seed_id('project/' || s.project),
      pg_temp.seed_person(s.owner), pg_temp.seed_person(s.member), s.role::loglytics.share_role,
      first_start - interval '80 days', first_start - interval '80 days'
    FROM seed_shares AS s WHERE s.project = place.name;

    INSERT INTO loglytics.chats (id, project_id, user_id, title, created_at, updated_at)
    SELECT pg_temp.seed_id(format('chat/%s/%s', place.name, n)), pg_temp.seed_id('project/' || place.name),
      pg_temp.seed_person(place.owner), (ARRAY['Why do payments fail?', 'What is new this week?', 'Slow queries'])[n],
      last_end - make_interval(days => n), last_end - make_interval(days => n)
    FROM generate_series(1, 3) AS n;
    INSERT INTO loglytics.messages (id, chat_id, role, content, metadata, created_at)
    SELECT pg_temp.seed_id(format('message/%s/%s/%s', place.name, n, m)),
      pg_temp.seed_id(format('chat/%s/%s', place.name, n)),
      CASE m % 2 WHEN 1 THEN 'user' ELSE 'assistant' END::loglytics.message_role,
      (ARRAY['What happened in the last night?', 'Most errors are of one kind and began at 02:10 UTC.',
        'Since when do we see it?', 'It was not seen before.'])[m],
      CASE m % 2 WHEN 0 THEN '{"model": "local", "sources": 5}'::jsonb END,
      last_end - make_interval(days => n) + make_interval(mins => m)
    FROM generate_series(1, 3) AS n, generate_series(1, 4) AS m;

    -- A file a service and week, one that failed, and one of three years ago, which retention may take.
    INSERT INTO loglytics.log_files (id, chat_id, project_id, user_id, filename, file_size, file_type,
      s3_key, upload_status, processing_metadata, created_at, updated_at)
    SELECT pg_temp.seed_id(format('file/%s/%s/%s', place.name, service, week)),
      CASE WHEN week = 2 THEN pg_temp.seed_id(format('chat/%s/1', place.name)) END,
      pg_temp.seed_id('project/' || place.name), pg_temp.seed_person(place.owner),
      format('%s-week%s.log', service, week), 400000 + floor(pg_temp.seed_share(service || week) * 900000)::bigint,
      CASE week WHEN 0 THEN 'json' ELSE 'text' END, format('uploads/%s/%s-%s.log', lower(place.name), service, week),
      CASE WHEN week = 3 THEN 'failed' ELSE 'completed' END::loglytics.upload_status,
      CASE WHEN week = 3 THEN '{"error": "line 812 is no JSON"}'::jsonb ELSE '{"parser": "plain"}' END,
      CASE week WHEN 0 THEN last_end - interval '1100 days' ELSE first_start + make_interval(days => week * 4) END,
      CASE week WHEN 0 THEN last_end - interval '1100 days' ELSE first_start + make_interval(days => week * 4) END
    FROM unnest(place.services) AS service, generate_series(0, 3) AS week;

    -- Everyday lines, by hour and service; the mailer's end at four in the last night.
    INSERT INTO loglytics.log_entries (id, log_file_id, project_id, user_id, "timestamp", log_level, message,
      source, metadata, raw_content, created_at)
    SELECT pg_temp.seed_id(e), pg_temp.seed_id(format('file/%s/%s/%s', place.name, service, hour / 168 + 1)),
      pg_temp.seed_id('project/' || place.name), pg_temp.seed_person(place.owner), moment,
      loglytics.to_log_level(level), message, service,
      jsonb_strip_nulls(jsonb_build_object('host', format('%s-%s', service, 1 + n % 3),
        'raw_level', CASE level WHEN 'FATAL' THEN 'FATAL' END)),
      format('%s %s [%s] %s', to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), level, service,
        message), moment + interval '2 seconds'
    FROM unnest(place.services) AS service, generate_series(0, days * 24 - 1) AS hour,
      generate_series(1, lines_an_hour) AS n,
      LATERAL (SELECT format('entry/%s/%s/%s/%s', place.name, service, hour, n)) AS key (e),
      LATERAL (SELECT first_start + make_interval(hours => hour)
        + date_trunc('milliseconds', make_interval(secs => pg_temp.seed_share(e) * 3599))) AS t (moment),
      LATERAL (SELECT CASE
          WHEN r < 0.05 THEN 'DEBUG' WHEN r < 0.82 THEN 'INFO' WHEN r < 0.93 THEN 'WARN' WHEN r < 0.99 THEN 'ERROR'
          WHEN r < 0.997 THEN 'CRITICAL' ELSE 'FATAL' END,
          CASE
            WHEN r < 0.05 THEN format('cache hit for key session:%s', left(md5(e), 8))
            WHEN r < 0.82 THEN format('GET /api/v1/%s/%s 200 in %s ms', service, floor(r * 9000), floor(r * 180))
            WHEN r < 0.93 THEN format('slow query took %s ms on db-%s', 500 + floor(r * 4000), 1 + n % 3)
            WHEN r < 0.96 THEN format('connection to 10.0.%s.%s:5432 timed out after 5000 ms', n % 4, floor(r * 250))
            WHEN r < 0.99 THEN format('permission denied for user %s', floor(r * 100000))
            WHEN r < 0.997 THEN 'replica lag of 61 s exceeds the limit'
            ELSE 'out of memory: cannot allocate 67108864 bytes' END
        FROM (SELECT pg_temp.seed_share('level/' || e)) AS draw (r)) AS line (level, message)
    WHERE NOT (place.name = 'Checkout' AND service = 'mailer' AND moment >= last_end - interval '20 hours');

    IF place.name = 'Checkout' THEN
      -- The outage: an error of a kind that is new, fourteen times the usual rate.
      INSERT INTO loglytics.log_entries (id, log_file_id, project_id, user_id, "timestamp", log_level, message,
        source, metadata, raw_content, created_at)
      SELECT pg_temp.seed_id('outage/' || n), pg_temp.seed_id('file/Checkout/payments/2'),
        pg_temp.seed_id('project/Checkout'), pg_temp.seed_person('olga'), moment, 'ERROR',
        format('payment provider answered 503 for order %s', 70000 + n), 'payments',
        jsonb_build_object('host', format('payments-%s', 1 + n % 3), 'status', 503),
        format('%s ERROR [payments] payment provider answered 503 for order %s',
          to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 70000 + n),
        moment + interval '2 seconds'
      FROM generate_series(1, 330 * greatest(1, lines_an_hour / 4)) AS n,
        LATERAL (SELECT last_end - interval '21 hours 50 minutes'
          + date_trunc('milliseconds', make_interval(secs => pg_temp.seed_share('outage at ' || n) * 3299))) AS t (moment);
    END IF;

    INSERT INTO loglytics.rag_vectors (id, project_id, user_id, log_file_id, content, embedding, metadata, created_at)
    SELECT pg_temp.seed_id(v), pg_temp.seed_id('project/' || place.name), pg_temp.seed_person(place.owner),
      pg_temp.seed_id(format('file/%s/%s/2', place.name, place.services[1])), format(passage, n),
      pg_temp.seed_vector(topic, v)::real[], jsonb_build_object('topic', topic, 'chunk', n), last_end
    FROM (VALUES ('timeouts', 'connection to 10.0.1.%s:5432 timed out after 5000 ms'),
        ('payments', 'payment provider answered 503 for order 7%s'),
        ('queries', 'slow query took 18%s ms on db-2'), ('permissions', 'permission denied for user 4%s')) AS p (topic, passage),
      generate_series(1, 8) AS n, LATERAL (SELECT format('vector/%s/%s/%s', place.name, topic, n)) AS key (v);

    -- What the analyses found, computed from the lines themselves.
    FOR file IN SELECT pg_temp.seed_id(format('file/%s/%s/2', place.name, s)) FROM unnest(place.services) AS s LOOP
      INSERT INTO loglytics.analytics_cache (id, project_id, user_id, log_file_id, analytics_type, analytics_data,
        created_at, updated_at)
      SELECT pg_temp.seed_id(format('analysis/%s/%s', file, kind)), pg_temp.seed_id('project/' || place.name),
        pg_temp.seed_person(place.owner), file, kind,
        CASE kind WHEN 'overview' THEN jsonb_build_object('total_count', (SELECT count(*) FROM loglytics.log_entries AS e
              WHERE e.log_file_id = file),
            'log_level_distribution', (SELECT jsonb_agg(jsonb_build_object('name', log_level, 'value', lines) ORDER BY log_level)
              FROM (SELECT log_level, count(*) AS lines FROM loglytics.log_entries AS e WHERE e.log_file_id = file
                GROUP BY log_level) AS levels),
            'generated_at', to_char(last_end AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
          ELSE jsonb_build_object('top_errors', (SELECT jsonb_agg(jsonb_build_object('message', left(message, 100), 'count', lines)
                ORDER BY lines DESC, message)
              FROM (SELECT regexp_replace(message, '\d+', 'N', 'g') AS message, count(*) AS lines FROM loglytics.log_entries AS e
                WHERE e.log_file_id = file AND log_level IN ('ERROR', 'CRITICAL') GROUP BY 1) AS errors)) END,
        last_end, last_end
      FROM unnest(ARRAY['overview', 'errors']) AS kind;
    END LOOP;

    INSERT INTO loglytics.live_log_connections (id, project_id, user_id, connection_name, cloud_provider,
      connection_config, status, last_sync_at, created_at, updated_at)
    SELECT pg_temp.seed_id(format('connection/%s/%s', place.name, n)), pg_temp.seed_id('project/' || place.name),
      pg_temp.seed_person(place.owner), format('%s %s', place.name, provider), provider::loglytics.cloud_provider,
      jsonb_build_object('alg', 'AES-256-GCM',
        'nonce', encode(substr(sha256(convert_to(place.name || n, 'UTF8')), 1, 12), 'base64'),
        'ct', translate(encode(sha256(convert_to(place.name || n || '/ct', 'UTF8')), 'base64'), E'\n', '')),
      status::loglytics.connection_status, last_end - interval '4 minutes', first_start, first_start
    FROM (VALUES (1, 'aws', 'active'), (2, 'gcp', 'error')) AS c (n, provider, status);
    INSERT INTO loglytics.webhooks (id, user_id, project_id, url, events, is_active, secret_key, created_at, updated_at)
    VALUES (pg_temp.seed_id('webhook/' || place.name), pg_temp.seed_person(place.owner),
      pg_temp.seed_id('project/' || place.name), format('https://hooks.example/%s', lower(place.name)),
      '["alert.created", "file.completed"]', true, md5('webhook ' || place.name), first_start, first_start);
    INSERT INTO loglytics.alerts (id, user_id, project_id, live_connection_id, alert_type, severity, message,
      metadata, is_read, notified_via, created_at)
    SELECT pg_temp.seed_id(format('alert/%s/%s', place.name, n)), pg_temp.seed_person(place.owner),
      pg_temp.seed_id('project/' || place.name), pg_temp.seed_id(format('connection/%s/1', place.name)),
      kind::loglytics.alert_type, severity::loglytics.alert_severity, message,
      jsonb_build_object('hours_before', hours), hours > 30, '["email"]', last_end - make_interval(hours => hours)
    FROM (VALUES (1, 'error_threshold', 'critical', 'errors are 14 times the usual', 21),
      (2, 'anomaly', 'high', 'one source has fallen silent', 19), (3, 'pattern_match', 'medium', 'permission denied', 40),
      (4, 'anomaly', 'low', 'more warnings than usual', 100)) AS a (n, kind, severity, message, hours)
    WHERE place.name = 'Checkout' OR n > 2;
  END LOOP;

  -- An editor adds to a project that is not his.
  PERFORM set_config('app.current_user_id', pg_temp.seed_person('emil')::text, true);
  INSERT INTO loglytics.chats (id, project_id, user_id, title, created_at, updated_at)
  VALUES (pg_temp.seed_id('chat/Checkout/emil'), pg_temp.seed_id('project/Checkout'), pg_temp.seed_person('emil'),
    'Which orders were lost?', last_end - interval '6 hours', last_end - interval '6 hours');
  INSERT INTO loglytics.messages (id, chat_id, role, content, created_at)
  VALUES (pg_temp.seed_id('message/Checkout/emil/1'), pg_temp.seed_id('chat/Checkout/emil'), 'user',
    'Which orders were lost in the night?', last_end - interval '6 hours');
  PERFORM set_config('app.current_user_id', '', true);
  DROP TABLE seed_people, seed_projects, seed_shares;
END
$seed$;

SELECT loglytics.refresh_dashboard_stats();
