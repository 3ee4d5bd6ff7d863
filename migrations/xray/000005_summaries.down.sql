SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';
SET LOCAL ROLE daybreak_owner;
DROP FUNCTION xray.refresh_view(text);
DROP MATERIALIZED VIEW xray.user_daily;
DROP MATERIALIZED VIEW xray.traffic_hourly;
DROP FUNCTION xray.user_sessions(timestamptz, timestamptz, interval);
DROP VIEW xray.log_records;
RESET ROLE;
