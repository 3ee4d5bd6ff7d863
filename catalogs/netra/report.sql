-- What the report says of Netra's PostgreSQL part. One named query after another; each is read as
-- daybreak_reader without a user: the functions and views behind them add up over all users and name none.
-- Parameters, where a query has them: $1 the window's start, $2 its end (timestamptz, half-open).
-- ClickHouse's part is in clickhouse-report.sql.

-- name: activity
-- The window in one row.
SELECT * FROM netra.report_activity($1, $2);

-- name: activity_before
-- The same span one day and seven days before, to compare with.
SELECT d.days_back, a.users_active, a.threads_new, a.messages_new, a.runs_new, a.audit_failures
FROM (VALUES (1), (7)) AS d (days_back),
  LATERAL netra.report_activity($1 - make_interval(days => d.days_back),
    $2 - make_interval(days => d.days_back)) AS a
ORDER BY d.days_back;

-- name: runs
-- Runs by agent, how they ended and how long they took.
SELECT * FROM netra.report_runs($1, $2);

-- name: run_hours
-- Runs hour by hour from the window's start.
SELECT * FROM netra.report_run_hours($1, $2);

-- name: failures
-- Classes of errors that ended runs.
SELECT * FROM netra.report_failures($1, $2) LIMIT 20;

-- name: failing_agents
-- Agents that failed in at least five runs and three times as often as in the 28 UTC days before.
SELECT n.agent_type, n.runs, n.failed, n.failed::double precision / n.runs AS share,
  b.failed::double precision / nullif(b.runs, 0) AS share_before
FROM netra.report_runs($1, $2) AS n
LEFT JOIN (
  SELECT t.agent_type, sum(t.runs) AS runs, sum(t.failed) AS failed
  FROM netra.run_daily_totals AS t
  WHERE t.day >= ($1 AT TIME ZONE 'UTC')::date - 28 AND t.day < ($1 AT TIME ZONE 'UTC')::date
  GROUP BY t.agent_type
) AS b ON b.agent_type = n.agent_type
WHERE n.failed >= 5
  AND n.failed::double precision / n.runs >= 3 * coalesce(b.failed::double precision / nullif(b.runs, 0), 0)
ORDER BY n.failed DESC, n.agent_type;

-- name: history
-- Runs and tokens of the 28 UTC days up to and with the window's first.
SELECT d.day::date AS day,
  coalesce((SELECT sum(r.runs) FROM netra.run_daily_totals AS r WHERE r.day = d.day), 0)::bigint AS runs,
  coalesce((SELECT sum(r.failed) FROM netra.run_daily_totals AS r WHERE r.day = d.day), 0)::bigint AS failed,
  coalesce((SELECT sum(t.tokens) FROM netra.token_daily_totals AS t WHERE t.day = d.day), 0)::bigint AS tokens
FROM generate_series(($1 AT TIME ZONE 'UTC')::date - 27, ($1 AT TIME ZONE 'UTC')::date, interval '1 day') AS d (day)
ORDER BY d.day;

-- name: tokens
-- Tokens by model.
SELECT * FROM netra.report_tokens($1, $2) LIMIT 20;

-- name: audit
-- Audited actions, those that failed most first.
SELECT * FROM netra.report_audit($1, $2) LIMIT 20;

-- name: supply
-- The supply catalog.
SELECT * FROM netra.report_supply();

-- name: table_sizes
-- Tables and their indexes, the largest first. Rows are the planner's estimate; -1: never analyzed.
SELECT c.relname AS table_name, c.reltuples::bigint AS estimated_rows,
  pg_table_size(c.oid) AS table_bytes, pg_indexes_size(c.oid) AS index_bytes
FROM pg_class AS c
WHERE c.relnamespace = 'netra'::regnamespace AND c.relkind IN ('r', 'p', 'm')
ORDER BY pg_total_relation_size(c.oid) DESC, c.relname;
