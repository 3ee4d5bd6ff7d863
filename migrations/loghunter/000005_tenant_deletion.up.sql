-- Tenants can be marked as deleted: their name finds nothing, and their keys open nothing; rows stay.
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;

-- NULL: there; a time: marked as deleted.
ALTER TABLE loghunter.tenants ADD COLUMN deleted_at timestamptz;

CREATE OR REPLACE FUNCTION loghunter.tenant_named(wanted_name text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$ SELECT id FROM loghunter.tenants WHERE name = wanted_name AND deleted_at IS NULL $$;

CREATE OR REPLACE FUNCTION loghunter.api_key_candidates(presented_prefix text)
RETURNS TABLE (id uuid, tenant_id uuid, key_hash text, scopes text[], expires_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
  SELECT k.id, k.tenant_id, k.key_hash, k.scopes, k.expires_at
  FROM loghunter.api_keys AS k JOIN loghunter.tenants AS t ON t.id = k.tenant_id
  WHERE k.key_prefix = presented_prefix AND k.deleted_at IS NULL AND t.deleted_at IS NULL
    AND (k.expires_at IS NULL OR k.expires_at > now())
  ORDER BY k.id
$$;

RESET ROLE;
