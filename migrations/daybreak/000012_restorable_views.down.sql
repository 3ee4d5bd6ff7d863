-- The views read their tables themselves again.
SET LOCAL lock_timeout = '10s';
SET LOCAL ROLE daybreak_owner;

DROP VIEW daybreak.tenant_dashboard_visible;
DROP VIEW daybreak.cluster_trend_visible;
DROP VIEW daybreak.service_hourly_visible;
DROP MATERIALIZED VIEW daybreak.tenant_dashboard;
DROP MATERIALIZED VIEW daybreak.cluster_trend;
DROP MATERIALIZED VIEW daybreak.service_hourly;
DROP FUNCTION daybreak.compute_tenant_dashboard();
DROP FUNCTION daybreak.compute_cluster_trend();
DROP FUNCTION daybreak.compute_service_hourly();

CREATE MATERIALIZED VIEW daybreak.service_hourly AS
SELECT
  tenant_id, namespace, service, date_trunc('hour', minute, 'UTC') AS hour,
  sum(unknown_count)::bigint AS unknown_count, sum(trace_count)::bigint AS trace_count,
  sum(debug_count)::bigint AS debug_count, sum(info_count)::bigint AS info_count,
  sum(warn_count)::bigint AS warn_count, sum(error_count)::bigint AS error_count,
  sum(critical_count)::bigint AS critical_count, sum(fatal_count)::bigint AS fatal_count
FROM daybreak.service_minutes
GROUP BY tenant_id, namespace, service, date_trunc('hour', minute, 'UTC');
CREATE UNIQUE INDEX service_hourly_key ON daybreak.service_hourly (tenant_id, namespace, service, hour);

CREATE MATERIALIZED VIEW daybreak.cluster_trend AS
WITH nightly AS (
  SELECT o.tenant_id, o.cluster_id, r.night,
    sum(o.count)::bigint AS count, sum(o.error_count)::bigint AS error_count
  FROM daybreak.cluster_observations AS o
  JOIN daybreak.runs AS r ON r.tenant_id = o.tenant_id AND r.id = o.run_id
  GROUP BY o.tenant_id, o.cluster_id, r.night
)
SELECT
  tenant_id, cluster_id, night, count, error_count,
  sum(count) OVER day_before::bigint AS previous_count,
  count(*) FILTER (WHERE count > 0) OVER last_28_days AS nights_seen,
  avg(count) OVER last_28_days::double precision AS mean_count,
  max(count) OVER last_28_days AS peak_count
FROM nightly
WINDOW
  by_night AS (PARTITION BY tenant_id, cluster_id ORDER BY night),
  day_before AS (by_night RANGE BETWEEN '1 day' PRECEDING AND '1 day' PRECEDING),
  last_28_days AS (by_night RANGE BETWEEN '27 days' PRECEDING AND CURRENT ROW);
CREATE UNIQUE INDEX cluster_trend_key ON daybreak.cluster_trend (tenant_id, cluster_id, night);

CREATE MATERIALIZED VIEW daybreak.tenant_dashboard AS
WITH coverage AS (
  SELECT tenant_id, run_id, sum(lines_clustered + lines_quarantined)::bigint AS lines
  FROM daybreak.source_coverage GROUP BY tenant_id, run_id
), observations AS (
  SELECT tenant_id, run_id, sum(count)::bigint AS events, sum(error_count)::bigint AS errors,
    count(*) FILTER (WHERE count > 0) AS clusters,
    count(*) FILTER (WHERE lifecycle = 'new') AS new_clusters
  FROM daybreak.cluster_observations GROUP BY tenant_id, run_id
), anomalies AS (
  SELECT tenant_id, run_id, count(*) AS anomalies
  FROM daybreak.anomaly_events GROUP BY tenant_id, run_id
), nights AS (
  SELECT r.tenant_id, r.night,
    sum(coalesce(c.lines, 0))::bigint AS lines, sum(coalesce(o.events, 0))::bigint AS events,
    sum(coalesce(o.errors, 0))::bigint AS errors, sum(coalesce(o.clusters, 0))::bigint AS clusters,
    sum(coalesce(o.new_clusters, 0))::bigint AS new_clusters,
    sum(coalesce(a.anomalies, 0))::bigint AS anomalies
  FROM daybreak.runs AS r
  LEFT JOIN coverage AS c ON c.tenant_id = r.tenant_id AND c.run_id = r.id
  LEFT JOIN observations AS o ON o.tenant_id = r.tenant_id AND o.run_id = r.id
  LEFT JOIN anomalies AS a ON a.tenant_id = r.tenant_id AND a.run_id = r.id
  GROUP BY r.tenant_id, r.night
)
SELECT n.*, coalesce((s.counts ->> 'incidents')::bigint, 0) AS incidents, s.severity, s.verdict
FROM nights AS n
LEFT JOIN daybreak.night_summaries AS s ON s.tenant_id = n.tenant_id AND s.night = n.night;
CREATE UNIQUE INDEX tenant_dashboard_key ON daybreak.tenant_dashboard (tenant_id, night);

REVOKE ALL ON daybreak.service_hourly, daybreak.cluster_trend, daybreak.tenant_dashboard FROM PUBLIC;

CREATE VIEW daybreak.service_hourly_visible WITH (security_barrier = true) AS
SELECT * FROM daybreak.service_hourly WHERE tenant_id = (SELECT daybreak.current_tenant_id());
CREATE VIEW daybreak.cluster_trend_visible WITH (security_barrier = true) AS
SELECT * FROM daybreak.cluster_trend WHERE tenant_id = (SELECT daybreak.current_tenant_id());
CREATE VIEW daybreak.tenant_dashboard_visible WITH (security_barrier = true) AS
SELECT * FROM daybreak.tenant_dashboard WHERE tenant_id = (SELECT daybreak.current_tenant_id());
REVOKE ALL ON daybreak.service_hourly_visible, daybreak.cluster_trend_visible,
  daybreak.tenant_dashboard_visible FROM PUBLIC;
GRANT SELECT ON daybreak.service_hourly_visible, daybreak.cluster_trend_visible,
  daybreak.tenant_dashboard_visible TO daybreak_service, daybreak_reader;

RESET ROLE;
