-- Workloads of the last seven days.
CREATE VIEW netra_analytics.recent_workloads AS
SELECT
  workload_id,
  user_id,
  max(timestamp) AS last_seen,
  count() AS event_count,
  uniqExact(event_type) AS unique_event_types
FROM netra_analytics.workload_events
WHERE timestamp > now64(3) - INTERVAL 7 DAY
GROUP BY workload_id, user_id;
