-- Tenants that were marked as deleted are there again.
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;

CREATE OR REPLACE FUNCTION loghunter.api_key_candidates(presented_prefix text)
RETURNS TABLE (id uuid, tenant_id uuid, key_hash text, scopes text[], expires_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
  SELECT k.id, k.tenant_id, k.key_hash, k.scopes, k.expires_at
  FROM loghunter.api_keys AS k
  WHERE k.key_prefix = presented_prefix AND k.deleted_at IS NULL
    AND (k.expires_at IS NULL OR k.expires_at > now())
  ORDER BY k.id
$$;

CREATE OR REPLACE FUNCTION loghunter.tenant_named(wanted_name text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$ SELECT id FROM loghunter.tenants WHERE name = wanted_name $$;

ALTER TABLE loghunter.tenants DROP COLUMN deleted_at;

RESET ROLE;
