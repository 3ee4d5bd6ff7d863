-- Reading Netra's ClickHouse database, whichever form it has: Daybreak's (migrations/netra-clickhouse) or
-- that of Netra's own document, whose aggregated_metrics cannot be believed in all columns.
--
-- One named query after another. Names are not qualified: send them with ?database=netra_analytics, or
-- whatever the database is called. Parameters (?param_start=…): start and end of the window, half-open.
-- user_id is UInt32 here, String or UUID in other versions of Netra: it is read as text everywhere.

-- name: forms
-- Which objects are there, and in which form. `form` of aggregated_metrics decides which of the readers
-- below to use: repaired (AggregatingMergeTree) or document (SummingMergeTree). has_ttl 0: nothing ever
-- expires. has_time_zone 0: times are rendered in the server's zone, so ask for UTC.
SELECT t.name AS name, t.engine AS engine, t.sorting_key AS sorting_key,
  multiIf(
    t.name = 'aggregated_metrics' AND position(t.create_table_query, 'SummingMergeTree') > 0, 'document',
    t.name = 'aggregated_metrics' AND position(t.create_table_query, 'AggregatingMergeTree') > 0, 'repaired',
    t.name = 'user_activity' AND position(t.create_table_query, 'SummingMergeTree') > 0, 'document',
    t.name = 'user_activity' AND position(t.create_table_query, 'AggregatingMergeTree') > 0, 'repaired',
    t.name = 'workload_events' AND position(t.create_table_query, 'now64') > 0, 'repaired',
    t.name = 'workload_events', 'document',
    t.name = 'recent_workloads', 'either', 'unknown') AS form,
  position(t.create_table_query, ' TTL ') > 0 AS has_ttl,
  (SELECT countIf(c.name IN ('timestamp', 'hour') AND position(c.type, '\'') > 0) > 0
   FROM system.columns AS c WHERE c.database = currentDatabase() AND c.table = 'workload_events') AS has_time_zone
FROM system.tables AS t
WHERE t.database = currentDatabase()
  AND t.name IN ('workload_events', 'aggregated_metrics', 'user_activity', 'recent_workloads')
ORDER BY t.name;

-- name: columns
-- Columns as they are, to compare with the expected ones.
SELECT table, name, type, default_kind, default_expression
FROM system.columns
WHERE database = currentDatabase()
  AND table IN ('workload_events', 'aggregated_metrics', 'user_activity', 'recent_workloads')
ORDER BY table, position;

-- name: metrics_repaired
-- Metrics by hour from Daybreak's aggregated_metrics: a key has several rows until parts are merged.
SELECT hour, toString(user_id) AS user, workload_id, metric_name, sum(total_value) AS total,
  sum(event_count) AS events, min(min_value) AS minimum, max(max_value) AS maximum,
  total / events AS mean
FROM aggregated_metrics
WHERE hour >= {start:DateTime('UTC')} AND hour < {end:DateTime('UTC')}
GROUP BY hour, user, workload_id, metric_name
ORDER BY hour, user, workload_id, metric_name;

-- name: metrics_document
-- Metrics by hour from the document's aggregated_metrics. Its sums are right; its minima, maxima and means
-- were added up whenever parts were merged. The mean is total / events; minimum and maximum come from the
-- events, where those are still there (90 days), and are NULL beyond. Only the first metric of each event is
-- in it: for the others see metrics_from_events.
SELECT a.hour AS hour, a.user AS user, a.workload_id AS workload_id, a.metric_name AS metric_name,
  a.total AS total, a.events AS events, e.minimum AS minimum, e.maximum AS maximum,
  a.total / a.events AS mean
FROM (
  SELECT hour, toString(user_id) AS user, workload_id, metric_name, sum(total_value) AS total,
    sum(event_count) AS events
  FROM aggregated_metrics
  WHERE hour >= {start:DateTime('UTC')} AND hour < {end:DateTime('UTC')}
  GROUP BY hour, user, workload_id, metric_name
) AS a
LEFT JOIN (
  SELECT toStartOfHour(toDateTime(timestamp)) AS hour, toString(user_id) AS user, workload_id,
    metrics.name[1] AS metric_name, min(toNullable(metrics.value[1])) AS minimum,
    max(toNullable(metrics.value[1])) AS maximum
  FROM workload_events
  WHERE event_type = 'metric' AND timestamp >= {start:DateTime('UTC')} AND timestamp < {end:DateTime('UTC')}
  GROUP BY hour, user, workload_id, metric_name
) AS e ON e.hour = a.hour AND e.user = a.user AND e.workload_id = a.workload_id AND e.metric_name = a.metric_name
ORDER BY hour, user, workload_id, metric_name;

-- name: metrics_from_events
-- Metrics by hour from the events themselves: exact in either form, as far back as events are kept.
SELECT toStartOfHour(toDateTime(timestamp, 'UTC')) AS hour, toString(user_id) AS user, workload_id,
  metric_name, sum(metric_value) AS total, count() AS events, min(metric_value) AS minimum,
  max(metric_value) AS maximum, total / events AS mean
FROM workload_events ARRAY JOIN metrics.name AS metric_name, metrics.value AS metric_value
WHERE event_type = 'metric' AND timestamp >= {start:DateTime('UTC')} AND timestamp < {end:DateTime('UTC')}
GROUP BY hour, user, workload_id, metric_name
ORDER BY hour, user, workload_id, metric_name;

-- name: activity
-- What users did by day, from either form: rows of a key are added up. The document's form has lost the
-- days on which count and duration were both zero.
SELECT date, toString(user_id) AS user, action, sum(count) AS actions,
  sum(total_duration_ms) AS duration_ms
FROM user_activity
WHERE date >= toDate({start:DateTime('UTC')}) AND date < toDate({end:DateTime('UTC')})
GROUP BY date, user, action
ORDER BY date, user, action;

-- name: events
-- Events of the window, oldest first, for whoever wants the lines.
SELECT toString(event_id) AS id, toUnixTimestamp64Milli(toDateTime64(timestamp, 3, 'UTC')) AS at_ms,
  toString(user_id) AS user, workload_id, event_type, event_category, metrics.name AS metric_names,
  metrics.value AS metric_values, metrics.unit AS metric_units, dimensions, metadata
FROM workload_events
WHERE timestamp >= {start:DateTime('UTC')} AND timestamp < {end:DateTime('UTC')}
ORDER BY timestamp, event_id;

-- name: duplicates
-- Events that are there more than once: the document's tables take a repeated insertion as a new one.
SELECT count() AS events, count() - uniqExact(event_id) AS repeated
FROM workload_events
WHERE timestamp >= {start:DateTime('UTC')} AND timestamp < {end:DateTime('UTC')};
