-- The roles stay: they belong to the whole cluster, and other databases may use them.
SET LOCAL ROLE daybreak_owner;
DROP FUNCTION daybreak.protect_table(regclass, name);
DROP FUNCTION daybreak.touch_updated_at();
DROP FUNCTION daybreak.current_tenant_id();
RESET ROLE;

-- The migrator may keep its version table in this schema; then the schema stays as well.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_class WHERE relnamespace = 'daybreak'::regnamespace) THEN
    DROP SCHEMA daybreak;
  ELSE
    REVOKE ALL ON SCHEMA daybreak FROM daybreak_service, daybreak_reader;
  END IF;
END
$$;
