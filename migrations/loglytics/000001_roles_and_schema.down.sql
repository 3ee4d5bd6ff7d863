-- The roles and extensions stay: others may use them.
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;
DROP FUNCTION loglytics.allow_expiry(regclass, text);
DROP FUNCTION loglytics.protect_table(regclass, text[]);
DROP FUNCTION loglytics.keep_identity();
DROP FUNCTION loglytics.touch_updated_at();
DROP FUNCTION loglytics.extension_schema(name);
DROP FUNCTION loglytics.retention_cutoff();
DROP FUNCTION auth.uid();
DROP SCHEMA auth;
RESET ROLE;

-- The migrator may keep its version table in this schema; then the schema stays as well.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_class WHERE relnamespace = 'loglytics'::regnamespace) THEN
    DROP SCHEMA loglytics;
  ELSE
    REVOKE ALL ON SCHEMA loglytics FROM daybreak_owner, daybreak_service, daybreak_reader;
  END IF;
END
$$;
