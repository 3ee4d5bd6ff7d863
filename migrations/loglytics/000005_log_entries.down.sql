SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;
DROP FUNCTION loglytics.drop_empty_log_entries(timestamptz);
DROP FUNCTION loglytics.prepare_log_entries(timestamptz, timestamptz);
DROP FUNCTION loglytics.to_log_level(text);
DROP TABLE loglytics.log_entries;
DROP SCHEMA loglytics_partitions;
RESET ROLE;
