-- Who owns logs and reports, and what belongs to a tenant rather than to a night.
SET LOCAL ROLE daybreak_owner;

CREATE TABLE daybreak.tenants (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name text NOT NULL UNIQUE CHECK (name ~ '^[A-Za-z0-9_-]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9_-])?$'),
  -- The value of Loki's X-Scope-OrgID header.
  loki_org_id text NOT NULL DEFAULT 'default',
  -- Observations of nights that ended by then were archived and deleted: such a night cannot be
  -- written again without counting twice. NULL: retention has taken nothing yet.
  observations_archived_until timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE daybreak.tenants IS 'An organization or team; maps to one Loki org.';
CREATE INDEX tenants_loki_org_id_idx ON daybreak.tenants (loki_org_id);
SELECT daybreak.protect_table('daybreak.tenants', 'id');

-- Primary keys start with the tenant everywhere: no tenant can meet, or block, another's id.
CREATE TABLE daybreak.api_keys (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES daybreak.tenants (id) ON DELETE CASCADE,
  name text NOT NULL CHECK (name <> ''),
  -- Finds the row without reading hashes; random, and never derived from the name.
  key_prefix text NOT NULL,
  -- SHA-256 of a random 256-bit key, as hex; bcrypt is accepted for rows of old.
  key_hash text NOT NULL CHECK (key_hash ~ '^[0-9a-f]{64}$' OR key_hash ~ '^\$2[abxy]?\$'),
  scopes text[] NOT NULL DEFAULT '{}',
  -- NULL: never used.
  last_used_at timestamptz,
  -- NULL: valid; a time: revoked.
  deleted_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE daybreak.api_keys IS 'Keys for access by programs; only a digest is kept.';
CREATE UNIQUE INDEX api_keys_name_idx ON daybreak.api_keys (tenant_id, name)
  WHERE deleted_at IS NULL;
CREATE INDEX api_keys_key_prefix_idx ON daybreak.api_keys (key_prefix);
SELECT daybreak.protect_table('daybreak.api_keys');
-- Readers see that a key exists, never its digest.
REVOKE SELECT ON daybreak.api_keys FROM daybreak_reader;
GRANT SELECT (id, tenant_id, name, key_prefix, scopes, last_used_at, deleted_at, created_at,
  updated_at) ON daybreak.api_keys TO daybreak_reader;

CREATE TABLE daybreak.saved_filters (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES daybreak.tenants (id) ON DELETE CASCADE,
  name text NOT NULL CHECK (name <> ''),
  -- service, namespace, levels, keywords.
  filter_json jsonb NOT NULL CHECK (jsonb_typeof(filter_json) = 'object'),
  created_by text NOT NULL,
  deleted_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE daybreak.saved_filters IS 'Search filters that people saved.';
CREATE UNIQUE INDEX saved_filters_name_idx ON daybreak.saved_filters (tenant_id, name)
  WHERE deleted_at IS NULL;
SELECT daybreak.protect_table('daybreak.saved_filters');

-- The owner may read names across tenants: for tenant_names() below and the refresh of materialized
-- views (a later migration), both of which run as the owner. FORCE binds it otherwise: it cannot write.
CREATE POLICY owner_reads ON daybreak.tenants FOR SELECT TO daybreak_owner USING (true);

-- The one way to learn which tenants there are without being one: names alone, for the index page.
-- SECURITY DEFINER because the caller has no tenant; it takes no argument and returns nothing else.
CREATE FUNCTION daybreak.tenant_names() RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$ SELECT name FROM daybreak.tenants ORDER BY name COLLATE "C" $$;
REVOKE ALL ON FUNCTION daybreak.tenant_names() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION daybreak.tenant_names() TO daybreak_service;

RESET ROLE;
