-- Example data for ANZx: the same rows every time, on every server.
--
-- Settings, all optional:
--   daybreak.scale     how much: 1 is three organizations and some 60 conversations each, 10 is ten
--                      times the conversations                                   (default 1)
--   daybreak.seed_end  the day after the last one, as a date, in UTC              (2026-03-13)
-- Runs in one transaction as a role that has the rights of daybreak_service, into an empty catalog.
-- In the last night, from 02:10 to 03:05 UTC, the assistants of the first organization answer slowly and
-- at low confidence, and somebody fails to sign in forty times.

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
$$ SELECT md5('anzx/' || key)::uuid $$;
-- 768 numbers: most of them from the topic, so that passages of one topic lie close together.
CREATE OR REPLACE FUNCTION pg_temp.seed_vector(topic text, key text) RETURNS real[]
LANGUAGE sql IMMUTABLE AS
$$ SELECT array_agg(round((pg_temp.seed_share(topic || '/' || i) - 0.5
    + 0.4 * (pg_temp.seed_share(key || '/' || i) - 0.5))::numeric, 4)::real ORDER BY i)
  FROM generate_series(1, 768) AS i $$;

DO $seed$
DECLARE
  conversation_count constant integer := greatest(8, round(60 * pg_temp.seed_scale()));
  last_end constant timestamptz := pg_temp.seed_end();
  first_start constant timestamptz := last_end - interval '35 days';
  place record;
  organization uuid;
BEGIN
  IF anzx.organization_named('Harbour Dental') IS NOT NULL THEN
    RAISE EXCEPTION 'anzx holds example data already'
      USING ERRCODE = 'unique_violation', HINT = 'daybreak db reset --catalog anzx';
  END IF;
  FOR place IN SELECT * FROM (VALUES
      (1, 'Harbour Dental', 'AU', 'Australia/Sydney', 'pro', 'health'),
      (2, 'Kiwi Freight', 'NZ', 'Pacific/Auckland', 'enterprise', 'logistics'),
      (3, 'Desert Books', 'US', 'America/Phoenix', 'freemium', 'retail')
    ) AS p (number, name, region, zone, plan, industry)
  LOOP
    organization := pg_temp.seed_id('organization/' || place.name);
    PERFORM set_config('anzx.organization_id', organization::text, true);
    INSERT INTO anzx.organizations (id, name, description, website, industry, region, timezone,
      subscription_plan, stripe_customer_id, monthly_message_count, monthly_token_count, settings, created_at,
      updated_at)
    VALUES (organization, place.name, format('%s uses assistants for its customers.', place.name),
      format('https://%s.example', lower(replace(place.name, ' ', '-'))), place.industry, place.region, place.zone,
      place.plan, 'cus_' || left(md5(place.name), 14), 300 + 90 * place.number, 41000 + 7000 * place.number,
      '{"retention_days": 90}', first_start - interval '300 days', last_end);
    INSERT INTO anzx.subscriptions (organization_id, stripe_customer_id, stripe_subscription_id, plan, status,
      current_period_start, current_period_end, usage_counters, usage_limits, created_at, updated_at)
    VALUES (organization, 'cus_' || left(md5(place.name), 14), 'sub_' || left(md5(place.name || '/sub'), 14), place.plan,
      'active', last_end - interval '12 days', last_end + interval '18 days',
      jsonb_build_object('messages', 300 + 90 * place.number), jsonb_build_object('messages', 1000 * place.number),
      first_start - interval '300 days', last_end);

    -- Six people: one administrator, one without consent, one who has withdrawn it.
    INSERT INTO anzx.users (id, firebase_uid, email, email_verified, display_name, first_name, last_name, phone,
      organization_id, role, is_active, last_login, login_count, privacy_consent, privacy_consent_date,
      marketing_consent, created_at, updated_at)
    SELECT pg_temp.seed_id(format('user/%s/%s', place.name, n)), 'fb_' || md5(format('%s/%s', place.name, n)),
      format('%s.%s@%s.example', lower(first), n, lower(replace(place.name, ' ', '-'))), n <> 5, first || ' ' || last,
      first, last, format('+61 2 5550 1%s%s', place.number, lpad(n::text, 2, '0')), organization,
      CASE n WHEN 1 THEN 'admin' ELSE 'user' END, n <> 6, last_end - make_interval(hours => n * 5), 40 - n * 5,
      n NOT IN (4, 5), CASE n WHEN 5 THEN NULL WHEN 4 THEN last_end - interval '9 days'
        ELSE first_start - make_interval(days => n) END,
      n % 2 = 0, first_start - make_interval(days => 30 + n), last_end - make_interval(days => n)
    FROM generate_series(1, 6) AS n,
      LATERAL (SELECT pg_temp.seed_pick(format('given %s %s', place.name, n),
          '{Aroha,Bruce,Chloe,Dmitri,Erin,Farah,George,Hana,Isla,Jack}'),
        pg_temp.seed_pick(format('family %s %s', place.name, n),
          '{Anderson,Brown,Chen,Delaney,Edwards,Faleafa,Grant,Henare}')) AS names (first, last);

    INSERT INTO anzx.assistants (id, name, description, type, organization_id, system_prompt, model_config,
      deployment_status, version, total_conversations, total_messages, average_response_time, satisfaction_score,
      created_at, updated_at, deployed_at)
    SELECT pg_temp.seed_id(format('assistant/%s/%s', place.name, kind)), initcap(kind) || ' of ' || place.name,
      format('Answers %s questions.', kind), kind, organization, 'Be brief. Say when you do not know.',
      '{"model": "gemini-1.5-pro", "temperature": 0.3}', CASE kind WHEN 'insights' THEN 'draft' ELSE 'deployed' END,
      '1.2.0', conversation_count / 3, conversation_count * 2, round((1.2 + pg_temp.seed_share(kind))::numeric, 2),
      round((3.6 + pg_temp.seed_share(place.name || kind))::numeric, 2), first_start - interval '60 days', last_end,
      CASE WHEN kind <> 'insights' THEN first_start - interval '50 days' END
    FROM unnest(ARRAY['support', 'admin', 'insights']) AS kind;

    INSERT INTO anzx.knowledge_sources (id, organization_id, name, type, source_url, status, processing_progress,
      error_message, file_size, file_type, chunk_count, chunking_config, created_at, updated_at, processed_at)
    SELECT pg_temp.seed_id(format('source/%s/%s', place.name, name)), organization, name, type, url, status,
      CASE status WHEN 'completed' THEN 100 ELSE 40 END, CASE status WHEN 'failed' THEN 'the page answered 404' END,
      CASE type WHEN 'file' THEN 240000 END, CASE type WHEN 'file' THEN 'application/pdf' END,
      CASE status WHEN 'completed' THEN 9 ELSE 0 END, '{"chunk_size": 1000, "overlap": 200}', first_start, last_end,
      CASE status WHEN 'completed' THEN first_start + interval '1 hour' END
    FROM (VALUES ('handbook', 'file', NULL, 'completed'), ('website', 'url', 'https://www.example/help', 'completed'),
      ('old blog', 'url', 'https://blog.example', 'failed')) AS s (name, type, url, status);
    INSERT INTO anzx.documents (id, knowledge_source_id, content, chunk_index, embedding, metadata, token_count,
      content_hash, created_at, organization_id)
    SELECT pg_temp.seed_id(d), pg_temp.seed_id(format('source/%s/%s', place.name, source)), passage,
      topic_number * 3 + n, pg_temp.seed_vector(topic, d)::real[], jsonb_build_object('topic', topic, 'page', n + 1),
      length(passage) / 4, encode(sha256(convert_to(passage, 'UTF8')), 'hex'), first_start + interval '1 hour', organization
    FROM unnest(ARRAY['handbook', 'website']) AS source, (VALUES
        (0, 'hours', 'We are open from 8:30 to 17:00 on weekdays; on the day before a holiday until noon.'),
        (1, 'refunds', 'Refunds are paid to the card that was charged, within five working days.'),
        (2, 'passwords', 'To reset your password choose "Forgot password" and follow the link in the mail.')
      ) AS t (topic_number, topic, text), generate_series(0, 2) AS n,
      LATERAL (SELECT format('document/%s/%s/%s/%s', place.name, source, topic, n), format('%s (%s, part %s)', text, source, n + 1))
        AS key (d, passage);

    -- Conversations over five weeks, and some that ended half a year ago, which retention may take.
    INSERT INTO anzx.conversations (id, title, organization_id, user_id, assistant_id, channel, session_id, status,
      resolution_status, satisfaction_rating, message_count, total_tokens, total_cost, average_response_time,
      created_at, updated_at, ended_at, retain_until)
    SELECT pg_temp.seed_id(c), pg_temp.seed_pick(c || '/title', '{Opening hours,A refund,Password,Where is my order?,Other}'),
      organization, CASE WHEN n % 4 > 0 THEN pg_temp.seed_id(format('user/%s/%s', place.name, 1 + n % 6)) END,
      pg_temp.seed_id(format('assistant/%s/%s', place.name, CASE WHEN n % 3 = 0 THEN 'admin' ELSE 'support' END)),
      pg_temp.seed_pick(c || '/channel', '{widget,widget,widget,email,whatsapp}'), 'session_' || left(md5(c), 12),
      CASE WHEN n % 10 = 1 THEN 'active' ELSE 'closed' END,
      CASE WHEN n % 10 > 1 THEN pg_temp.seed_pick(c || '/resolution', '{resolved,resolved,escalated}') END,
      CASE WHEN n % 3 = 0 THEN 1 + floor(pg_temp.seed_share(c || '/rating') * 5)::integer END, 4,
      800 + floor(pg_temp.seed_share(c || '/tokens') * 900)::integer,
      round((0.002 + 0.004 * pg_temp.seed_share(c || '/cost'))::numeric, 6),
      CASE WHEN slow THEN 14.5 ELSE round((0.8 + pg_temp.seed_share(c || '/time'))::numeric, 2) END,
      moment, moment + interval '9 minutes', CASE WHEN n % 10 <> 1 THEN moment + interval '9 minutes' END,
      CASE WHEN n % 20 = 0 THEN last_end + interval '365 days' END
    FROM generate_series(1, conversation_count) AS n,
      LATERAL (SELECT format('conversation/%s/%s', place.name, n)) AS key (c),
      LATERAL (SELECT place.number = 1 AND n % 12 = 5) AS night (slow),
      LATERAL (SELECT CASE
        WHEN slow THEN last_end - interval '21 hours 50 minutes' + make_interval(secs => round(pg_temp.seed_share(c) * 3200))
        WHEN n % 6 = 0 THEN last_end - make_interval(days => 180, secs => round(pg_temp.seed_share(c) * 80000))
        ELSE first_start + make_interval(secs => round(pg_temp.seed_share(c) * 35 * 86400 - 700)) END) AS t (moment);
    INSERT INTO anzx.messages (id, conversation_id, content, role, model, tokens_input, tokens_output, cost, latency_ms,
      confidence_score, feedback_rating, citations, created_at, organization_id)
    SELECT pg_temp.seed_id(format('message/%s/%s', v.id, m)), v.id,
      CASE m WHEN 1 THEN format('Hello, I have a question: %s', lower(v.title))
        WHEN 2 THEN 'Of course. What would you like to know?' WHEN 3 THEN 'How long does it take?'
        ELSE CASE WHEN slow THEN 'I am not sure; a colleague will write to you.' ELSE 'Within five working days.' END END,
      CASE m % 2 WHEN 1 THEN 'user' ELSE 'assistant' END, CASE m % 2 WHEN 0 THEN 'gemini-1.5-pro' END,
      CASE m % 2 WHEN 0 THEN 180 + 20 * m ELSE 0 END, CASE m % 2 WHEN 0 THEN 60 ELSE 0 END,
      CASE m % 2 WHEN 0 THEN 0.0011 ELSE 0 END,
      CASE m % 2 WHEN 0 THEN CASE WHEN slow THEN 14500 ELSE 700 END
        + floor(pg_temp.seed_share(format('%s/%s', v.id, m)) * 900)::integer ELSE 0 END,
      CASE m % 2 WHEN 0 THEN CASE WHEN slow THEN 0.31 ELSE 0.86 END END,
      CASE WHEN m = 4 THEN v.satisfaction_rating END,
      CASE WHEN m = 4 AND NOT slow THEN jsonb_build_array(jsonb_build_object('source', 'handbook')) ELSE '[]' END,
      v.created_at + make_interval(mins => m * 2), organization
    FROM anzx.conversations AS v, generate_series(1, 4) AS m, LATERAL (SELECT v.average_response_time > 10) AS s (slow);

    -- What was done, most of it of low risk; the oldest rows are of half a year ago.
    INSERT INTO anzx.audit_logs (id, event_type, action, outcome, user_id, organization_id, ip_address, user_agent,
      resource_type, resource_id, details, risk_level, created_at)
    SELECT pg_temp.seed_id(a), split_part(event, ' ', 1), split_part(event, ' ', 2),
      CASE WHEN pg_temp.seed_share(a || '/outcome') < 0.05 THEN 'failure' ELSE 'success' END,
      pg_temp.seed_id(format('user/%s/%s', place.name, 1 + n % 6)), organization, '203.0.113.' || (1 + n % 200),
      'Mozilla/5.0', split_part(event, ' ', 3), left(md5(a), 12), '{}', split_part(event, ' ', 4),
      CASE WHEN n % 5 = 0 THEN last_end - interval '180 days' + make_interval(mins => n)
        ELSE last_end - make_interval(secs => round(pg_temp.seed_share(a || '/time') * 35 * 86400)) END
    FROM generate_series(1, conversation_count * 2) AS n, LATERAL (SELECT format('audit/%s/%s', place.name, n)) AS key (a),
      LATERAL (SELECT pg_temp.seed_pick(a, ARRAY['auth login user low', 'auth login user low', 'data view conversation low',
        'data view conversation low', 'admin deploy assistant medium', 'data export user high'])) AS e (event);
    IF place.number = 1 THEN
      INSERT INTO anzx.audit_logs (id, event_type, action, outcome, organization_id, ip_address, user_agent,
        resource_type, details, risk_level, created_at)
      SELECT pg_temp.seed_id('attack/' || n), 'auth', 'login', 'failure', organization, '198.51.100.77', 'curl/8.5.0', 'user',
        '{"reason": "wrong password"}', 'high', last_end - interval '21 hours 40 minutes' + make_interval(secs => n * 50)
      FROM generate_series(1, 40) AS n;
    END IF;
  END LOOP;
  PERFORM set_config('anzx.organization_id', '', true);
END
$seed$;
