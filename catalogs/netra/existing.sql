-- Reading a PostgreSQL database that was made from Netra's document, as it is: nothing of Daybreak is in it, and
-- nothing is added. One named query after another. Names are not qualified: SET LOCAL search_path TO the
-- schema, usually public, and read in a transaction that is READ ONLY.
-- Parameters, where a query has them: $1 the window's start, $2 its end (timestamptz, half-open).
-- Columns may be NULL there although they have a default; a flag that is NULL is false.

-- name: recognise
-- What differs from the document's tables: a column that is missing, of another type, or more than expected.
-- No row: it is the document's database. A table of which every column is missing is not there.
WITH expected (table_name, column_name, type) AS (VALUES
  ('api_keys', 'id', 'uuid'),
  ('api_keys', 'user_id', 'integer'),
  ('api_keys', 'name', 'character varying(255)'),
  ('api_keys', 'key_hash', 'character varying(255)'),
  ('api_keys', 'last_used_at', 'timestamp with time zone'),
  ('api_keys', 'expires_at', 'timestamp with time zone'),
  ('api_keys', 'is_active', 'boolean'),
  ('api_keys', 'created_at', 'timestamp with time zone'),
  ('api_keys', 'metadata', 'jsonb'),
  ('audit_logs', 'id', 'bigint'),
  ('audit_logs', 'user_id', 'integer'),
  ('audit_logs', 'action', 'character varying(100)'),
  ('audit_logs', 'resource_type', 'character varying(100)'),
  ('audit_logs', 'resource_id', 'character varying(255)'),
  ('audit_logs', 'ip_address', 'inet'),
  ('audit_logs', 'user_agent', 'text'),
  ('audit_logs', 'request_id', 'character varying(255)'),
  ('audit_logs', 'response_status', 'integer'),
  ('audit_logs', 'created_at', 'timestamp with time zone'),
  ('audit_logs', 'metadata', 'jsonb'),
  ('messages', 'id', 'uuid'),
  ('messages', 'thread_id', 'uuid'),
  ('messages', 'role', 'character varying(50)'),
  ('messages', 'content', 'text'),
  ('messages', 'tokens_used', 'integer'),
  ('messages', 'model', 'character varying(100)'),
  ('messages', 'created_at', 'timestamp with time zone'),
  ('messages', 'metadata', 'jsonb'),
  ('references', 'id', 'uuid'),
  ('references', 'user_id', 'integer'),
  ('references', 'name', 'character varying(255)'),
  ('references', 'type', 'character varying(100)'),
  ('references', 'content', 'text'),
  ('references', 'file_path', 'text'),
  ('references', 'file_size', 'bigint'),
  ('references', 'mime_type', 'character varying(255)'),
  ('references', 'embedding', 'vector(1536)'),
  ('references', 'created_at', 'timestamp with time zone'),
  ('references', 'updated_at', 'timestamp with time zone'),
  ('references', 'metadata', 'jsonb'),
  ('runs', 'id', 'uuid'),
  ('runs', 'thread_id', 'uuid'),
  ('runs', 'user_id', 'integer'),
  ('runs', 'status', 'character varying(50)'),
  ('runs', 'agent_type', 'character varying(100)'),
  ('runs', 'input_data', 'jsonb'),
  ('runs', 'output_data', 'jsonb'),
  ('runs', 'error_message', 'text'),
  ('runs', 'started_at', 'timestamp with time zone'),
  ('runs', 'completed_at', 'timestamp with time zone'),
  ('runs', 'created_at', 'timestamp with time zone'),
  ('runs', 'metadata', 'jsonb'),
  ('supply_catalog', 'id', 'uuid'),
  ('supply_catalog', 'user_id', 'integer'),
  ('supply_catalog', 'name', 'character varying(255)'),
  ('supply_catalog', 'category', 'character varying(100)'),
  ('supply_catalog', 'provider', 'character varying(100)'),
  ('supply_catalog', 'specifications', 'jsonb'),
  ('supply_catalog', 'pricing', 'jsonb'),
  ('supply_catalog', 'availability', 'jsonb'),
  ('supply_catalog', 'performance_metrics', 'jsonb'),
  ('supply_catalog', 'is_active', 'boolean'),
  ('supply_catalog', 'created_at', 'timestamp with time zone'),
  ('supply_catalog', 'updated_at', 'timestamp with time zone'),
  ('supply_catalog', 'metadata', 'jsonb'),
  ('threads', 'id', 'uuid'),
  ('threads', 'user_id', 'integer'),
  ('threads', 'title', 'character varying(255)'),
  ('threads', 'status', 'character varying(50)'),
  ('threads', 'created_at', 'timestamp with time zone'),
  ('threads', 'updated_at', 'timestamp with time zone'),
  ('threads', 'metadata', 'jsonb'),
  ('users', 'id', 'integer'),
  ('users', 'email', 'character varying(255)'),
  ('users', 'name', 'character varying(255)'),
  ('users', 'password_hash', 'character varying(255)'),
  ('users', 'oauth_provider', 'character varying(50)'),
  ('users', 'oauth_id', 'character varying(255)'),
  ('users', 'picture', 'text'),
  ('users', 'is_active', 'boolean'),
  ('users', 'is_superuser', 'boolean'),
  ('users', 'created_at', 'timestamp with time zone'),
  ('users', 'updated_at', 'timestamp with time zone'),
  ('users', 'last_login_at', 'timestamp with time zone'),
  ('users', 'metadata', 'jsonb')
), found AS (
  SELECT c.relname::text AS table_name, a.attname::text AS column_name,
    replace(format_type(a.atttypid, a.atttypmod), 'public.', '') AS type
  FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
    AND c.relname IN (SELECT table_name FROM expected)
)
SELECT table_name, column_name, e.type AS expected_type, f.type AS found_type
FROM expected AS e FULL JOIN found AS f USING (table_name, column_name)
WHERE e.type IS DISTINCT FROM f.type
ORDER BY table_name, column_name;

-- name: runs
-- Runs by agent. A run belongs to the window it was created in; a time that is not known is no zero.
SELECT * FROM (
  SELECT coalesce(r.agent_type, ''), count(*), count(*) FILTER (WHERE r.status = 'completed'),
    count(*) FILTER (WHERE r.status = 'failed'), count(*) FILTER (WHERE r.status = 'cancelled'),
    count(*) FILTER (WHERE r.status IN ('pending', 'processing')), count(DISTINCT r.user_id),
    avg(extract(epoch FROM r.completed_at - r.started_at))
      FILTER (WHERE r.completed_at >= r.started_at)::double precision,
    percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM r.completed_at - r.started_at))
      FILTER (WHERE r.completed_at >= r.started_at)
  FROM runs AS r
  WHERE r.created_at >= $1 AND r.created_at < $2
  GROUP BY 1
) AS answer (agent_type, runs, completed, failed, cancelled, unfinished, users, mean_seconds, p95_seconds)
ORDER BY 2 DESC, 1;

-- name: run_hours
-- Runs by hours counted from the window's start, hours without a run included.
SELECT * FROM (
  SELECT h.hour_start, count(r.id), count(r.id) FILTER (WHERE r.status = 'failed')
  FROM generate_series($1,
    least($2, $1 + interval '400 days') - interval '1 microsecond',
    interval '1 hour') AS h (hour_start)
  LEFT JOIN runs AS r
    ON r.created_at >= h.hour_start AND r.created_at < h.hour_start + interval '1 hour'
    AND r.created_at < $2
  GROUP BY 1
) AS answer (hour_start, runs, failed)
ORDER BY 1;

-- name: failures
-- Why runs failed: the class that an error message begins with, and never its text.
SELECT * FROM (
  SELECT coalesce(r.agent_type, ''),
    coalesce(substring(r.error_message FROM
      '^([A-Za-z_][A-Za-z0-9_.]{0,80}(?:Error|Exception|Timeout|Exceeded|Interrupt))\M'), 'unclassified'),
    count(*), min(r.created_at), max(r.created_at)
  FROM runs AS r
  WHERE r.created_at >= $1 AND r.created_at < $2 AND r.status = 'failed'
  GROUP BY 1, 2
) AS answer (agent_type, error_class, runs, first_at, last_at)
ORDER BY 3 DESC, 1, 2;

-- name: tokens
-- Tokens by model.
SELECT * FROM (
  SELECT coalesce(m.model, ''), count(*), coalesce(sum(m.tokens_used), 0)::bigint,
    count(DISTINCT t.user_id)
  FROM messages AS m JOIN threads AS t ON t.id = m.thread_id
  WHERE m.created_at >= $1 AND m.created_at < $2 AND m.role = 'assistant'
  GROUP BY 1
) AS answer (model, messages, tokens, users)
ORDER BY 3 DESC, 1;

-- name: activity
-- One row: what went on.
SELECT * FROM (
  SELECT
    (SELECT count(*) FROM users),
    (SELECT count(*) FROM (
      SELECT r.user_id FROM runs AS r
      WHERE r.created_at >= $1 AND r.created_at < $2
      UNION
      SELECT t.user_id FROM messages AS m JOIN threads AS t ON t.id = m.thread_id
      WHERE m.created_at >= $1 AND m.created_at < $2 AND m.role = 'user'
    ) AS active),
    (SELECT count(*) FROM users AS u
      WHERE u.created_at >= $1 AND u.created_at < $2),
    (SELECT count(*) FROM threads AS t
      WHERE t.created_at >= $1 AND t.created_at < $2),
    (SELECT count(*) FROM messages AS m
      WHERE m.created_at >= $1 AND m.created_at < $2),
    (SELECT count(*) FROM runs AS r
      WHERE r.created_at >= $1 AND r.created_at < $2),
    (SELECT count(*) FROM "references" AS f
      WHERE f.created_at >= $1 AND f.created_at < $2),
    (SELECT coalesce(sum(f.file_size), 0)::bigint FROM "references" AS f
      WHERE f.created_at >= $1 AND f.created_at < $2),
    (SELECT count(*) FROM api_keys AS k
      WHERE k.is_active AND k.created_at < $2
        AND (k.expires_at IS NULL OR k.expires_at >= $2)),
    (SELECT count(*) FROM api_keys AS k
      WHERE k.last_used_at >= $1 AND k.last_used_at < $2),
    (SELECT count(*) FROM audit_logs AS a
      WHERE a.created_at >= $1 AND a.created_at < $2),
    (SELECT count(*) FROM audit_logs AS a
      WHERE a.created_at >= $1 AND a.created_at < $2
        AND a.response_status >= 400)
) AS answer (users_total, users_active, users_new, threads_new, messages_new, runs_new, references_new,
  reference_bytes_new, api_keys_valid, api_keys_used, audit_events, audit_failures);

-- name: audit
-- Audited actions, and how many of them were refused or failed.
SELECT * FROM (
  SELECT a.action::text, count(*), count(*) FILTER (WHERE a.response_status >= 400),
    count(DISTINCT a.user_id), count(DISTINCT a.ip_address)
  FROM audit_logs AS a
  WHERE a.created_at >= $1 AND a.created_at < $2
  GROUP BY 1
) AS answer (action, events, failures, users, addresses)
ORDER BY 3 DESC, 2 DESC, 1;

-- name: supply
-- The shared supply catalog by category and provider; users' own items are counted, not named.
SELECT * FROM (
  SELECT CASE WHEN s.user_id IS NULL THEN s.category ELSE '(own items)' END::text,
    CASE WHEN s.user_id IS NULL THEN coalesce(s.provider, '') ELSE '' END::text,
    count(*), count(*) FILTER (WHERE s.is_active IS NOT TRUE), max(s.updated_at)
  FROM supply_catalog AS s
  GROUP BY 1, 2
) AS answer (category, provider, items, inactive, last_changed)
ORDER BY 1, 2;

-- name: history
-- Runs of the 28 UTC days up to and with the window's first.
SELECT d.day::date AS day, count(r.id) AS runs, count(r.id) FILTER (WHERE r.status = 'failed') AS failed
FROM generate_series(($1 AT TIME ZONE 'UTC')::date - 27, ($1 AT TIME ZONE 'UTC')::date, interval '1 day') AS d (day)
LEFT JOIN runs AS r ON r.created_at >= d.day::date::timestamp AT TIME ZONE 'UTC'
  AND r.created_at < (d.day::date + 1)::timestamp AT TIME ZONE 'UTC'
GROUP BY d.day ORDER BY d.day;
