-- Keys as they were: whether their user is active is not asked.
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;

CREATE OR REPLACE FUNCTION loglytics.api_key_candidates(presented_prefix text)
RETURNS TABLE (id uuid, user_id uuid, key_hash text, scopes text[], expires_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
  SELECT k.id, k.user_id, k.key_hash::text, k.scopes, k.expires_at
  FROM loglytics.api_keys AS k
  WHERE k.key_prefix = presented_prefix AND k.is_active AND k.deleted_at IS NULL
    AND (k.expires_at IS NULL OR k.expires_at > now())
$$;

RESET ROLE;
