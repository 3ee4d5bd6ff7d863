-- Roles, extensions, the schema, and the functions that every table of ANZx rests on.
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
  IF to_regnamespace('anzx') IS NULL THEN
    CREATE SCHEMA anzx AUTHORIZATION daybreak_owner;
  END IF;
END
$$;
REVOKE ALL ON SCHEMA anzx FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA anzx TO daybreak_owner;
GRANT USAGE ON SCHEMA anzx TO daybreak_service, daybreak_reader;

-- Extensions make search faster; the schema does without each of them. What
-- daybreak.without_extensions names (ALTER DATABASE … SET …) is left alone although it is there.
DO $$
DECLARE
  wanted text;
  without constant text[] := string_to_array(
    replace(coalesce(current_setting('daybreak.without_extensions', true), ''), ' ', ''), ',');
BEGIN
  FOREACH wanted IN ARRAY ARRAY['vector', 'pg_trgm', 'btree_gin'] LOOP
    CONTINUE WHEN wanted = ANY (without)
      OR EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = wanted)
      OR NOT EXISTS (SELECT FROM pg_catalog.pg_available_extensions WHERE name = wanted);
    BEGIN
      EXECUTE format('CREATE EXTENSION %I SCHEMA public', wanted);
    EXCEPTION WHEN insufficient_privilege THEN
      RAISE EXCEPTION 'this server has the extension %, but % may not add it to a database',
        wanted, current_user
        USING ERRCODE = 'insufficient_privilege', HINT = format(
          'as a superuser, in this database: CREATE EXTENSION %I; or do without it: '
          'ALTER DATABASE %I SET daybreak.without_extensions = %L',
          wanted, current_database(), wanted);
    END;
  END LOOP;
END
$$;

SET LOCAL ROLE daybreak_owner;

-- The organization of the transaction: NULL when none is set, and then every policy is false. After
-- the end of a transaction that used set_config(…, true) the setting reads '' and not NULL, hence
-- nullif.
CREATE FUNCTION anzx.current_organization_id() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$ SELECT nullif(current_setting('anzx.organization_id', true), '')::uuid $$;

-- The person of the transaction: only somebody who is signing up, and has no organization yet, needs it.
CREATE FUNCTION anzx.current_user_id() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$ SELECT nullif(current_setting('anzx.user_id', true), '')::uuid $$;

-- What retention may take in this transaction: rows older than this. NULL when none is set, and then
-- the owner deletes no row of anybody.
CREATE FUNCTION anzx.retention_cutoff() RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$ SELECT nullif(current_setting('daybreak.retention_before', true), '')::timestamptz $$;

-- The schema of an extension that is to be used; NULL to do without it.
CREATE FUNCTION anzx.extension_schema(extension name) RETURNS name
LANGUAGE sql STABLE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT n.nspname
  FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
  WHERE e.extname = extension
    AND extension <> ALL (string_to_array(
      replace(coalesce(current_setting('daybreak.without_extensions', true), ''), ' ', ''), ','))
$$;

CREATE FUNCTION anzx.touch_updated_at() RETURNS trigger
LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  NEW.updated_at := now();
  RETURN NEW;
END
$$;

-- Switches row-level security on for everybody (FORCE: the owner as well), gives the two roles what
-- policies may then narrow, and adds the updated_at trigger.
CREATE FUNCTION anzx.protect_table(protected regclass) RETURNS void
LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', protected);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', protected);
  EXECUTE format('REVOKE ALL ON %s FROM PUBLIC', protected);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO daybreak_service', protected);
  EXECUTE format('GRANT SELECT ON %s TO daybreak_reader', protected);
  IF EXISTS (
    SELECT FROM pg_attribute
    WHERE attrelid = protected AND attname = 'updated_at' AND NOT attisdropped
  ) THEN
    EXECUTE format(
      'CREATE TRIGGER touch_updated_at BEFORE UPDATE ON %s '
      'FOR EACH ROW EXECUTE FUNCTION anzx.touch_updated_at()', protected);
  END IF;
END
$$;

-- The policy of a table whose rows belong to one organization each. The sub-select makes the planner
-- ask for the organization once a statement and not once a row.
CREATE FUNCTION anzx.isolate_organizations(
  isolated regclass, organization_column name DEFAULT 'organization_id'
) RETURNS void
LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  EXECUTE format(
    'CREATE POLICY organization_isolation ON %s TO daybreak_service, daybreak_reader '
    'USING (%I = (SELECT anzx.current_organization_id())) '
    'WITH CHECK (%I = (SELECT anzx.current_organization_id()))',
    isolated, organization_column, organization_column);
END
$$;

-- Lets retention, which runs as the owner, delete what a condition names and nothing else. The
-- condition compares with anzx.retention_cutoff().
CREATE FUNCTION anzx.allow_expiry(expiring regclass, condition text) RETURNS void
LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  EXECUTE format(
    'CREATE POLICY expiry_sees ON %s FOR SELECT TO daybreak_owner USING (%s)', expiring, condition);
  EXECUTE format(
    'CREATE POLICY expiry_deletes ON %s FOR DELETE TO daybreak_owner USING (%s)', expiring,
    condition);
END
$$;

REVOKE ALL ON FUNCTION anzx.current_organization_id(), anzx.current_user_id(),
  anzx.retention_cutoff(), anzx.extension_schema(name), anzx.touch_updated_at(),
  anzx.protect_table(regclass), anzx.isolate_organizations(regclass, name),
  anzx.allow_expiry(regclass, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION anzx.current_organization_id(), anzx.current_user_id()
  TO daybreak_service, daybreak_reader;

RESET ROLE;
