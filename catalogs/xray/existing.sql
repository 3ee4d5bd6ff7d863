-- Reading a database that xray-logs made, as it is: nothing of Daybreak is in it, and nothing is added. One
-- named query after another. Names are not qualified: SET LOCAL search_path TO the schema, usually public,
-- and read in a transaction that is READ ONLY.
-- Parameters, where a query has them: $1 the window's start, $2 its end (timestamptz, half-open). Its times are
-- the server's local ones taken as UTC: shift the window where the server's zone is known.

-- name: recognise
-- What differs from the document's tables: a column that is missing, of another type, or more than expected.
-- No row: it is the document's database. A table of which every column is missing is not there.
WITH expected (table_name, column_name, type) AS (VALUES
  ('endpoints', 'id', 'integer'),
  ('endpoints', 'address', 'character varying(255)'),
  ('logs', 'id', 'bigint'),
  ('logs', 'timestamp', 'timestamp with time zone'),
  ('logs', 'source_ip', 'inet'),
  ('logs', 'source_port', 'integer'),
  ('logs', 'action', 'character varying(50)'),
  ('logs', 'protocol_id', 'integer'),
  ('logs', 'destination_id', 'integer'),
  ('logs', 'destination_port', 'integer'),
  ('logs', 'inbound_tag_id', 'integer'),
  ('logs', 'outbound_tag_id', 'integer'),
  ('logs', 'user_id', 'integer'),
  ('protocols', 'id', 'integer'),
  ('protocols', 'name', 'character varying(10)'),
  ('tags', 'id', 'integer'),
  ('tags', 'name', 'character varying(100)'),
  ('users', 'id', 'integer'),
  ('users', 'email', 'character varying(255)')
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

-- name: partitions
-- Parts of logs by their bounds, never by their names: bounds were written in the session's time zone.
-- whole_utc_day false: the day is shifted. A time that lies in no part was refused when it came.
SELECT c.relname AS partition_name, bound.limits[1]::timestamptz AS range_start,
  bound.limits[2]::timestamptz AS range_end,
  bound.limits[1]::timestamptz = date_trunc('day', bound.limits[1]::timestamptz, 'UTC')
    AND bound.limits[2]::timestamptz = bound.limits[1]::timestamptz + interval '24 hours' AS whole_utc_day,
  bound.limits IS NULL AS is_default, pg_total_relation_size(c.oid) AS bytes
FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid,
LATERAL (SELECT regexp_match(pg_get_expr(c.relpartbound, c.oid),
  'FROM \(''([^'']+)''\) TO \(''([^'']+)''\)') AS limits) AS bound
WHERE i.inhparent = 'logs'::regclass
ORDER BY 2;

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
FROM logs AS l LEFT JOIN tags AS o ON o.id = l.outbound_tag_id
WHERE l."timestamp" >= $1 AND l."timestamp" < $2;

-- name: history
-- The same span on each of the 28 days before, by whole days back. Nothing tells a day of silence from one that
-- nobody imported.
SELECT d.days_back, count(l."timestamp") AS connections,
  count(l."timestamp") FILTER (WHERE l.action = 'rejected') AS rejected,
  count(DISTINCT l.user_id) AS users
FROM generate_series(1, 28) AS d (days_back)
LEFT JOIN logs AS l ON l."timestamp" >= $1 - make_interval(days => d.days_back)
  AND l."timestamp" < $2 - make_interval(days => d.days_back)
GROUP BY d.days_back ORDER BY d.days_back;

-- name: hours
-- Hour by hour from the window's start, hours without a connection included.
SELECT h.hour_start, count(l."timestamp") AS connections,
  count(l."timestamp") FILTER (WHERE l.action = 'rejected') AS rejected,
  count(l."timestamp") FILTER (WHERE lower(o.name) IN ('block', 'blocked', 'blackhole', 'reject')) AS blocked,
  count(DISTINCT l.user_id) AS users
FROM generate_series($1, $2 - interval '1 microsecond', interval '1 hour') AS h (hour_start)
LEFT JOIN logs AS l ON l."timestamp" >= h.hour_start
  AND l."timestamp" < least(h.hour_start + interval '1 hour', $2)
LEFT JOIN tags AS o ON o.id = l.outbound_tag_id
GROUP BY h.hour_start ORDER BY h.hour_start;

-- name: users
-- Who connected most, beside each one's mean over those of the 28 days before on which he connected.
WITH night AS (
  SELECT user_id, count(*) AS connections, count(DISTINCT destination_id) AS destinations,
    count(DISTINCT source_ip) AS sources, min("timestamp") AS first_at, max("timestamp") AS last_at
  FROM logs
  WHERE "timestamp" >= $1 AND "timestamp" < $2 AND user_id IS NOT NULL
  GROUP BY user_id ORDER BY connections DESC, user_id LIMIT 20
), before AS (
  SELECT user_id, count(*)::double precision / count(DISTINCT ("timestamp" AT TIME ZONE 'UTC')::date) AS mean_a_day
  FROM logs
  WHERE "timestamp" >= $1 - interval '28 days' AND "timestamp" < $1
    AND user_id IN (SELECT user_id FROM night)
  GROUP BY user_id
)
SELECT u.email, n.connections, n.destinations, n.sources, n.first_at, n.last_at, b.mean_a_day
FROM night AS n JOIN users AS u ON u.id = n.user_id LEFT JOIN before AS b ON b.user_id = n.user_id
ORDER BY n.connections DESC, u.email COLLATE "C";

-- name: spikes
-- Users with at least 100 connections and three times their daily mean of the 28 days before.
WITH night AS (
  SELECT user_id, count(*) AS connections FROM logs
  WHERE "timestamp" >= $1 AND "timestamp" < $2 AND user_id IS NOT NULL
  GROUP BY user_id HAVING count(*) >= 100
), before AS (
  SELECT user_id, count(*) / 28.0 AS mean_a_day FROM logs
  WHERE "timestamp" >= $1 - interval '28 days' AND "timestamp" < $1
    AND user_id IN (SELECT user_id FROM night)
  GROUP BY user_id
), hourly AS (
  SELECT user_id, date_trunc('hour', "timestamp", 'UTC') AS hour, count(*) AS connections
  FROM logs
  WHERE "timestamp" >= $1 AND "timestamp" < $2 AND user_id IN (SELECT user_id FROM night)
  GROUP BY 1, 2
), busiest AS (
  SELECT DISTINCT ON (user_id) user_id, hour, connections FROM hourly
  ORDER BY user_id, connections DESC, hour
)
SELECT u.email, n.connections, b.mean_a_day::double precision AS mean_a_day,
  n.connections / nullif(b.mean_a_day, 0)::double precision AS factor,
  h.hour AS busiest_hour, h.connections AS busiest_hour_connections
FROM night AS n JOIN users AS u ON u.id = n.user_id
JOIN busiest AS h ON h.user_id = n.user_id LEFT JOIN before AS b ON b.user_id = n.user_id
WHERE n.connections >= 3 * coalesce(b.mean_a_day, 0)
ORDER BY n.connections DESC, u.email COLLATE "C";

-- name: new_users
-- Users who connected in the window and never before, as far as records go back.
SELECT u.email, count(*) AS connections, min(l."timestamp") AS first_at
FROM logs AS l JOIN users AS u ON u.id = l.user_id
WHERE l."timestamp" >= $1 AND l."timestamp" < $2
  AND NOT EXISTS (SELECT FROM logs AS b WHERE b.user_id = l.user_id AND b."timestamp" < $1)
GROUP BY u.email ORDER BY connections DESC, u.email COLLATE "C" LIMIT 20;

-- name: many_sources
-- Users who came from three addresses or more: an account that is shared, or a traveller.
SELECT u.email, count(DISTINCT l.source_ip) AS sources, count(*) AS connections
FROM logs AS l JOIN users AS u ON u.id = l.user_id
WHERE l."timestamp" >= $1 AND l."timestamp" < $2
GROUP BY u.email HAVING count(DISTINCT l.source_ip) >= 3
ORDER BY sources DESC, u.email COLLATE "C" LIMIT 20;

-- name: sessions
-- Sessions of each user: a pause of more than ten minutes begins a new one.
WITH steps AS (
  SELECT user_id, "timestamp" AS at,
    "timestamp" - lag("timestamp") OVER by_user > interval '10 minutes' AS is_start
  FROM logs
  WHERE "timestamp" >= $1 AND "timestamp" < $2 AND user_id IS NOT NULL
  WINDOW by_user AS (PARTITION BY user_id ORDER BY "timestamp")
), numbered AS (
  SELECT user_id, at, count(*) FILTER (WHERE is_start) OVER (PARTITION BY user_id ORDER BY at) AS number
  FROM steps
), sessions AS (
  SELECT user_id, count(*) AS connections, max(at) - min(at) AS length FROM numbered GROUP BY user_id, number
)
SELECT u.email, count(*) AS sessions, sum(s.connections)::bigint AS connections, max(s.length) AS longest,
  sum(s.length) AS together
FROM sessions AS s JOIN users AS u ON u.id = s.user_id
GROUP BY u.email ORDER BY together DESC, u.email COLLATE "C" LIMIT 20;

-- name: destinations
-- Where connections went most.
SELECT e.address, count(*) AS connections, count(DISTINCT l.user_id) AS users
FROM logs AS l JOIN endpoints AS e ON e.id = l.destination_id
WHERE l."timestamp" >= $1 AND l."timestamp" < $2
GROUP BY e.address ORDER BY connections DESC, e.address COLLATE "C" LIMIT 20;

-- name: new_destinations
-- Destinations of the window that nobody connected to before, as far as records go back.
SELECT e.address, count(*) AS connections, count(DISTINCT l.user_id) AS users,
  min(l."timestamp") AS first_at
FROM logs AS l JOIN endpoints AS e ON e.id = l.destination_id
WHERE l."timestamp" >= $1 AND l."timestamp" < $2
  AND NOT EXISTS (
    SELECT FROM logs AS b WHERE b.destination_id = l.destination_id AND b."timestamp" < $1)
GROUP BY e.address ORDER BY connections DESC, e.address COLLATE "C" LIMIT 20;

-- name: blocked
-- What the routing rules sent to an outbound that blocks.
SELECT e.address, o.name AS outbound_tag, count(*) AS connections, count(DISTINCT l.user_id) AS users
FROM logs AS l JOIN tags AS o ON o.id = l.outbound_tag_id
LEFT JOIN endpoints AS e ON e.id = l.destination_id
WHERE l."timestamp" >= $1 AND l."timestamp" < $2
  AND lower(o.name) IN ('block', 'blocked', 'blackhole', 'reject')
GROUP BY e.address, o.name ORDER BY connections DESC, e.address COLLATE "C", o.name COLLATE "C" LIMIT 20;

-- name: rejected_sources
-- Addresses whose connections were rejected most: probes, or a client with an old configuration.
SELECT host(l.source_ip) AS source, count(*) AS rejected,
  count(*) FILTER (WHERE l.source_port = 0) AS forwarded, min(l."timestamp") AS first_at,
  max(l."timestamp") AS last_at
FROM logs AS l
WHERE l."timestamp" >= $1 AND l."timestamp" < $2 AND l.action = 'rejected'
GROUP BY l.source_ip ORDER BY rejected DESC, l.source_ip LIMIT 20;

-- name: routes
-- Inbound to outbound. A tag that a line did not name is NULL.
SELECT i.name AS inbound_tag, o.name AS outbound_tag, count(*) AS connections,
  count(DISTINCT l.user_id) AS users
FROM logs AS l LEFT JOIN tags AS i ON i.id = l.inbound_tag_id
LEFT JOIN tags AS o ON o.id = l.outbound_tag_id
WHERE l."timestamp" >= $1 AND l."timestamp" < $2 AND l.action = 'accepted'
GROUP BY i.name, o.name ORDER BY connections DESC, i.name COLLATE "C", o.name COLLATE "C" LIMIT 40;

-- name: protocols
-- Protocols and destination ports.
SELECT p.name AS protocol, l.destination_port, count(*) AS connections
FROM logs AS l LEFT JOIN protocols AS p ON p.id = l.protocol_id
WHERE l."timestamp" >= $1 AND l."timestamp" < $2 AND l.action = 'accepted'
GROUP BY p.name, l.destination_port
ORDER BY connections DESC, p.name COLLATE "C", l.destination_port LIMIT 20;

-- name: silences
-- Spans of at least fifteen minutes without a connection, the window's edges included.
SELECT silence_start, silence_end
FROM (
  SELECT at AS silence_end, lag(at) OVER (ORDER BY at) AS silence_start
  FROM (
    SELECT "timestamp" AS at FROM logs WHERE "timestamp" >= $1 AND "timestamp" < $2
    UNION ALL SELECT $1
    UNION ALL SELECT $2
  ) AS moments
) AS pauses
WHERE silence_end - silence_start >= interval '15 minutes'
ORDER BY silence_start LIMIT 50;
