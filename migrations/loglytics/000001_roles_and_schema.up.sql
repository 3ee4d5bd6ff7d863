-- Roles, extensions, the schemas, and the functions that every table of Loglytics rests on.
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
  IF to_regnamespace('loglytics') IS NULL THEN
    CREATE SCHEMA loglytics AUTHORIZATION daybreak_owner;
  END IF;
END
$$;
REVOKE ALL ON SCHEMA loglytics FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA loglytics TO daybreak_owner;
GRANT USAGE ON SCHEMA loglytics TO daybreak_service, daybreak_reader;

-- Extensions make search faster and partitions automatic; the schema does without each of them. What
-- daybreak.without_extensions names (ALTER DATABASE … SET …) is left alone although it is there.
DO $$
DECLARE
  wanted text;
  without constant text[] := string_to_array(
    replace(coalesce(current_setting('daybreak.without_extensions', true), ''), ' ', ''), ',');
BEGIN
  FOREACH wanted IN ARRAY ARRAY['vector', 'pg_trgm', 'timescaledb'] LOOP
    CONTINUE WHEN wanted = ANY (without)
      OR EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = wanted)
      OR NOT EXISTS (SELECT FROM pg_catalog.pg_available_extensions WHERE name = wanted);
    -- TimescaleDB ends the session where it is not in shared_preload_libraries. Who may not read that
    -- setting uses it only where somebody has created it already.
    CONTINUE WHEN wanted = 'timescaledb'
      AND (current_setting('daybreak.partitions', true) IS NOT DISTINCT FROM 'native'
        OR NOT EXISTS (
          SELECT FROM pg_catalog.pg_settings
          WHERE name = 'shared_preload_libraries' AND setting LIKE '%timescaledb%'));
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

-- Where the originals have auth.uid(). Somebody else's schema of that name (Supabase has one) is not
-- touched.
DO $$
BEGIN
  IF to_regnamespace('auth') IS NOT NULL THEN
    RAISE EXCEPTION 'this database has a schema auth already, which is not Daybreak''s'
      USING ERRCODE = 'duplicate_schema', HINT = 'install loglytics in a database of its own';
  END IF;
  CREATE SCHEMA auth AUTHORIZATION daybreak_owner;
END
$$;
REVOKE ALL ON SCHEMA auth FROM PUBLIC;
GRANT USAGE ON SCHEMA auth TO daybreak_service, daybreak_reader;

SET LOCAL ROLE daybreak_owner;
COMMENT ON SCHEMA auth IS 'Who asks, for the policies of loglytics.';

-- The user of the transaction: NULL when none is set, and then every policy is false. After the end of
-- a transaction that used set_config(…, true) the setting reads '' and not NULL, hence nullif.
CREATE FUNCTION auth.uid() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$ SELECT nullif(current_setting('app.current_user_id', true), '')::uuid $$;

-- What retention may take in this transaction: rows older than this. NULL when none is set, and then
-- the owner deletes no row of anybody.
CREATE FUNCTION loglytics.retention_cutoff() RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$ SELECT nullif(current_setting('daybreak.retention_before', true), '')::timestamptz $$;

-- The schema of an extension that is to be used; NULL to do without it.
CREATE FUNCTION loglytics.extension_schema(extension name) RETURNS name
LANGUAGE sql STABLE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT n.nspname
  FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
  WHERE e.extname = extension
    AND extension <> ALL (string_to_array(
      replace(coalesce(current_setting('daybreak.without_extensions', true), ''), ' ', ''), ','))
$$;

CREATE FUNCTION loglytics.touch_updated_at() RETURNS trigger
LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  NEW.updated_at := now();
  RETURN NEW;
END
$$;

-- A row stays with whom and where it was made: a policy sees a row before or after a change, never
-- both, so only a trigger can refuse to let somebody with rights in a project give it away.
CREATE FUNCTION loglytics.keep_identity() RETURNS trigger
LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  kept text;
BEGIN
  FOREACH kept IN ARRAY TG_ARGV LOOP
    IF to_jsonb(OLD) -> kept IS DISTINCT FROM to_jsonb(NEW) -> kept THEN
      RAISE EXCEPTION '% of a row of % cannot change', kept, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege', HINT = 'write a new row and delete the old one';
    END IF;
  END LOOP;
  RETURN NEW;
END
$$;

-- Switches row-level security on for everybody (FORCE: the owner as well), gives the two roles what
-- policies may then narrow, and adds the triggers. `kept` are the columns that never change.
CREATE FUNCTION loglytics.protect_table(protected regclass, kept text[]) RETURNS void
LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', protected);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', protected);
  EXECUTE format('REVOKE ALL ON %s FROM PUBLIC', protected);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO daybreak_service', protected);
  EXECUTE format('GRANT SELECT ON %s TO daybreak_reader', protected);
  IF cardinality(kept) > 0 THEN
    EXECUTE format(
      'CREATE TRIGGER keep_identity BEFORE UPDATE OF %s ON %s FOR EACH ROW '
      'EXECUTE FUNCTION loglytics.keep_identity(%s)',
      (SELECT string_agg(quote_ident(k), ', ') FROM unnest(kept) AS k), protected,
      (SELECT string_agg(quote_literal(k), ', ') FROM unnest(kept) AS k));
  END IF;
  IF EXISTS (
    SELECT FROM pg_attribute
    WHERE attrelid = protected AND attname = 'updated_at' AND NOT attisdropped
  ) THEN
    EXECUTE format(
      'CREATE TRIGGER touch_updated_at BEFORE UPDATE ON %s '
      'FOR EACH ROW EXECUTE FUNCTION loglytics.touch_updated_at()', protected);
  END IF;
END
$$;

-- Lets retention, which runs as the owner, delete what a condition names and nothing else. The
-- condition compares with loglytics.retention_cutoff().
CREATE FUNCTION loglytics.allow_expiry(expiring regclass, condition text) RETURNS void
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

REVOKE ALL ON FUNCTION auth.uid(), loglytics.retention_cutoff(), loglytics.extension_schema(name),
  loglytics.touch_updated_at(), loglytics.keep_identity(),
  loglytics.protect_table(regclass, text[]), loglytics.allow_expiry(regclass, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auth.uid() TO daybreak_service, daybreak_reader;

RESET ROLE;
