-- Tenants that were marked as deleted are there again.
SET LOCAL ROLE daybreak_owner;

DROP FUNCTION daybreak.deleted_tenant_names();
CREATE OR REPLACE FUNCTION daybreak.tenant_names() RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$ SELECT name FROM daybreak.tenants ORDER BY name COLLATE "C" $$;
ALTER TABLE daybreak.tenants DROP COLUMN deleted_at;

RESET ROLE;
