-- Tenants can be marked as deleted: no index lists them and no job runs for them; rows stay.
SET LOCAL ROLE daybreak_owner;

-- NULL: there; a time: marked as deleted.
ALTER TABLE daybreak.tenants ADD COLUMN deleted_at timestamptz;

CREATE OR REPLACE FUNCTION daybreak.tenant_names() RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$ SELECT name FROM daybreak.tenants WHERE deleted_at IS NULL ORDER BY name COLLATE "C" $$;

-- The same of those that are marked as deleted, for who keeps the store.
CREATE FUNCTION daybreak.deleted_tenant_names() RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$ SELECT name FROM daybreak.tenants WHERE deleted_at IS NOT NULL ORDER BY name COLLATE "C" $$;
REVOKE ALL ON FUNCTION daybreak.deleted_tenant_names() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION daybreak.deleted_tenant_names() TO daybreak_service;

RESET ROLE;
