-- What can be bought, and how well it does: shared items, and those of single users.
-- squawk-ignore-file prefer-text-field, prefer-bigint-over-int
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;

CREATE TABLE netra.supply_catalog (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  -- NULL: a system item, which all users see.
  user_id integer REFERENCES netra.users (id) ON DELETE SET NULL,
  name varchar(255) NOT NULL,
  category varchar(100) NOT NULL,
  provider varchar(100),
  specifications jsonb NOT NULL,
  pricing jsonb,
  availability jsonb,
  performance_metrics jsonb,
  is_active boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  metadata jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE netra.supply_catalog IS 'Configurations that workloads can be moved to.';
CREATE INDEX idx_supply_catalog_category ON netra.supply_catalog (category);
CREATE INDEX idx_supply_catalog_provider ON netra.supply_catalog (provider);
CREATE INDEX idx_supply_catalog_is_active ON netra.supply_catalog (is_active);
CREATE INDEX idx_supply_catalog_user_id ON netra.supply_catalog (user_id);
CREATE INDEX idx_supply_catalog_specifications ON netra.supply_catalog
  USING gin (specifications jsonb_path_ops);
CREATE INDEX idx_supply_catalog_performance ON netra.supply_catalog USING gin (performance_metrics);
CREATE INDEX idx_supply_catalog_metadata ON netra.supply_catalog USING gin (metadata jsonb_path_ops);

SELECT netra.protect_table('netra.supply_catalog');
CREATE POLICY owner_reads ON netra.supply_catalog FOR SELECT TO daybreak_owner USING (true);
CREATE POLICY own_and_shared_reads ON netra.supply_catalog
  FOR SELECT TO daybreak_service, daybreak_reader
  USING (
    user_id = (SELECT netra.current_user_id())
    OR (user_id IS NULL AND is_active AND (SELECT netra.current_user_id()) IS NOT NULL)
    OR (user_id IS NULL AND ((SELECT netra.acts_as_system()) OR (SELECT netra.is_superuser()))));
CREATE POLICY own_or_system_inserts ON netra.supply_catalog FOR INSERT TO daybreak_service
  WITH CHECK (
    user_id = (SELECT netra.current_user_id())
    OR (user_id IS NULL AND ((SELECT netra.acts_as_system()) OR (SELECT netra.is_superuser()))));
CREATE POLICY own_or_system_changes ON netra.supply_catalog FOR UPDATE TO daybreak_service
  USING (
    user_id = (SELECT netra.current_user_id())
    OR (user_id IS NULL AND ((SELECT netra.acts_as_system()) OR (SELECT netra.is_superuser()))));
CREATE POLICY own_or_system_deletes ON netra.supply_catalog FOR DELETE TO daybreak_service
  USING (
    user_id = (SELECT netra.current_user_id())
    OR (user_id IS NULL AND ((SELECT netra.acts_as_system()) OR (SELECT netra.is_superuser()))));
GRANT SELECT, INSERT, UPDATE, DELETE ON netra.supply_catalog TO daybreak_service;
GRANT SELECT ON netra.supply_catalog TO daybreak_reader;

-- ON DELETE SET NULL would turn what was one user's own into a shared item on the day the user goes.
-- It becomes an inactive one, which only superusers see.
CREATE FUNCTION netra.retire_orphaned_supply() RETURNS trigger
LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- The foreign key's own trigger stands between: a superuser who shares an item comes directly.
  IF OLD.user_id IS NOT NULL AND NEW.user_id IS NULL AND pg_trigger_depth() > 1 THEN
    NEW.is_active := false;
  END IF;
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION netra.retire_orphaned_supply() FROM PUBLIC;
CREATE TRIGGER retire_orphaned_supply BEFORE UPDATE OF user_id ON netra.supply_catalog
  FOR EACH ROW EXECUTE FUNCTION netra.retire_orphaned_supply();

RESET ROLE;
