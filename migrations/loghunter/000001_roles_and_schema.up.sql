-- Roles, the schema, and the functions that every table of LogHunter rests on.
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

DO $$
BEGIN
  IF current_setting('server_version_num')::integer < 150000 THEN
    RAISE EXCEPTION 'PostgreSQL % is too old: views cannot be bound by row-level security there',
      current_setting('server_version')
      USING ERRCODE = 'feature_not_supported', HINT = 'use PostgreSQL 15 or newer';
  END IF;
END
$$;

-- Roles belong to the whole cluster: another catalog, database or installation may have made them.
DO $$
DECLARE
  role_name text;
BEGIN
  FOREACH role_name IN ARRAY ARRAY['daybreak_owner', 'daybreak_service', 'daybreak_reader'] LOOP
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = role_name) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE',
          role_name);
      EXCEPTION
        WHEN duplicate_object OR unique_violation THEN NULL;
        WHEN insufficient_privilege THEN
          RAISE EXCEPTION 'the role % is missing and % may not create it', role_name, current_user
            USING ERRCODE = 'insufficient_privilege', HINT = format(
              'as an administrator: CREATE ROLE daybreak_owner; CREATE ROLE daybreak_service; '
              'CREATE ROLE daybreak_reader; GRANT daybreak_owner TO %I', current_user);
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
  -- An administrator who is no superuser owns things only through membership; from PostgreSQL 16 on, who
  -- makes a role may give it away and not yet take it on.
  IF NOT pg_has_role(current_user, 'daybreak_owner',
    CASE WHEN current_setting('server_version_num')::integer < 160000 THEN 'MEMBER' ELSE 'SET' END)
  THEN
    BEGIN
      EXECUTE format('GRANT daybreak_owner TO %I', current_user);
    EXCEPTION WHEN insufficient_privilege THEN
      RAISE EXCEPTION '% is no member of daybreak_owner and may not become one', current_user
        USING ERRCODE = 'insufficient_privilege',
        HINT = format('as an administrator: GRANT daybreak_owner TO %I', current_user);
    END;
  END IF;
END
$$;

DO $$
BEGIN
  IF to_regnamespace('loghunter') IS NULL THEN
    CREATE SCHEMA loghunter AUTHORIZATION daybreak_owner;
  END IF;
END
$$;
REVOKE ALL ON SCHEMA loghunter FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA loghunter TO daybreak_owner;
GRANT USAGE ON SCHEMA loghunter TO daybreak_service, daybreak_reader;

SET LOCAL ROLE daybreak_owner;

-- The tenant of the transaction: NULL when none is set, and then every policy is false. After the end
-- of a transaction that used set_config(…, true) the setting reads '' and not NULL, hence nullif.
CREATE FUNCTION loghunter.current_tenant_id() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$ SELECT nullif(current_setting('loghunter.tenant_id', true), '')::uuid $$;

-- What retention may take in this transaction: rows older than this. NULL when none is set, and then
-- the owner neither sees nor deletes a row of any tenant.
CREATE FUNCTION loghunter.retention_cutoff() RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$ SELECT nullif(current_setting('daybreak.retention_before', true), '')::timestamptz $$;

CREATE FUNCTION loghunter.touch_updated_at() RETURNS trigger
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
CREATE FUNCTION loghunter.protect_table(protected regclass, tenant_column name DEFAULT 'tenant_id')
RETURNS void
LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', protected);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', protected);
  EXECUTE format(
    'CREATE POLICY tenant_isolation ON %s TO daybreak_service, daybreak_reader '
    'USING (%I = (SELECT loghunter.current_tenant_id())) '
    'WITH CHECK (%I = (SELECT loghunter.current_tenant_id()))',
    protected, tenant_column, tenant_column);
  EXECUTE format('REVOKE ALL ON %s FROM PUBLIC', protected);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO daybreak_service', protected);
  EXECUTE format('GRANT SELECT ON %s TO daybreak_reader', protected);
  EXECUTE format(
    'CREATE TRIGGER touch_updated_at BEFORE UPDATE ON %s '
    'FOR EACH ROW EXECUTE FUNCTION loghunter.touch_updated_at()', protected);
END
$$;

-- Lets retention, which runs as the owner, see and delete what is older than the transaction's cutoff,
-- and nothing else.
CREATE FUNCTION loghunter.allow_expiry(expiring regclass, time_column name) RETURNS void
LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  EXECUTE format('CREATE POLICY expiry_sees ON %s FOR SELECT TO daybreak_owner '
    'USING (%I < (SELECT loghunter.retention_cutoff()))', expiring, time_column);
  EXECUTE format('CREATE POLICY expiry_deletes ON %s FOR DELETE TO daybreak_owner '
    'USING (%I < (SELECT loghunter.retention_cutoff()))', expiring, time_column);
END
$$;

-- The same for rows that go with their parent: the owner sees those whose parent it sees.
CREATE FUNCTION loghunter.allow_expiry_with(parent regclass, expiring regclass, parent_column name)
RETURNS void
LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  EXECUTE format('CREATE POLICY expiry_with_parent_sees ON %s FOR SELECT TO daybreak_owner '
    'USING (%I IN (SELECT p.id FROM %s AS p))', expiring, parent_column, parent);
  EXECUTE format('CREATE POLICY expiry_with_parent_deletes ON %s FOR DELETE TO daybreak_owner '
    'USING (%I IN (SELECT p.id FROM %s AS p))', expiring, parent_column, parent);
END
$$;

REVOKE ALL ON FUNCTION loghunter.current_tenant_id(), loghunter.retention_cutoff(),
  loghunter.touch_updated_at(), loghunter.protect_table(regclass, name),
  loghunter.allow_expiry(regclass, name),
  loghunter.allow_expiry_with(regclass, regclass, name) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION loghunter.current_tenant_id() TO daybreak_service, daybreak_reader;

RESET ROLE;
