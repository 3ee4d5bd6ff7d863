-- The roles stay: they belong to the whole cluster, and other databases may use them.
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;
DROP FUNCTION loghunter.allow_expiry_with(regclass, regclass, name);
DROP FUNCTION loghunter.allow_expiry(regclass, name);
DROP FUNCTION loghunter.protect_table(regclass, name);
DROP FUNCTION loghunter.touch_updated_at();
DROP FUNCTION loghunter.retention_cutoff();
DROP FUNCTION loghunter.current_tenant_id();
RESET ROLE;

-- The migrator may keep its version table in this schema; then the schema stays as well.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_class WHERE relnamespace = 'loghunter'::regnamespace) THEN
    DROP SCHEMA loghunter;
  ELSE
    REVOKE ALL ON SCHEMA loghunter FROM daybreak_owner, daybreak_service, daybreak_reader;
  END IF;
END
$$;
