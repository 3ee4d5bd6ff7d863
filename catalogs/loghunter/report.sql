-- What the report says of LogHunter. One named query after another; each is read as daybreak_reader with
-- loghunter.tenant_id set.
-- Parameters, where a query has them: $1 the window's start, $2 its end (timestamptz, half-open).

-- name: activity
-- The window in one row: clusters, their lines, and what is new.
SELECT count(DISTINCT w.cluster_id) AS clusters, coalesce(sum(w.count), 0)::bigint AS lines,
  count(DISTINCT w.cluster_id) FILTER (WHERE w.level = 'FATAL') AS fatal_clusters,
  count(DISTINCT w.cluster_id) FILTER (WHERE c.first_seen_at >= $1) AS new_clusters,
  count(DISTINCT c.service) AS services
FROM loghunter.error_cluster_windows AS w JOIN loghunter.error_clusters AS c ON c.id = w.cluster_id
WHERE w.window_start >= $1 AND w.window_start < $2;

-- name: clusters
-- The clusters of the window as LogHunter sorts them, each against its own 28 days before.
WITH now AS (
  SELECT cluster_id, sum(count)::bigint AS lines, min(first_seen_at) AS first_at, max(last_seen_at) AS last_at
  FROM loghunter.error_cluster_windows WHERE window_start >= $1 AND window_start < $2 GROUP BY cluster_id
), before AS (
  SELECT cluster_id, sum(count) / 28.0 AS lines_a_day, count(*) AS windows, max(window_start) AS last_window
  FROM loghunter.error_cluster_windows
  WHERE window_start >= $1 - interval '28 days' AND window_start < $1 GROUP BY cluster_id
)
SELECT c.fingerprint, c.service, c.namespace, c.level, n.lines, n.first_at, n.last_at,
  round(b.lines_a_day, 1)::double precision AS lines_a_day_before,
  CASE WHEN b.windows IS NULL AND c.first_seen_at >= $1 THEN 'new'
    WHEN b.windows IS NULL OR b.last_window < $1 - interval '7 days' THEN 'regressed' ELSE 'recurring' END AS lifecycle,
  c.sample_message
FROM now AS n JOIN loghunter.error_clusters AS c ON c.id = n.cluster_id
LEFT JOIN before AS b ON b.cluster_id = n.cluster_id
ORDER BY n.lines DESC, loghunter.severity(c.level) DESC, c.fingerprint, c.service COLLATE "C", c.namespace COLLATE "C"
LIMIT 50;

-- name: gone
-- Clusters of nearly every day before that the window has not.
SELECT c.fingerprint, c.service, c.namespace, c.level, count(*) AS windows_before, max(w.last_seen_at) AS last_at
FROM loghunter.error_cluster_windows AS w JOIN loghunter.error_clusters AS c ON c.id = w.cluster_id
WHERE w.window_start >= $1 - interval '7 days' AND w.window_start < $1
  AND NOT EXISTS (SELECT FROM loghunter.error_cluster_windows AS n
    WHERE n.cluster_id = w.cluster_id AND n.window_start >= $1 AND n.window_start < $2)
GROUP BY c.id, c.fingerprint, c.service, c.namespace, c.level HAVING count(*) >= 5
ORDER BY windows_before DESC, c.service COLLATE "C", c.fingerprint;

-- name: analyses
-- What models said of the window's clusters, the newest of each.
SELECT DISTINCT ON (loghunter.severity(c.level), c.service, c.fingerprint, c.id) c.fingerprint, c.service,
  c.namespace, c.level, a.provider, a.model, a.confidence, a.summary, a.root_cause, a.suggested_action, a.created_at
FROM loghunter.analysis_results AS a JOIN loghunter.error_clusters AS c ON c.id = a.cluster_id
WHERE EXISTS (SELECT FROM loghunter.error_cluster_windows AS w
  WHERE w.cluster_id = c.id AND w.window_start >= $1 AND w.window_start < $2)
ORDER BY loghunter.severity(c.level) DESC, c.service, c.fingerprint, c.id, a.created_at DESC;

-- name: anomalies
-- What was beyond the baseline.
SELECT service, namespace, detected_at, severity, metric, baseline_value, observed_value, deviation_factor,
  deviation_note, notified
FROM loghunter.anomaly_events WHERE detected_at >= $1 AND detected_at < $2
ORDER BY array_position(ARRAY['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'], severity), detected_at,
  service COLLATE "C", metric COLLATE "C";

-- name: baselines
-- What is normal for each service, by the newest baseline before the window's end.
SELECT DISTINCT ON (service, namespace) service, namespace, window_start, window_end, avg_log_rate,
  avg_error_rate, p95_error_rate
FROM loghunter.anomaly_baselines WHERE window_end <= $2
ORDER BY service, namespace, window_end DESC, window_start;

-- name: history
-- Lines and clusters of the 28 days up to and with the window's first.
SELECT (w.window_start AT TIME ZONE 'UTC')::date AS day, sum(w.count)::bigint AS lines,
  count(DISTINCT w.cluster_id) AS clusters
FROM loghunter.error_cluster_windows AS w
WHERE w.window_start > $1 - interval '28 days' AND w.window_start <= $1
GROUP BY day ORDER BY day;

-- name: keys
-- Keys that expire within 100 days, were not used for 90, or are still of LogHunter's kind.
SELECT name, key_prefix, scopes, expires_at, last_used_at, key_prefix NOT LIKE 'dbk\_%' AS is_of_old
FROM loghunter.api_keys
WHERE deleted_at IS NULL AND (expires_at < $2 + interval '100 days' OR last_used_at < $2 - interval '90 days'
  OR key_prefix NOT LIKE 'dbk\_%')
ORDER BY name COLLATE "C", id;
