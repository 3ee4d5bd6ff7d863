-- What the report says of Loglytics. One named query after another; each is read as daybreak_reader with
-- app.current_user_id set: it shows the projects that this user may read.
-- Parameters, where a query has them: $1 the window's start, $2 its end (timestamptz, half-open).

-- name: activity
-- The window in one row.
SELECT count(*) AS lines, count(*) FILTER (WHERE log_level = 'ERROR') AS errors,
  count(*) FILTER (WHERE log_level = 'CRITICAL') AS criticals,
  count(*) FILTER (WHERE log_level = 'WARN') AS warnings, count(DISTINCT project_id) AS projects,
  count(DISTINCT (project_id, source)) AS sources
FROM loglytics.log_entries WHERE "timestamp" >= $1 AND "timestamp" < $2;

-- name: projects
-- Each project, against the same span one day and seven days before.
WITH spans AS (
  SELECT project_id, d.days_back, count(*) AS lines,
    count(*) FILTER (WHERE log_level IN ('ERROR', 'CRITICAL')) AS errors
  FROM (VALUES (0), (1), (7)) AS d (days_back)
  JOIN loglytics.log_entries AS e ON e."timestamp" >= $1 - make_interval(days => d.days_back)
    AND e."timestamp" < $2 - make_interval(days => d.days_back)
  GROUP BY project_id, d.days_back
)
SELECT p.name AS project, loglytics.get_user_project_role(auth.uid(), p.id) AS role,
  coalesce(n.lines, 0) AS lines, coalesce(n.errors, 0) AS errors,
  d.lines AS lines_day_before, d.errors AS errors_day_before,
  w.lines AS lines_week_before, w.errors AS errors_week_before
FROM loglytics.projects AS p
LEFT JOIN spans AS n ON n.project_id = p.id AND n.days_back = 0
LEFT JOIN spans AS d ON d.project_id = p.id AND d.days_back = 1
LEFT JOIN spans AS w ON w.project_id = p.id AND w.days_back = 7
ORDER BY coalesce(n.errors, 0) DESC, p.name COLLATE "C", p.id;

-- name: hours
-- Lines and errors hour by hour from the window's start.
SELECT h.start AS hour, count(e.id) AS lines,
  count(e.id) FILTER (WHERE e.log_level IN ('ERROR', 'CRITICAL')) AS errors,
  count(e.id) FILTER (WHERE e.log_level = 'WARN') AS warnings
FROM generate_series($1, $2 - interval '1 microsecond', interval '1 hour') AS h (start)
LEFT JOIN loglytics.log_entries AS e
  ON e."timestamp" >= h.start AND e."timestamp" < least(h.start + interval '1 hour', $2)
GROUP BY h.start ORDER BY h.start;

-- name: errors
-- Messages of errors, their numbers and identifiers taken out; `is_new` was not seen in the seven days before.
WITH messages AS (
  SELECT e.project_id, e.source, e."timestamp", e.log_level,
    left(regexp_replace(regexp_replace(e.message, '[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}', '<uuid>', 'g'),
      '\d+', '<num>', 'g'), 100) AS message
  FROM loglytics.log_entries AS e
  WHERE e."timestamp" >= $1 - interval '7 days' AND e."timestamp" < $2
    AND e.log_level IN ('ERROR', 'CRITICAL')
)
SELECT p.name AS project, m.message, max(m.log_level)::text AS level,
  count(*) FILTER (WHERE m."timestamp" >= $1) AS count,
  min(m."timestamp") FILTER (WHERE m."timestamp" >= $1) AS first_at,
  max(m."timestamp") FILTER (WHERE m."timestamp" >= $1) AS last_at,
  count(DISTINCT m.source) FILTER (WHERE m."timestamp" >= $1) AS sources,
  min(m."timestamp") >= $1 AS is_new
FROM messages AS m JOIN loglytics.projects AS p ON p.id = m.project_id
GROUP BY p.id, p.name, m.message
HAVING count(*) FILTER (WHERE m."timestamp" >= $1) > 0
ORDER BY count DESC, p.name COLLATE "C", m.message COLLATE "C" LIMIT 20;

-- name: categories
-- Errors by what their words speak of.
SELECT c.category, count(*) AS errors
FROM loglytics.log_entries AS e, LATERAL (SELECT CASE
    WHEN e.message ~* 'time[d]? ?-?out' THEN 'timeout'
    WHEN e.message ~* 'null ?pointer|nil pointer|undefined' THEN 'null_pointer'
    WHEN e.message ~* 'permission|denied|forbidden|unauthori[sz]ed' THEN 'permission'
    WHEN e.message ~* 'not found|no such|404' THEN 'not_found'
    WHEN e.message ~* 'database|sql|query|deadlock|replica' THEN 'database'
    WHEN e.message ~* 'connection|connect' THEN 'connection'
    WHEN e.message ~* 'network|dns|socket|host|50[234]' THEN 'network' ELSE 'other' END) AS c (category)
WHERE e."timestamp" >= $1 AND e."timestamp" < $2 AND e.log_level IN ('ERROR', 'CRITICAL')
GROUP BY c.category ORDER BY errors DESC, c.category;

-- name: silent_sources
-- Sources that spoke in each of the seven days before and have said nothing for the window's last hours.
WITH before AS (
  SELECT project_id, source, count(DISTINCT floor(extract(epoch FROM $1 - "timestamp") / 86400)) AS days,
    count(*) / (7 * 24.0) AS lines_an_hour
  FROM loglytics.log_entries WHERE "timestamp" >= $1 - interval '7 days' AND "timestamp" < $1
  GROUP BY project_id, source
), latest AS (
  SELECT project_id, source, max("timestamp") AS last_at FROM loglytics.log_entries
  WHERE "timestamp" >= $1 AND "timestamp" < $2 GROUP BY project_id, source
)
SELECT p.name AS project, b.source, round(b.lines_an_hour, 1)::double precision AS lines_an_hour, l.last_at,
  extract(epoch FROM $2 - coalesce(l.last_at, $1)) / 3600 AS silent_hours
FROM before AS b JOIN loglytics.projects AS p ON p.id = b.project_id
LEFT JOIN latest AS l ON l.project_id = b.project_id AND l.source IS NOT DISTINCT FROM b.source
WHERE b.days >= 7 AND b.lines_an_hour >= 1
  AND extract(epoch FROM $2 - coalesce(l.last_at, $1)) / 3600 * b.lines_an_hour > 20
ORDER BY silent_hours DESC, p.name COLLATE "C", b.source COLLATE "C";

-- name: alerts
-- What was raised in the window, and what is still unread.
SELECT a.severity::text AS severity, a.alert_type::text AS type, p.name AS project, a.message, a.created_at,
  a.is_read
FROM loglytics.alerts AS a JOIN loglytics.projects AS p ON p.id = a.project_id
WHERE a.created_at >= $1 AND a.created_at < $2 OR NOT a.is_read AND a.created_at < $2
ORDER BY a.severity DESC, a.created_at DESC, a.id LIMIT 50;

-- name: files
-- Uploads that failed or did not finish.
SELECT p.name AS project, f.filename, f.upload_status::text AS status, f.created_at,
  f.processing_metadata ->> 'error' AS error
FROM loglytics.log_files AS f JOIN loglytics.projects AS p ON p.id = f.project_id
WHERE f.upload_status <> 'completed' AND f.created_at < $2
ORDER BY f.created_at DESC, p.name COLLATE "C", f.filename COLLATE "C", f.id LIMIT 50;

-- name: connections
-- Live connections that are not well.
SELECT p.name AS project, c.connection_name AS connection, c.cloud_provider::text AS provider,
  c.status::text AS status, c.last_sync_at
FROM loglytics.live_log_connections AS c JOIN loglytics.projects AS p ON p.id = c.project_id
WHERE c.status = 'error' OR c.status = 'active' AND coalesce(c.last_sync_at, '-infinity') < $2 - interval '1 hour'
ORDER BY p.name COLLATE "C", c.connection_name COLLATE "C", c.id;

-- name: usage
-- The user's own consumption of the 28 UTC days up to and with the window's first.
SELECT u.date AS day, u.llm_tokens_used AS tokens, u.api_calls_count AS calls, u.storage_used_bytes AS bytes
FROM loglytics.usage_tracking AS u
WHERE u.date > ($1 AT TIME ZONE 'UTC')::date - 28 AND u.date <= ($1 AT TIME ZONE 'UTC')::date
ORDER BY u.date;

-- name: dashboard
-- The projects' sums over all time, as of the last refresh.
SELECT project_name AS project, total_log_files AS files, total_log_entries AS lines, error_count AS errors,
  critical_count AS criticals, warning_count AS warnings, first_log_entry AS first_at, last_log_entry AS last_at
FROM loglytics.dashboard_stats_visible ORDER BY project_name COLLATE "C", project_id;
