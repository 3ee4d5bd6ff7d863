-- The extension stays: others may use it.
SET LOCAL ROLE daybreak_owner;
DROP FUNCTION daybreak.drop_empty_service_minutes(timestamptz);
DROP FUNCTION daybreak.prepare_service_minutes(timestamptz, timestamptz);
DROP TABLE daybreak.service_minutes;
DROP SCHEMA daybreak_partitions;
RESET ROLE;
