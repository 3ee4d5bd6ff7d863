-- Roles, the schema, and the functions that every table rests on.
--
-- Roles belong to the whole cluster, so another database, or another migration at this very moment,
-- may have made them already: both show as duplicate_object or unique_violation.
DO $$
DECLARE
  role_name text;
BEGIN
  FOREACH role_name IN ARRAY ARRAY['daybreak_owner', 'daybreak_service', 'daybreak_reader'] LOOP
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = role_name) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE',
          role_name);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;
      END;
    END IF;
  END LOOP;
  -- Row-level security binds only roles without these two attributes.
  IF EXISTS (
    SELECT FROM pg_catalog.pg_roles
    WHERE rolname IN ('daybreak_owner', 'daybreak_service', 'daybreak_reader')
      AND (rolsuper OR rolbypassrls)
  ) THEN
    RAISE EXCEPTION 'a daybreak_* role is a superuser or bypasses row-level security'
      USING HINT = 'ALTER ROLE … NOSUPERUSER NOBYPASSRLS';
  END IF;
  IF pg_has_role('daybreak_service', 'daybreak_owner', 'MEMBER')
    OR pg_has_role('daybreak_reader', 'daybreak_owner', 'MEMBER')
  THEN
    RAISE EXCEPTION 'daybreak_service and daybreak_reader must not be members of daybreak_owner'
      USING HINT = 'REVOKE daybreak_owner FROM daybreak_service, daybreak_reader';
  END IF;
  -- An administrator who is no superuser owns things only through membership.
  IF NOT pg_has_role(current_user, 'daybreak_owner', 'MEMBER') THEN
    EXECUTE format('GRANT daybreak_owner TO %I', current_user);
  END IF;
END
$$;

DO $$
BEGIN
  IF to_regnamespace('daybreak') IS NULL THEN
    CREATE SCHEMA daybreak AUTHORIZATION daybreak_owner;
  END IF;
END
$$;
REVOKE ALL ON SCHEMA daybreak FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA daybreak TO daybreak_owner;
GRANT USAGE ON SCHEMA daybreak TO daybreak_service, daybreak_reader;

SET LOCAL ROLE daybreak_owner;

-- The tenant of the transaction: NULL when none is set, and then every policy is false. After the end
-- of a transaction that used set_config(…, true) the setting reads '' and not NULL, hence nullif.
CREATE FUNCTION daybreak.current_tenant_id() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$ SELECT nullif(current_setting('daybreak.tenant_id', true), '')::uuid $$;

CREATE FUNCTION daybreak.touch_updated_at() RETURNS trigger
LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  NEW.updated_at := now();
  RETURN NEW;
END
$$;

-- Puts one table under its tenant: row-level security for everybody (FORCE: the owner as well), the
-- rights of the two roles, the updated_at trigger. The sub-select makes the planner ask for the tenant
-- once a statement and not once a row.
CREATE FUNCTION daybreak.protect_table(protected regclass, tenant_column name DEFAULT 'tenant_id')
RETURNS void
LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', protected);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', protected);
  EXECUTE format(
    'CREATE POLICY tenant_isolation ON %s '
    'USING (%I = (SELECT daybreak.current_tenant_id())) '
    'WITH CHECK (%I = (SELECT daybreak.current_tenant_id()))',
    protected, tenant_column, tenant_column);
  EXECUTE format('REVOKE ALL ON %s FROM PUBLIC', protected);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO daybreak_service', protected);
  EXECUTE format('GRANT SELECT ON %s TO daybreak_reader', protected);
  IF EXISTS (
    SELECT FROM pg_attribute
    WHERE attrelid = protected AND attname = 'updated_at' AND NOT attisdropped
  ) THEN
    EXECUTE format(
      'CREATE TRIGGER touch_updated_at BEFORE UPDATE ON %s '
      'FOR EACH ROW EXECUTE FUNCTION daybreak.touch_updated_at()', protected);
  END IF;
END
$$;

REVOKE ALL ON FUNCTION daybreak.current_tenant_id(), daybreak.touch_updated_at(),
  daybreak.protect_table(regclass, name) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION daybreak.current_tenant_id() TO daybreak_service, daybreak_reader;

RESET ROLE;
