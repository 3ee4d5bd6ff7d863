-- Records with their names, users' sessions, and days at a glance.
-- The views are new in this transaction: nobody writes them while their indexes are made.
-- squawk-ignore-file require-concurrent-index-creation
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;

CREATE VIEW xray.log_records WITH (security_invoker = true) AS
SELECT l.id, l."timestamp", l.source_ip, l.source_port, l.action, p.name AS protocol,
  e.address AS destination, l.destination_port, i.name AS inbound_tag, o.name AS outbound_tag,
  u.email
FROM xray.logs AS l
LEFT JOIN xray.protocols AS p ON p.id = l.protocol_id
LEFT JOIN xray.endpoints AS e ON e.id = l.destination_id
LEFT JOIN xray.tags AS i ON i.id = l.inbound_tag_id
LEFT JOIN xray.tags AS o ON o.id = l.outbound_tag_id
LEFT JOIN xray.users AS u ON u.id = l.user_id;

-- What each user did from when to when: a pause longer than max_pause begins a new session.
CREATE FUNCTION xray.user_sessions(window_start timestamptz, window_end timestamptz,
  max_pause interval DEFAULT '10 minutes')
RETURNS TABLE (email text, session_start timestamptz, session_end timestamptz, connections bigint,
  destinations bigint, sources bigint)
LANGUAGE sql STABLE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  WITH steps AS (
    SELECT l.user_id, l."timestamp" AS at, l.destination_id, l.source_ip,
      l."timestamp" - lag(l."timestamp") OVER by_user > max_pause AS is_start
    FROM xray.logs AS l
    WHERE l."timestamp" >= window_start AND l."timestamp" < window_end AND l.user_id IS NOT NULL
    WINDOW by_user AS (PARTITION BY l.user_id ORDER BY l."timestamp")
  ), numbered AS (
    SELECT steps.*, count(*) FILTER (WHERE is_start) OVER (PARTITION BY user_id ORDER BY at) AS number
    FROM steps
  )
  SELECT u.email::text, min(n.at), max(n.at), count(*), count(DISTINCT n.destination_id),
    count(DISTINCT n.source_ip)
  FROM numbered AS n JOIN xray.users AS u ON u.id = n.user_id
  GROUP BY u.email, n.number
  ORDER BY u.email COLLATE "C", 2
$$;

-- Connections by hour, action, protocol and outbound tag.
CREATE MATERIALIZED VIEW xray.traffic_hourly AS
SELECT date_trunc('hour', "timestamp", 'UTC') AS hour, coalesce(action, '') AS action, protocol_id,
  outbound_tag_id, count(*) AS connections, count(DISTINCT user_id) AS users,
  count(DISTINCT source_ip) AS sources
FROM xray.logs
GROUP BY 1, 2, 3, 4;
CREATE UNIQUE INDEX traffic_hourly_key
  ON xray.traffic_hourly (hour, action, protocol_id, outbound_tag_id) NULLS NOT DISTINCT;

-- Connections by day and user; user_id NULL is whoever the line did not name.
CREATE MATERIALIZED VIEW xray.user_daily AS
SELECT ("timestamp" AT TIME ZONE 'UTC')::date AS day, user_id, coalesce(action, '') AS action,
  count(*) AS connections, count(DISTINCT destination_id) AS destinations,
  count(DISTINCT source_ip) AS sources, min("timestamp") AS first_at, max("timestamp") AS last_at
FROM xray.logs
GROUP BY 1, 2, 3;
CREATE UNIQUE INDEX user_daily_key ON xray.user_daily (day, user_id, action) NULLS NOT DISTINCT;

REVOKE ALL ON xray.log_records, xray.traffic_hourly, xray.user_daily FROM PUBLIC;
GRANT SELECT ON xray.log_records, xray.traffic_hourly, xray.user_daily
  TO daybreak_service, daybreak_reader;

-- SECURITY DEFINER, because on PostgreSQL 15 only the owner may refresh; they take and return nothing,
-- and at worst cost time.
CREATE FUNCTION xray.refresh_traffic_hourly() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$ BEGIN REFRESH MATERIALIZED VIEW CONCURRENTLY xray.traffic_hourly; END $$;
CREATE FUNCTION xray.refresh_user_daily() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$ BEGIN REFRESH MATERIALIZED VIEW CONCURRENTLY xray.user_daily; END $$;

REVOKE ALL ON FUNCTION xray.user_sessions(timestamptz, timestamptz, interval),
  xray.refresh_traffic_hourly(), xray.refresh_user_daily() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION xray.user_sessions(timestamptz, timestamptz, interval)
  TO daybreak_service, daybreak_reader;
GRANT EXECUTE ON FUNCTION xray.refresh_traffic_hourly(), xray.refresh_user_daily() TO daybreak_service;

RESET ROLE;
