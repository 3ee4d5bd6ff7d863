-- The roles and extensions stay: others may use them.
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;
DROP FUNCTION anzx.allow_expiry(regclass, text);
DROP FUNCTION anzx.isolate_organizations(regclass, name);
DROP FUNCTION anzx.protect_table(regclass);
DROP FUNCTION anzx.touch_updated_at();
DROP FUNCTION anzx.extension_schema(name);
DROP FUNCTION anzx.retention_cutoff();
DROP FUNCTION anzx.current_user_id();
DROP FUNCTION anzx.current_organization_id();
RESET ROLE;

-- The migrator may keep its version table in this schema; then the schema stays as well.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_class WHERE relnamespace = 'anzx'::regnamespace) THEN
    DROP SCHEMA anzx;
  ELSE
    REVOKE ALL ON SCHEMA anzx FROM daybreak_owner, daybreak_service, daybreak_reader;
  END IF;
END
$$;
