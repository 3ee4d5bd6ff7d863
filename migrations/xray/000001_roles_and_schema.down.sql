-- The roles stay: they belong to the whole cluster, and other databases may use them.
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

-- The migrator may keep its version table in this schema; then the schema stays as well.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_class WHERE relnamespace = 'xray'::regnamespace) THEN
    DROP SCHEMA xray;
  ELSE
    REVOKE ALL ON SCHEMA xray FROM daybreak_owner, daybreak_service, daybreak_reader;
  END IF;
END
$$;
