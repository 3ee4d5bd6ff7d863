-- Metrics by hour, kept for a year.
--
-- Every metric of an event counts, not the first alone, and minimum, maximum and mean stay what they are
-- when parts are merged. Until they are merged a key may have several rows: read with GROUP BY, or FINAL.
-- For an insertion sent again to count once here as well, it needs, beside its token, the setting
-- deduplicate_blocks_in_dependent_materialized_views = 1.
CREATE MATERIALIZED VIEW netra_analytics.aggregated_metrics (
  hour DateTime('UTC'),
  user_id UInt32,
  workload_id String,
  metric_name String,
  total_value SimpleAggregateFunction(sum, Float64),
  event_count SimpleAggregateFunction(sum, UInt64),
  min_value SimpleAggregateFunction(min, Float64),
  max_value SimpleAggregateFunction(max, Float64),
  avg_value Float64 ALIAS total_value / event_count
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(hour)
ORDER BY (user_id, workload_id, hour, metric_name)
TTL hour + INTERVAL 1 YEAR
SETTINGS non_replicated_deduplication_window = 100
AS SELECT
  toStartOfHour(toDateTime(timestamp, 'UTC')) AS hour,
  user_id,
  workload_id,
  metric_name,
  sum(metric_value) AS total_value,
  count() AS event_count,
  min(metric_value) AS min_value,
  max(metric_value) AS max_value
FROM netra_analytics.workload_events
ARRAY JOIN metrics.name AS metric_name, metrics.value AS metric_value
WHERE event_type = 'metric'
GROUP BY hour, user_id, workload_id, metric_name;
