-- Roles, the schema, and the functions that every table of Netra rests on.
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
  IF to_regnamespace('netra') IS NULL THEN
    CREATE SCHEMA netra AUTHORIZATION daybreak_owner;
  END IF;
END
$$;
REVOKE ALL ON SCHEMA netra FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA netra TO daybreak_owner;
GRANT USAGE ON SCHEMA netra TO daybreak_service, daybreak_reader;

-- pgvector makes search faster; the schema does without. What daybreak.without_extensions names (ALTER
-- DATABASE … SET …) is left alone although it is there.
DO $$
BEGIN
  IF 'vector' = ANY (string_to_array(
      replace(coalesce(current_setting('daybreak.without_extensions', true), ''), ' ', ''), ','))
    OR EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'vector')
    OR NOT EXISTS (SELECT FROM pg_catalog.pg_available_extensions WHERE name = 'vector')
  THEN
    RETURN;
  END IF;
  CREATE EXTENSION vector SCHEMA public;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE EXCEPTION 'this server has the extension vector, but % may not add it to a database', current_user
    USING ERRCODE = 'insufficient_privilege', HINT = format(
      'as a superuser, in this database: CREATE EXTENSION vector; or do without it: '
      'ALTER DATABASE %I SET daybreak.without_extensions = %L', current_database(), 'vector');
END
$$;

SET LOCAL ROLE daybreak_owner;

-- The user of the transaction, who is Netra's tenant: NULL when none is set, and then every policy is
-- false. After the end of a transaction that used set_config(…, true) the setting reads '' and not
-- NULL, hence nullif.
CREATE FUNCTION netra.current_user_id() RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$ SELECT nullif(current_setting('netra.user_id', true), '')::integer $$;

-- Whether the transaction is the system's own work, for nobody: registering users, the shared supply
-- catalog, audit entries without a user. It gives no right to any user's rows, has to be asked for by
-- name, and ends where a user is set.
CREATE FUNCTION netra.acts_as_system() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(current_setting('netra.acts_as_system', true), '') = 'on'
    AND coalesce(current_setting('netra.user_id', true), '') = ''
$$;

-- What retention may take in this transaction: rows older than this. NULL when none is set, and then
-- the owner deletes nothing.
CREATE FUNCTION netra.retention_cutoff() RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$ SELECT nullif(current_setting('daybreak.retention_before', true), '')::timestamptz $$;

-- The document's trigger function.
CREATE FUNCTION netra.update_updated_at_column() RETURNS trigger
LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  NEW.updated_at := CURRENT_TIMESTAMP;
  RETURN NEW;
END
$$;

-- Puts one table under row-level security for everybody (FORCE: the owner as well) and keeps its
-- updated_at. Policies and rights follow table by table, since no two are alike.
CREATE FUNCTION netra.protect_table(protected regclass) RETURNS void
LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  table_name name := (SELECT relname FROM pg_class WHERE oid = protected);
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', protected);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', protected);
  EXECUTE format('REVOKE ALL ON %s FROM PUBLIC', protected);
  IF EXISTS (
    SELECT FROM pg_attribute
    WHERE attrelid = protected AND attname = 'updated_at' AND NOT attisdropped
  ) THEN
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE ON %s '
      'FOR EACH ROW EXECUTE FUNCTION netra.update_updated_at_column()',
      'update_' || table_name || '_updated_at', protected);
  END IF;
END
$$;

-- Gives every verb on the rows that a condition names, and on no others, to the transaction's user.
CREATE FUNCTION netra.allow_own_rows(protected regclass, own text) RETURNS void
LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  EXECUTE format('CREATE POLICY own_rows ON %s TO daybreak_service, daybreak_reader '
    'USING (%s) WITH CHECK (%s)', protected, own, own);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO daybreak_service', protected);
  EXECUTE format('GRANT SELECT ON %s TO daybreak_reader', protected);
END
$$;

REVOKE ALL ON FUNCTION netra.current_user_id(), netra.acts_as_system(), netra.retention_cutoff(),
  netra.update_updated_at_column(), netra.protect_table(regclass),
  netra.allow_own_rows(regclass, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION netra.current_user_id(), netra.acts_as_system()
  TO daybreak_service, daybreak_reader;

RESET ROLE;
