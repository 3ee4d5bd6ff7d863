SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;
DROP FUNCTION loglytics.refresh_dashboard_stats();
DROP VIEW loglytics.user_dashboard;
DROP VIEW loglytics.dashboard_stats_visible;
DROP MATERIALIZED VIEW loglytics.dashboard_stats;
DROP FUNCTION loglytics.compute_dashboard_stats();
RESET ROLE;
