-- Organizations, the keys that programs come with, and the filters that people saved.
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;

CREATE TABLE loghunter.tenants (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  -- Unique, so that the default tenant can be made twice and is there once.
  name text NOT NULL UNIQUE CHECK (name <> ''),
  -- The value of Loki's X-Scope-OrgID header.
  loki_org_id text NOT NULL DEFAULT 'default' CHECK (loki_org_id <> ''),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE loghunter.tenants IS 'An organization or team; maps to one Loki org.';
CREATE INDEX tenants_loki_org_id_idx ON loghunter.tenants (loki_org_id);
SELECT loghunter.protect_table('loghunter.tenants', 'id');
-- A tenant goes with everything it has: not by a slip of the service.
REVOKE DELETE ON loghunter.tenants FROM daybreak_service;

CREATE TABLE loghunter.api_keys (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES loghunter.tenants (id) ON DELETE CASCADE,
  name text NOT NULL CHECK (name <> ''),
  -- What finds the row: dbk_<id>, random and unique, of a key of Daybreak; the first eight characters,
  -- which many keys may share, of a key that LogHunter made.
  key_prefix text NOT NULL CHECK (key_prefix <> ''),
  -- SHA-256 of a random 256-bit secret as hex; bcrypt for LogHunter's keys until their next use.
  key_hash text NOT NULL CHECK (key_hash ~ '^[0-9a-f]{64}$' OR key_hash ~ '^\$2[abxy]?\$'),
  scopes text[] NOT NULL DEFAULT '{}' CHECK (array_position(scopes, NULL) IS NULL),
  -- NULL: never expires.
  expires_at timestamptz,
  -- NULL: never used.
  last_used_at timestamptz,
  -- NULL: valid; a time: revoked.
  deleted_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, id)
);
COMMENT ON TABLE loghunter.api_keys IS 'Keys for access by programs; only a digest is kept.';
CREATE UNIQUE INDEX api_keys_name_idx ON loghunter.api_keys (tenant_id, name)
  WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX api_keys_own_prefix_idx ON loghunter.api_keys (key_prefix)
  WHERE key_prefix LIKE 'dbk\_%';
CREATE INDEX api_keys_key_prefix_idx ON loghunter.api_keys (key_prefix) WHERE deleted_at IS NULL;
SELECT loghunter.protect_table('loghunter.api_keys');
SELECT loghunter.allow_expiry('loghunter.api_keys', 'deleted_at');
-- Revoking is an update of deleted_at; rows go by retention alone.
REVOKE DELETE ON loghunter.api_keys FROM daybreak_service;
-- Readers see that a key exists, never its digest.
REVOKE SELECT ON loghunter.api_keys FROM daybreak_reader;
GRANT SELECT (id, tenant_id, name, key_prefix, scopes, expires_at, last_used_at, deleted_at,
  created_at, updated_at) ON loghunter.api_keys TO daybreak_reader;

CREATE TABLE loghunter.saved_filters (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES loghunter.tenants (id) ON DELETE CASCADE,
  name text NOT NULL CHECK (name <> ''),
  -- service, namespace, levels, keywords.
  filter_json jsonb NOT NULL CHECK (jsonb_typeof(filter_json) = 'object'),
  created_by text NOT NULL CHECK (created_by <> ''),
  -- NULL: there; a time: deleted by a user.
  deleted_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, id)
);
COMMENT ON TABLE loghunter.saved_filters IS 'Search filters that people saved.';
CREATE UNIQUE INDEX saved_filters_name_idx ON loghunter.saved_filters (tenant_id, name)
  WHERE deleted_at IS NULL;
SELECT loghunter.protect_table('loghunter.saved_filters');
SELECT loghunter.allow_expiry('loghunter.saved_filters', 'deleted_at');
REVOKE DELETE ON loghunter.saved_filters FROM daybreak_service;

-- The two questions that come before a tenant is known. Both run as the owner, who may read these two
-- tables for them and for nothing else: nobody logs in as the owner.
CREATE POLICY owner_reads ON loghunter.tenants FOR SELECT TO daybreak_owner USING (true);
CREATE POLICY owner_reads ON loghunter.api_keys FOR SELECT TO daybreak_owner
  USING (deleted_at IS NULL);

-- The tenant of a name; NULL when there is none.
CREATE FUNCTION loghunter.tenant_named(wanted_name text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$ SELECT id FROM loghunter.tenants WHERE name = wanted_name $$;

-- The keys that a presented key may be: the caller compares the digest, in constant time, and sets
-- the tenant of the one that agrees.
CREATE FUNCTION loghunter.api_key_candidates(presented_prefix text)
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
REVOKE ALL ON FUNCTION loghunter.tenant_named(text), loghunter.api_key_candidates(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION loghunter.tenant_named(text), loghunter.api_key_candidates(text)
  TO daybreak_service;

RESET ROLE;
