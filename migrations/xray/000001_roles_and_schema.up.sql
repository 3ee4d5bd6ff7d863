-- Roles, the schema, and the functions that every table of Xray rests on.
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

DO $$
BEGIN
  IF current_setting('server_version_num')::integer < 150000 THEN
    RAISE EXCEPTION 'PostgreSQL % is too old: a view cannot be bound to the rights of who reads it there',
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
  IF to_regnamespace('xray') IS NULL THEN
    CREATE SCHEMA xray AUTHORIZATION daybreak_owner;
  END IF;
END
$$;
REVOKE ALL ON SCHEMA xray FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA xray TO daybreak_owner;
GRANT USAGE ON SCHEMA xray TO daybreak_service, daybreak_reader;
