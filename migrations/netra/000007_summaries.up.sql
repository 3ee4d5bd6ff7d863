-- Days at a glance, and the totals of a window for the report.
--
-- A materialized view cannot have row-level security, so nobody but the owner may read one. Users read
-- <name>_visible, which shows the rows of the transaction's user (a superuser: all), and the report
-- reads <name>_totals and the functions report_…(), which add up over all users and name none.
-- The views are new in this transaction: nobody writes them while their indexes are made.
-- squawk-ignore-file require-concurrent-index-creation
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;

-- What the views hold comes from functions because of row_security = on: a restore switches that off, so
-- that whatever row-level security would hide becomes an error, and there the owner's own refresh would
-- be one.
CREATE FUNCTION netra.compute_run_daily() RETURNS TABLE (
  day date, user_id integer, agent_type text, runs bigint, completed bigint, failed bigint,
  cancelled bigint, unfinished bigint, timed bigint, seconds double precision
)
LANGUAGE sql STABLE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
  SELECT
    (created_at AT TIME ZONE 'UTC')::date AS day, user_id, coalesce(agent_type, '') AS agent_type,
    count(*) AS runs,
    count(*) FILTER (WHERE status = 'completed') AS completed,
    count(*) FILTER (WHERE status = 'failed') AS failed,
    count(*) FILTER (WHERE status = 'cancelled') AS cancelled,
    count(*) FILTER (WHERE status IN ('pending', 'processing')) AS unfinished,
    count(*) FILTER (WHERE completed_at >= started_at) AS timed,
    coalesce(sum(extract(epoch FROM completed_at - started_at))
      FILTER (WHERE completed_at >= started_at), 0)::double precision AS seconds
  FROM netra.runs
  GROUP BY 1, 2, 3
$$;
CREATE MATERIALIZED VIEW netra.run_daily AS
SELECT day, user_id, agent_type, runs, completed, failed, cancelled, unfinished, timed, seconds
FROM netra.compute_run_daily();
CREATE UNIQUE INDEX run_daily_key ON netra.run_daily (day, user_id, agent_type);
CREATE INDEX run_daily_user_idx ON netra.run_daily (user_id, day);

CREATE FUNCTION netra.compute_token_daily() RETURNS TABLE (
  day date, user_id integer, model text, messages bigint, tokens bigint
)
LANGUAGE sql STABLE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
  SELECT
    (m.created_at AT TIME ZONE 'UTC')::date AS day, t.user_id, coalesce(m.model, '') AS model,
    count(*) AS messages, coalesce(sum(m.tokens_used), 0)::bigint AS tokens
  FROM netra.messages AS m JOIN netra.threads AS t ON t.id = m.thread_id
  GROUP BY 1, 2, 3
$$;
CREATE MATERIALIZED VIEW netra.token_daily AS
SELECT day, user_id, model, messages, tokens FROM netra.compute_token_daily();
CREATE UNIQUE INDEX token_daily_key ON netra.token_daily (day, user_id, model);
CREATE INDEX token_daily_user_idx ON netra.token_daily (user_id, day);

REVOKE ALL ON netra.run_daily, netra.token_daily FROM PUBLIC;
REVOKE ALL ON FUNCTION netra.compute_run_daily(), netra.compute_token_daily() FROM PUBLIC;

CREATE VIEW netra.run_daily_visible WITH (security_barrier = true) AS
SELECT * FROM netra.run_daily
WHERE user_id = (SELECT netra.current_user_id()) OR (SELECT netra.is_superuser());
CREATE VIEW netra.token_daily_visible WITH (security_barrier = true) AS
SELECT * FROM netra.token_daily
WHERE user_id = (SELECT netra.current_user_id()) OR (SELECT netra.is_superuser());

CREATE VIEW netra.run_daily_totals WITH (security_barrier = true) AS
SELECT day, agent_type, count(*) AS users, sum(runs)::bigint AS runs,
  sum(completed)::bigint AS completed, sum(failed)::bigint AS failed,
  sum(cancelled)::bigint AS cancelled, sum(unfinished)::bigint AS unfinished,
  sum(timed)::bigint AS timed, sum(seconds) AS seconds
FROM netra.run_daily GROUP BY day, agent_type;
CREATE VIEW netra.token_daily_totals WITH (security_barrier = true) AS
SELECT day, model, count(*) AS users, sum(messages)::bigint AS messages,
  sum(tokens)::bigint AS tokens
FROM netra.token_daily GROUP BY day, model;

REVOKE ALL ON netra.run_daily_visible, netra.token_daily_visible, netra.run_daily_totals,
  netra.token_daily_totals FROM PUBLIC;
GRANT SELECT ON netra.run_daily_visible, netra.token_daily_visible, netra.run_daily_totals,
  netra.token_daily_totals TO daybreak_service, daybreak_reader;

-- SECURITY DEFINER, because on PostgreSQL 15 only the owner may refresh; they take and return nothing,
-- and at worst cost time.
CREATE FUNCTION netra.refresh_run_daily() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET row_security = on
AS $$ BEGIN REFRESH MATERIALIZED VIEW CONCURRENTLY netra.run_daily; END $$;
CREATE FUNCTION netra.refresh_token_daily() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET row_security = on
AS $$ BEGIN REFRESH MATERIALIZED VIEW CONCURRENTLY netra.token_daily; END $$;

-- The functions below are SECURITY DEFINER: the report is about everybody and the caller is nobody.
-- What they return are counts, durations and names of agents, models, actions and categories: no user,
-- no address, no text that a user wrote.

-- Runs by agent. A run belongs to the window it was created in; a time that is not known is no zero.
CREATE FUNCTION netra.report_runs(window_start timestamptz, window_end timestamptz)
RETURNS TABLE (agent_type text, runs bigint, completed bigint, failed bigint, cancelled bigint,
  unfinished bigint, users bigint, mean_seconds double precision, p95_seconds double precision)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
  SELECT coalesce(r.agent_type, ''), count(*), count(*) FILTER (WHERE r.status = 'completed'),
    count(*) FILTER (WHERE r.status = 'failed'), count(*) FILTER (WHERE r.status = 'cancelled'),
    count(*) FILTER (WHERE r.status IN ('pending', 'processing')), count(DISTINCT r.user_id),
    avg(extract(epoch FROM r.completed_at - r.started_at))
      FILTER (WHERE r.completed_at >= r.started_at)::double precision,
    percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM r.completed_at - r.started_at))
      FILTER (WHERE r.completed_at >= r.started_at)
  FROM netra.runs AS r
  WHERE r.created_at >= window_start AND r.created_at < window_end
  GROUP BY 1 ORDER BY 2 DESC, 1
$$;

-- Runs by hours counted from the window's start, hours without a run included.
CREATE FUNCTION netra.report_run_hours(window_start timestamptz, window_end timestamptz)
RETURNS TABLE (hour_start timestamptz, runs bigint, failed bigint)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
  SELECT h.hour_start, count(r.id), count(r.id) FILTER (WHERE r.status = 'failed')
  FROM generate_series(window_start,
    least(window_end, window_start + interval '400 days') - interval '1 microsecond',
    interval '1 hour') AS h (hour_start)
  LEFT JOIN netra.runs AS r
    ON r.created_at >= h.hour_start AND r.created_at < h.hour_start + interval '1 hour'
    AND r.created_at < window_end
  GROUP BY 1 ORDER BY 1
$$;

-- Why runs failed: the class that an error message begins with, and never its text.
CREATE FUNCTION netra.report_failures(window_start timestamptz, window_end timestamptz)
RETURNS TABLE (agent_type text, error_class text, runs bigint, first_at timestamptz,
  last_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
  SELECT coalesce(r.agent_type, ''),
    coalesce(substring(r.error_message FROM
      '^([A-Za-z_][A-Za-z0-9_.]{0,80}(?:Error|Exception|Timeout|Exceeded|Interrupt))\M'), 'unclassified'),
    count(*), min(r.created_at), max(r.created_at)
  FROM netra.runs AS r
  WHERE r.created_at >= window_start AND r.created_at < window_end AND r.status = 'failed'
  GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
$$;

-- Tokens by model.
CREATE FUNCTION netra.report_tokens(window_start timestamptz, window_end timestamptz)
RETURNS TABLE (model text, messages bigint, tokens bigint, users bigint)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
  SELECT coalesce(m.model, ''), count(*), coalesce(sum(m.tokens_used), 0)::bigint,
    count(DISTINCT t.user_id)
  FROM netra.messages AS m JOIN netra.threads AS t ON t.id = m.thread_id
  WHERE m.created_at >= window_start AND m.created_at < window_end AND m.role = 'assistant'
  GROUP BY 1 ORDER BY 3 DESC, 1
$$;

-- One row: what went on.
CREATE FUNCTION netra.report_activity(window_start timestamptz, window_end timestamptz)
RETURNS TABLE (users_total bigint, users_active bigint, users_new bigint, threads_new bigint,
  messages_new bigint, runs_new bigint, references_new bigint, reference_bytes_new bigint,
  api_keys_valid bigint, api_keys_used bigint, audit_events bigint, audit_failures bigint)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
  SELECT
    (SELECT count(*) FROM netra.users),
    (SELECT count(*) FROM (
      SELECT r.user_id FROM netra.runs AS r
      WHERE r.created_at >= window_start AND r.created_at < window_end
      UNION
      SELECT t.user_id FROM netra.messages AS m JOIN netra.threads AS t ON t.id = m.thread_id
      WHERE m.created_at >= window_start AND m.created_at < window_end AND m.role = 'user'
    ) AS active),
    (SELECT count(*) FROM netra.users AS u
      WHERE u.created_at >= window_start AND u.created_at < window_end),
    (SELECT count(*) FROM netra.threads AS t
      WHERE t.created_at >= window_start AND t.created_at < window_end),
    (SELECT count(*) FROM netra.messages AS m
      WHERE m.created_at >= window_start AND m.created_at < window_end),
    (SELECT count(*) FROM netra.runs AS r
      WHERE r.created_at >= window_start AND r.created_at < window_end),
    (SELECT count(*) FROM netra."references" AS f
      WHERE f.created_at >= window_start AND f.created_at < window_end),
    (SELECT coalesce(sum(f.file_size), 0)::bigint FROM netra."references" AS f
      WHERE f.created_at >= window_start AND f.created_at < window_end),
    (SELECT count(*) FROM netra.api_keys AS k
      WHERE k.is_active AND k.created_at < window_end
        AND (k.expires_at IS NULL OR k.expires_at >= window_end)),
    (SELECT count(*) FROM netra.api_keys AS k
      WHERE k.last_used_at >= window_start AND k.last_used_at < window_end),
    (SELECT count(*) FROM netra.audit_logs AS a
      WHERE a.created_at >= window_start AND a.created_at < window_end),
    (SELECT count(*) FROM netra.audit_logs AS a
      WHERE a.created_at >= window_start AND a.created_at < window_end
        AND a.response_status >= 400)
$$;

-- Audited actions, and how many of them were refused or failed.
CREATE FUNCTION netra.report_audit(window_start timestamptz, window_end timestamptz)
RETURNS TABLE (action text, events bigint, failures bigint, users bigint, addresses bigint)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
  SELECT a.action::text, count(*), count(*) FILTER (WHERE a.response_status >= 400),
    count(DISTINCT a.user_id), count(DISTINCT a.ip_address)
  FROM netra.audit_logs AS a
  WHERE a.created_at >= window_start AND a.created_at < window_end
  GROUP BY 1 ORDER BY 3 DESC, 2 DESC, 1
$$;

-- The shared supply catalog by category and provider; users' own items are counted, not named.
CREATE FUNCTION netra.report_supply()
RETURNS TABLE (category text, provider text, items bigint, inactive bigint, last_changed timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
  SELECT CASE WHEN s.user_id IS NULL THEN s.category ELSE '(own items)' END::text,
    CASE WHEN s.user_id IS NULL THEN coalesce(s.provider, '') ELSE '' END::text,
    count(*), count(*) FILTER (WHERE NOT s.is_active), max(s.updated_at)
  FROM netra.supply_catalog AS s
  GROUP BY 1, 2 ORDER BY 1, 2
$$;

REVOKE ALL ON FUNCTION netra.refresh_run_daily(), netra.refresh_token_daily(),
  netra.report_runs(timestamptz, timestamptz), netra.report_run_hours(timestamptz, timestamptz),
  netra.report_failures(timestamptz, timestamptz), netra.report_tokens(timestamptz, timestamptz),
  netra.report_activity(timestamptz, timestamptz), netra.report_audit(timestamptz, timestamptz),
  netra.report_supply() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION netra.refresh_run_daily(), netra.refresh_token_daily() TO daybreak_service;
GRANT EXECUTE ON FUNCTION
  netra.report_runs(timestamptz, timestamptz), netra.report_run_hours(timestamptz, timestamptz),
  netra.report_failures(timestamptz, timestamptz), netra.report_tokens(timestamptz, timestamptz),
  netra.report_activity(timestamptz, timestamptz), netra.report_audit(timestamptz, timestamptz),
  netra.report_supply() TO daybreak_service, daybreak_reader;

RESET ROLE;
