-- What the report says of Netra's workloads, from ClickHouse. One named query after another; they read the
-- events themselves and add up by key, so they are right in Daybreak's form and in the document's.
-- Names are not qualified: send them with ?database=netra_analytics. Parameters (?param_start=…): start
-- and end of the window, half-open.

-- name: totals
-- The window in one row.
SELECT count() AS events, uniqExact(workload_id) AS workloads, uniqExact(toString(user_id)) AS users,
  countIf(event_type = 'error') AS errors, countIf(event_type = 'metric') AS metric_events,
  countIf(event_type = 'start') AS starts, countIf(event_type = 'stop') AS stops,
  minOrNull(toDateTime64(timestamp, 3, 'UTC')) AS first_at, maxOrNull(toDateTime64(timestamp, 3, 'UTC')) AS last_at
FROM workload_events
WHERE timestamp >= {start:DateTime('UTC')} AND timestamp < {end:DateTime('UTC')};

-- name: history
-- The same span on each of the 28 days before, by whole days back; days without an event have no row.
SELECT days_back, count() AS events, countIf(event_type = 'error') AS errors
FROM workload_events
ARRAY JOIN range(1, 29) AS days_back
WHERE timestamp >= {start:DateTime('UTC')} - INTERVAL 28 DAY AND timestamp < {end:DateTime('UTC')}
  AND timestamp >= {start:DateTime('UTC')} - toIntervalDay(days_back)
  AND timestamp < {end:DateTime('UTC')} - toIntervalDay(days_back)
GROUP BY days_back ORDER BY days_back;

-- name: hours
-- Hour by hour from the window's start, hours without an event included.
SELECT {start:DateTime('UTC')} + toIntervalSecond(3600 * number) AS hour_start, events, errors
FROM numbers(toUInt64(ceil(dateDiff('second', {start:DateTime('UTC')}, {end:DateTime('UTC')}) / 3600))) AS h
LEFT JOIN (
  SELECT toUInt64(intDiv(dateDiff('second', {start:DateTime('UTC')}, toDateTime(timestamp, 'UTC')), 3600)) AS number,
    count() AS events, countIf(event_type = 'error') AS errors
  FROM workload_events
  WHERE timestamp >= {start:DateTime('UTC')} AND timestamp < {end:DateTime('UTC')}
  GROUP BY number
) AS e USING (number)
ORDER BY hour_start;

-- name: workloads
-- The workloads with the most events, errors first.
SELECT workload_id, uniqExact(toString(user_id)) AS users, count() AS events,
  countIf(event_type = 'error') AS errors, countIf(event_type = 'start') AS starts,
  countIf(event_type = 'stop') AS stops, max(toDateTime64(timestamp, 3, 'UTC')) AS last_at
FROM workload_events
WHERE timestamp >= {start:DateTime('UTC')} AND timestamp < {end:DateTime('UTC')}
GROUP BY workload_id ORDER BY errors DESC, events DESC, workload_id LIMIT 20;

-- name: failing_workloads
-- Workloads with at least five errors and three times the daily mean of the 28 days before, and the hour in
-- which it was worst.
SELECT n.workload_id AS workload_id, n.errors AS errors, b.errors / 28 AS mean_a_day,
  n.worst_hour AS worst_hour
FROM (
  SELECT workload_id, count() AS errors,
    topK(1)(toStartOfHour(toDateTime(timestamp, 'UTC')))[1] AS worst_hour
  FROM workload_events
  WHERE event_type = 'error' AND timestamp >= {start:DateTime('UTC')} AND timestamp < {end:DateTime('UTC')}
  GROUP BY workload_id HAVING errors >= 5
) AS n
LEFT JOIN (
  SELECT workload_id, count() AS errors
  FROM workload_events
  WHERE event_type = 'error' AND timestamp >= {start:DateTime('UTC')} - INTERVAL 28 DAY
    AND timestamp < {start:DateTime('UTC')}
  GROUP BY workload_id
) AS b ON b.workload_id = n.workload_id
WHERE n.errors >= 3 * b.errors / 28
ORDER BY errors DESC, workload_id;

-- name: silent_workloads
-- Workloads with an event on at least five of the seven days before, and none in the window.
SELECT workload_id, uniqExact(toDate(timestamp, 'UTC')) AS days,
  max(toDateTime64(timestamp, 3, 'UTC')) AS last_at
FROM workload_events
WHERE timestamp >= {start:DateTime('UTC')} - INTERVAL 7 DAY AND timestamp < {start:DateTime('UTC')}
  AND workload_id NOT IN (
    SELECT workload_id FROM workload_events
    WHERE timestamp >= {start:DateTime('UTC')} AND timestamp < {end:DateTime('UTC')})
GROUP BY workload_id HAVING days >= 5
ORDER BY days DESC, workload_id LIMIT 20;

-- name: metrics
-- Every metric over all workloads, beside its mean over the 28 days before.
SELECT n.metric_name AS metric_name, n.unit AS unit, n.events AS events, n.minimum AS minimum,
  n.maximum AS maximum, n.mean AS mean, n.p95 AS p95, b.mean AS mean_before
FROM (
  SELECT metric_name, anyLast(metric_unit) AS unit, count() AS events, min(metric_value) AS minimum,
    max(metric_value) AS maximum, avg(metric_value) AS mean,
    quantileExact(0.95)(metric_value) AS p95
  FROM workload_events
  ARRAY JOIN metrics.name AS metric_name, metrics.value AS metric_value, metrics.unit AS metric_unit
  WHERE event_type = 'metric' AND timestamp >= {start:DateTime('UTC')} AND timestamp < {end:DateTime('UTC')}
  GROUP BY metric_name
) AS n
LEFT JOIN (
  SELECT metric_name, avgOrNull(metric_value) AS mean
  FROM workload_events ARRAY JOIN metrics.name AS metric_name, metrics.value AS metric_value
  WHERE event_type = 'metric' AND timestamp >= {start:DateTime('UTC')} - INTERVAL 28 DAY
    AND timestamp < {start:DateTime('UTC')}
  GROUP BY metric_name
) AS b ON b.metric_name = n.metric_name
ORDER BY metric_name LIMIT 50;

-- name: categories
-- Events by category and type.
SELECT event_category, event_type, count() AS events
FROM workload_events
WHERE timestamp >= {start:DateTime('UTC')} AND timestamp < {end:DateTime('UTC')}
GROUP BY event_category, event_type ORDER BY events DESC, event_category, event_type LIMIT 40;

-- name: activity
-- What users did on the days that the window touches: no user is named.
SELECT action, uniqExact(toString(user_id)) AS users, sum(count) AS actions,
  sum(total_duration_ms) AS duration_ms
FROM user_activity
WHERE date >= toDate({start:DateTime('UTC')}) AND date <= toDate({end:DateTime('UTC')} - 1)
GROUP BY action ORDER BY actions DESC, action LIMIT 20;

-- name: sizes
-- Tables with rows and bytes: what a view materializes counts as its own.
SELECT name, engine, total_rows, total_bytes, formatReadableSize(total_bytes) AS size
FROM system.tables
WHERE database = currentDatabase() AND name NOT LIKE '.inner%'
ORDER BY total_bytes DESC, name;

-- name: parts
-- Active parts by table and partition; many small ones slow everything down. What a view materializes is
-- stored in a table named after the view's UUID: it is shown as the view.
SELECT if(v.name = '', p.table, v.name) AS name, p.partition AS partition, count() AS parts,
  sum(p.rows) AS rows, sum(p.bytes_on_disk) AS bytes, max(p.modification_time) AS changed_at
FROM system.parts AS p
LEFT JOIN (SELECT name, concat('.inner_id.', toString(uuid)) AS inner_name FROM system.tables
  WHERE database = currentDatabase()) AS v ON v.inner_name = p.table
WHERE p.database = currentDatabase() AND p.active
GROUP BY name, partition ORDER BY name, partition;

-- name: merges
-- What is being merged.
SELECT if(v.name = '', m.table, v.name) AS name, m.partition_id AS partition, m.elapsed AS elapsed,
  m.progress AS progress, m.num_parts AS parts, m.total_size_bytes_compressed AS bytes
FROM system.merges AS m
LEFT JOIN (SELECT name, concat('.inner_id.', toString(uuid)) AS inner_name FROM system.tables
  WHERE database = currentDatabase()) AS v ON v.inner_name = m.table
WHERE m.database = currentDatabase()
ORDER BY elapsed DESC;

-- name: mutations
-- Mutations that are not done, and what stopped them.
SELECT table, mutation_id, command, create_time, parts_to_do, latest_failed_part, latest_fail_reason
FROM system.mutations
WHERE database = currentDatabase() AND NOT is_done
ORDER BY create_time;
