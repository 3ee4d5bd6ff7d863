-- The roles stay: they belong to the whole cluster, and other databases may use them. So does the
-- extension, which others may use.
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;
DROP FUNCTION netra.allow_own_rows(regclass, text);
DROP FUNCTION netra.protect_table(regclass);
DROP FUNCTION netra.update_updated_at_column();
DROP FUNCTION netra.retention_cutoff();
DROP FUNCTION netra.acts_as_system();
DROP FUNCTION netra.current_user_id();
RESET ROLE;

-- The migrator may keep its version table in this schema; then the schema stays as well.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_class WHERE relnamespace = 'netra'::regnamespace) THEN
    DROP SCHEMA netra;
  ELSE
    REVOKE ALL ON SCHEMA netra FROM daybreak_owner, daybreak_service, daybreak_reader;
  END IF;
END
$$;
