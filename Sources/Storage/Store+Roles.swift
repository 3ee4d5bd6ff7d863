package import Postgres

extension Store {
  /// Makes the roles that the first migration needs, where they are missing, and lets this login act as
  /// their owner.
  ///
  /// Migration 1 asks whether the login is a member of the owner. From PostgreSQL 16 on who makes a role is
  /// a member that may give it away and not take it on, so that the migration's own statements fail; it has
  /// shipped, and so this goes before it. A superuser, and every server before 16, loses and gains nothing.
  ///
  /// - Throws: `PostgresError`.
  package static func prepareRoles(on connection: Connection) throws(PostgresError) {
    try connection.script(
      named: "roles of the store",
      """
      DO $$
      DECLARE
        role_name text;
      BEGIN
        IF current_setting('server_version_num')::integer < 160000 THEN
          RETURN;
        END IF;
        FOREACH role_name IN ARRAY ARRAY['daybreak_owner', 'daybreak_service', 'daybreak_reader'] LOOP
          IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = role_name) THEN
            BEGIN
              EXECUTE format(
                'CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE', role_name);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
              NULL;
            END;
          END IF;
        END LOOP;
        IF NOT pg_has_role(current_user, 'daybreak_owner', 'SET') THEN
          EXECUTE format('GRANT daybreak_owner TO %I', current_user);
        END IF;
      END
      $$
      """)
  }
}
