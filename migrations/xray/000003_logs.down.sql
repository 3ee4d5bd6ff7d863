SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';
SET LOCAL ROLE daybreak_owner;
DROP FUNCTION xray.days_ahead(timestamptz);
DROP FUNCTION xray.default_logs();
DROP FUNCTION xray.drop_logs(timestamptz);
DROP FUNCTION xray.empty_default_logs();
DROP FUNCTION xray.prepare_logs(timestamptz, timestamptz);
DROP VIEW xray.logs_partitions;
-- All days with it.
DROP TABLE xray.logs;
RESET ROLE;
