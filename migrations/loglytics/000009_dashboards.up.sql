-- What dashboards show.
--
-- A materialized view cannot have row-level security, so nobody but the owner may read it; the service
-- and readers use dashboard_stats_visible, a security barrier that shows the projects of who asks. The
-- refresh runs as the owner, whom FORCE ROW LEVEL SECURITY binds: policies of their own let the owner
-- read, and only read, what it is made of. Nobody logs in as the owner.
--
-- The tables of these indexes were made a moment ago.
-- squawk-ignore-file require-concurrent-index-creation
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;

-- Every table is summed up on its own before the join: joined first, the counts of one would multiply
-- those of another. In a function because of row_security = on: a restore switches that off, so that
-- whatever row-level security would hide becomes an error, and there the owner's own refresh would be one.
CREATE FUNCTION loglytics.compute_dashboard_stats() RETURNS TABLE (
  project_id uuid, user_id uuid, project_name varchar, total_log_files bigint,
  total_log_entries bigint, error_count bigint, warning_count bigint, info_count bigint,
  debug_count bigint, critical_count bigint, last_log_entry timestamptz, first_log_entry timestamptz
)
LANGUAGE sql STABLE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
  WITH files AS (
    SELECT project_id, count(*) AS total_log_files FROM loglytics.log_files GROUP BY project_id
  ), entries AS (
    SELECT project_id, count(*) AS total_log_entries,
      count(*) FILTER (WHERE log_level = 'ERROR') AS error_count,
      count(*) FILTER (WHERE log_level = 'WARN') AS warning_count,
      count(*) FILTER (WHERE log_level = 'INFO') AS info_count,
      count(*) FILTER (WHERE log_level = 'DEBUG') AS debug_count,
      count(*) FILTER (WHERE log_level = 'CRITICAL') AS critical_count,
      max("timestamp") AS last_log_entry, min("timestamp") AS first_log_entry
    FROM loglytics.log_entries GROUP BY project_id
  )
  SELECT p.id AS project_id, p.user_id, p.name AS project_name,
    coalesce(f.total_log_files, 0) AS total_log_files,
    coalesce(e.total_log_entries, 0) AS total_log_entries,
    coalesce(e.error_count, 0) AS error_count, coalesce(e.warning_count, 0) AS warning_count,
    coalesce(e.info_count, 0) AS info_count, coalesce(e.debug_count, 0) AS debug_count,
    coalesce(e.critical_count, 0) AS critical_count, e.last_log_entry, e.first_log_entry
  FROM loglytics.projects AS p
  LEFT JOIN files AS f ON f.project_id = p.id
  LEFT JOIN entries AS e ON e.project_id = p.id
$$;
REVOKE ALL ON FUNCTION loglytics.compute_dashboard_stats() FROM PUBLIC;

CREATE MATERIALIZED VIEW loglytics.dashboard_stats AS
SELECT project_id, user_id, project_name, total_log_files, total_log_entries, error_count, warning_count,
  info_count, debug_count, critical_count, last_log_entry, first_log_entry
FROM loglytics.compute_dashboard_stats();
CREATE UNIQUE INDEX idx_dashboard_stats_project ON loglytics.dashboard_stats (project_id);
REVOKE ALL ON loglytics.dashboard_stats FROM PUBLIC;

CREATE VIEW loglytics.dashboard_stats_visible WITH (security_barrier = true) AS
SELECT * FROM loglytics.dashboard_stats
WHERE project_id = ANY (ARRAY(SELECT loglytics.project_ids('viewer')));
REVOKE ALL ON loglytics.dashboard_stats_visible FROM PUBLIC;
GRANT SELECT ON loglytics.dashboard_stats_visible TO daybreak_service, daybreak_reader;

-- One's own row: what one owns, summed up before the join as above.
CREATE VIEW loglytics.user_dashboard
WITH (security_invoker = true, security_barrier = true) AS
WITH owned AS (
  SELECT user_id, count(*) AS total_projects, max(created_at) AS last_project_created
  FROM loglytics.projects GROUP BY user_id
), files AS (
  SELECT p.user_id, count(*) AS total_log_files
  FROM loglytics.projects AS p JOIN loglytics.log_files AS f ON f.project_id = p.id
  GROUP BY p.user_id
), entries AS (
  SELECT p.user_id, sum(s.total)::bigint AS total_log_entries,
    sum(s.errors)::bigint AS error_count, sum(s.warnings)::bigint AS warning_count,
    max(s.latest) AS last_log_entry
  FROM loglytics.projects AS p
  JOIN (
    SELECT project_id, count(*) AS total,
      count(*) FILTER (WHERE log_level IN ('ERROR', 'CRITICAL')) AS errors,
      count(*) FILTER (WHERE log_level = 'WARN') AS warnings, max("timestamp") AS latest
    FROM loglytics.log_entries GROUP BY project_id
  ) AS s ON s.project_id = p.id
  GROUP BY p.user_id
), unread AS (
  SELECT user_id, count(*) AS unread_alerts FROM loglytics.alerts WHERE NOT is_read GROUP BY user_id
)
SELECT u.id AS user_id, u.email, u.subscription_tier,
  coalesce(o.total_projects, 0) AS total_projects,
  coalesce(f.total_log_files, 0) AS total_log_files,
  coalesce(e.total_log_entries, 0) AS total_log_entries,
  coalesce(e.error_count, 0) AS error_count, coalesce(e.warning_count, 0) AS warning_count,
  coalesce(a.unread_alerts, 0) AS unread_alerts, e.last_log_entry, o.last_project_created
FROM loglytics.users AS u
LEFT JOIN owned AS o ON o.user_id = u.id
LEFT JOIN files AS f ON f.user_id = u.id
LEFT JOIN entries AS e ON e.user_id = u.id
LEFT JOIN unread AS a ON a.user_id = u.id;
REVOKE ALL ON loglytics.user_dashboard FROM PUBLIC;
GRANT SELECT ON loglytics.user_dashboard TO daybreak_service, daybreak_reader;

-- SECURITY DEFINER, because only the owner may refresh. It takes nothing, returns nothing, and at worst
-- costs time; two at once do not pile up.
CREATE FUNCTION loglytics.refresh_dashboard_stats() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET row_security = on
AS $$
BEGIN
  IF pg_try_advisory_xact_lock(hashtextextended('loglytics.dashboard_stats refresh', 0)) THEN
    REFRESH MATERIALIZED VIEW CONCURRENTLY loglytics.dashboard_stats;
  END IF;
END
$$;
REVOKE ALL ON FUNCTION loglytics.refresh_dashboard_stats() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION loglytics.refresh_dashboard_stats() TO daybreak_service;

RESET ROLE;
