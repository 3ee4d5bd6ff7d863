-- What the report says of an Xray server. One named query after another; each is read as daybreak_reader.
-- Parameters, where a query has them: $1 the window's start, $2 its end (timestamptz, half-open).
-- Names, addresses and reasons come from clients: they are hostile text wherever they go.

-- name: totals
-- The window in one row.
SELECT count(*) AS connections,
  count(*) FILTER (WHERE l.action = 'accepted') AS accepted,
  count(*) FILTER (WHERE l.action = 'rejected') AS rejected,
  count(*) FILTER (WHERE lower(o.name) IN ('block', 'blocked', 'blackhole', 'reject')) AS blocked,
  count(DISTINCT l.user_id) AS users,
  count(DISTINCT l.source_ip) AS sources,
  count(DISTINCT l.destination_id) AS destinations,
  count(*) FILTER (WHERE l.action = 'accepted' AND l.user_id IS NULL) AS without_user,
  min(l."timestamp") AS first_at, max(l."timestamp") AS last_at
FROM xray.logs AS l LEFT JOIN xray.tags AS o ON o.id = l.outbound_tag_id
WHERE l."timestamp" >= $1 AND l."timestamp" < $2;

-- name: history
-- The same span on each of the 28 days before, by whole days back; without_data tells a day of silence
-- from one that nobody imported.
SELECT d.days_back, count(l."timestamp") AS connections,
  count(l."timestamp") FILTER (WHERE l.action = 'rejected') AS rejected,
  count(DISTINCT l.user_id) AS users,
  NOT EXISTS (
    SELECT FROM xray.imports AS i
    WHERE i.last_at >= $1 - make_interval(days => d.days_back)
      AND i.first_at < $2 - make_interval(days => d.days_back)) AS without_data
FROM generate_series(1, 28) AS d (days_back)
LEFT JOIN xray.logs AS l ON l."timestamp" >= $1 - make_interval(days => d.days_back)
  AND l."timestamp" < $2 - make_interval(days => d.days_back)
GROUP BY d.days_back ORDER BY d.days_back;

-- name: hours
-- Hour by hour from the window's start, hours without a connection included.
SELECT h.hour_start, count(l."timestamp") AS connections,
  count(l."timestamp") FILTER (WHERE l.action = 'rejected') AS rejected,
  count(l."timestamp") FILTER (WHERE lower(o.name) IN ('block', 'blocked', 'blackhole', 'reject')) AS blocked,
  count(DISTINCT l.user_id) AS users
FROM generate_series($1, $2 - interval '1 microsecond', interval '1 hour') AS h (hour_start)
LEFT JOIN xray.logs AS l ON l."timestamp" >= h.hour_start
  AND l."timestamp" < least(h.hour_start + interval '1 hour', $2)
LEFT JOIN xray.tags AS o ON o.id = l.outbound_tag_id
GROUP BY h.hour_start ORDER BY h.hour_start;

-- name: users
-- Who connected most, beside each one's mean over those of the 28 days before on which he connected.
WITH night AS (
  SELECT user_id, count(*) AS connections, count(DISTINCT destination_id) AS destinations,
    count(DISTINCT source_ip) AS sources, min("timestamp") AS first_at, max("timestamp") AS last_at
  FROM xray.logs
  WHERE "timestamp" >= $1 AND "timestamp" < $2 AND user_id IS NOT NULL
  GROUP BY user_id ORDER BY connections DESC, user_id LIMIT 20
), before AS (
  SELECT user_id, count(*)::double precision / count(DISTINCT ("timestamp" AT TIME ZONE 'UTC')::date) AS mean_a_day
  FROM xray.logs
  WHERE "timestamp" >= $1 - interval '28 days' AND "timestamp" < $1
    AND user_id IN (SELECT user_id FROM night)
  GROUP BY user_id
)
SELECT u.email, n.connections, n.destinations, n.sources, n.first_at, n.last_at, b.mean_a_day
FROM night AS n JOIN xray.users AS u ON u.id = n.user_id LEFT JOIN before AS b ON b.user_id = n.user_id
ORDER BY n.connections DESC, u.email COLLATE "C";

-- name: spikes
-- Users with at least 100 connections and three times their daily mean of the 28 days before.
WITH night AS (
  SELECT user_id, count(*) AS connections FROM xray.logs
  WHERE "timestamp" >= $1 AND "timestamp" < $2 AND user_id IS NOT NULL
  GROUP BY user_id HAVING count(*) >= 100
), before AS (
  SELECT user_id, count(*) / 28.0 AS mean_a_day FROM xray.logs
  WHERE "timestamp" >= $1 - interval '28 days' AND "timestamp" < $1
    AND user_id IN (SELECT user_id FROM night)
  GROUP BY user_id
), hourly AS (
  SELECT user_id, date_trunc('hour', "timestamp", 'UTC') AS hour, count(*) AS connections
  FROM xray.logs
  WHERE "timestamp" >= $1 AND "timestamp" < $2 AND user_id IN (SELECT user_id FROM night)
  GROUP BY 1, 2
), busiest AS (
  SELECT DISTINCT ON (user_id) user_id, hour, connections FROM hourly
  ORDER BY user_id, connections DESC, hour
)
SELECT u.email, n.connections, b.mean_a_day::double precision AS mean_a_day,
  n.connections / nullif(b.mean_a_day, 0)::double precision AS factor,
  h.hour AS busiest_hour, h.connections AS busiest_hour_connections
FROM night AS n JOIN xray.users AS u ON u.id = n.user_id
JOIN busiest AS h ON h.user_id = n.user_id LEFT JOIN before AS b ON b.user_id = n.user_id
WHERE n.connections >= 3 * coalesce(b.mean_a_day, 0)
ORDER BY n.connections DESC, u.email COLLATE "C";

-- name: new_users
-- Users who connected in the window and never before, as far as records go back.
SELECT u.email, count(*) AS connections, min(l."timestamp") AS first_at
FROM xray.logs AS l JOIN xray.users AS u ON u.id = l.user_id
WHERE l."timestamp" >= $1 AND l."timestamp" < $2
  AND NOT EXISTS (SELECT FROM xray.logs AS b WHERE b.user_id = l.user_id AND b."timestamp" < $1)
GROUP BY u.email ORDER BY connections DESC, u.email COLLATE "C" LIMIT 20;

-- name: many_sources
-- Users who came from three addresses or more: an account that is shared, or a traveller.
SELECT u.email, count(DISTINCT l.source_ip) AS sources, count(*) AS connections
FROM xray.logs AS l JOIN xray.users AS u ON u.id = l.user_id
WHERE l."timestamp" >= $1 AND l."timestamp" < $2
GROUP BY u.email HAVING count(DISTINCT l.source_ip) >= 3
ORDER BY sources DESC, u.email COLLATE "C" LIMIT 20;

-- name: sessions
-- Sessions of each user: a pause of more than ten minutes begins a new one.
SELECT s.email, count(*) AS sessions, sum(s.connections)::bigint AS connections,
  max(s.session_end - s.session_start) AS longest,
  sum(s.session_end - s.session_start) AS together
FROM xray.user_sessions($1, $2) AS s
GROUP BY s.email ORDER BY together DESC, s.email COLLATE "C" LIMIT 20;

-- name: destinations
-- Where connections went most.
SELECT e.address, count(*) AS connections, count(DISTINCT l.user_id) AS users
FROM xray.logs AS l JOIN xray.endpoints AS e ON e.id = l.destination_id
WHERE l."timestamp" >= $1 AND l."timestamp" < $2
GROUP BY e.address ORDER BY connections DESC, e.address COLLATE "C" LIMIT 20;

-- name: new_destinations
-- Destinations of the window that nobody connected to before, as far as records go back.
SELECT e.address, count(*) AS connections, count(DISTINCT l.user_id) AS users,
  min(l."timestamp") AS first_at
FROM xray.logs AS l JOIN xray.endpoints AS e ON e.id = l.destination_id
WHERE l."timestamp" >= $1 AND l."timestamp" < $2
  AND NOT EXISTS (
    SELECT FROM xray.logs AS b WHERE b.destination_id = l.destination_id AND b."timestamp" < $1)
GROUP BY e.address ORDER BY connections DESC, e.address COLLATE "C" LIMIT 20;

-- name: blocked
-- What the routing rules sent to an outbound that blocks.
SELECT e.address, o.name AS outbound_tag, count(*) AS connections, count(DISTINCT l.user_id) AS users
FROM xray.logs AS l JOIN xray.tags AS o ON o.id = l.outbound_tag_id
LEFT JOIN xray.endpoints AS e ON e.id = l.destination_id
WHERE l."timestamp" >= $1 AND l."timestamp" < $2
  AND lower(o.name) IN ('block', 'blocked', 'blackhole', 'reject')
GROUP BY e.address, o.name ORDER BY connections DESC, e.address COLLATE "C", o.name COLLATE "C" LIMIT 20;

-- name: rejections
-- Why connections were rejected, and each reason's worst minute.
WITH minutes AS (
  SELECT reason, minute, sum(lines)::bigint AS lines FROM xray.rejections
  WHERE minute >= date_trunc('minute', $1, 'UTC') AND minute < $2
  GROUP BY reason, minute
), worst AS (
  SELECT DISTINCT ON (reason) reason, minute, lines FROM minutes ORDER BY reason, lines DESC, minute
)
SELECT m.reason, sum(m.lines)::bigint AS connections, min(m.minute) AS first_minute,
  max(m.minute) AS last_minute, w.minute AS peak_minute, w.lines AS peak_connections
FROM minutes AS m JOIN worst AS w ON w.reason = m.reason
GROUP BY m.reason, w.minute, w.lines ORDER BY connections DESC, m.reason COLLATE "C" LIMIT 20;

-- name: rejected_sources
-- Addresses whose connections were rejected most: probes, or a client with an old configuration.
SELECT host(l.source_ip) AS source, count(*) AS rejected,
  count(*) FILTER (WHERE l.source_port = 0) AS forwarded, min(l."timestamp") AS first_at,
  max(l."timestamp") AS last_at
FROM xray.logs AS l
WHERE l."timestamp" >= $1 AND l."timestamp" < $2 AND l.action = 'rejected'
GROUP BY l.source_ip ORDER BY rejected DESC, l.source_ip LIMIT 20;

-- name: routes
-- Inbound to outbound. A tag that a line did not name is NULL.
SELECT i.name AS inbound_tag, o.name AS outbound_tag, count(*) AS connections,
  count(DISTINCT l.user_id) AS users
FROM xray.logs AS l LEFT JOIN xray.tags AS i ON i.id = l.inbound_tag_id
LEFT JOIN xray.tags AS o ON o.id = l.outbound_tag_id
WHERE l."timestamp" >= $1 AND l."timestamp" < $2 AND l.action = 'accepted'
GROUP BY i.name, o.name ORDER BY connections DESC, i.name COLLATE "C", o.name COLLATE "C" LIMIT 40;

-- name: protocols
-- Protocols and destination ports.
SELECT p.name AS protocol, l.destination_port, count(*) AS connections
FROM xray.logs AS l LEFT JOIN xray.protocols AS p ON p.id = l.protocol_id
WHERE l."timestamp" >= $1 AND l."timestamp" < $2 AND l.action = 'accepted'
GROUP BY p.name, l.destination_port
ORDER BY connections DESC, p.name COLLATE "C", l.destination_port LIMIT 20;

-- name: silences
-- Spans of at least fifteen minutes without a connection, the window's edges included.
SELECT silence_start, silence_end
FROM (
  SELECT at AS silence_end, lag(at) OVER (ORDER BY at) AS silence_start
  FROM (
    SELECT "timestamp" AS at FROM xray.logs WHERE "timestamp" >= $1 AND "timestamp" < $2
    UNION ALL SELECT $1
    UNION ALL SELECT $2
  ) AS moments
) AS pauses
WHERE silence_end - silence_start >= interval '15 minutes'
ORDER BY silence_start LIMIT 50;

-- name: imports
-- What was read of the window's days, and whether every line was accounted for.
SELECT count(*) AS ranges, coalesce(sum(lines), 0)::bigint AS lines,
  coalesce(sum(rows_loaded), 0)::bigint AS rows_loaded,
  coalesce(sum(lines_unplaced), 0)::bigint AS lines_unplaced, min(first_at) AS first_at,
  max(last_at) AS last_at, max(imported_at) AS imported_at
FROM xray.imports WHERE last_at >= $1 AND first_at < $2;

-- name: unplaced_lines
-- Lines that the records cannot hold, by reason. A line without a stamp counts with its file.
SELECT n.reason, sum(n.lines)::bigint AS lines
FROM xray.unplaced_lines AS n JOIN xray.imports AS i ON i.id = n.import_id
WHERE coalesce(n.minute, i.last_at, i.imported_at) >= date_trunc('minute', $1, 'UTC')
  AND coalesce(n.minute, i.last_at, i.imported_at) < $2
GROUP BY n.reason ORDER BY lines DESC, n.reason;

-- name: partitions
-- The records' partitions: days ahead of the window's end, and strays, which should be 0.
SELECT count(*) FILTER (WHERE NOT p.is_default) AS days, min(p.range_start) AS first_day,
  max(p.range_end) AS end_of_last_day, sum(p.bytes)::bigint AS bytes,
  xray.days_ahead($2 - interval '1 microsecond') AS days_ahead,
  (SELECT d.stray_rows FROM xray.default_logs() AS d) AS stray_rows
FROM xray.logs_partitions AS p;
