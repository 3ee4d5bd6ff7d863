-- Projects and with whom they are shared; who may do what in them.
--
-- viewer  reads what is in the project
-- editor  adds and changes it, and deletes what is of his own making
-- admin   deletes anything in it, keeps its connections, webhooks, name and description, and shares it
--         with viewers and editors
-- owner   besides: shares it with admins, and deletes it
--
-- Lengths are the originals'.
-- squawk-ignore-file prefer-text-field
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;

CREATE TABLE loglytics.projects (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id uuid NOT NULL REFERENCES loglytics.users (id) ON DELETE CASCADE,
  name varchar(255) NOT NULL CHECK (name <> ''),
  description text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz DEFAULT now()
);
COMMENT ON TABLE loglytics.projects IS 'What logs, chats and analyses belong to; user_id owns it.';
CREATE INDEX idx_projects_activity ON loglytics.projects (user_id, created_at DESC);

CREATE TABLE loglytics.project_shares (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  project_id uuid NOT NULL REFERENCES loglytics.projects (id) ON DELETE CASCADE,
  shared_by_user_id uuid NOT NULL REFERENCES loglytics.users (id) ON DELETE CASCADE,
  shared_with_user_id uuid NOT NULL REFERENCES loglytics.users (id) ON DELETE CASCADE,
  role loglytics.share_role NOT NULL DEFAULT 'viewer',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz DEFAULT now(),
  CONSTRAINT uq_project_share_user UNIQUE (project_id, shared_with_user_id),
  CHECK (shared_by_user_id <> shared_with_user_id)
);
COMMENT ON TABLE loglytics.project_shares IS 'Who but the owner may do what in a project.';
CREATE INDEX idx_project_shares_shared_with
  ON loglytics.project_shares (shared_with_user_id, project_id);
CREATE INDEX idx_project_shares_shared_by
  ON loglytics.project_shares (shared_by_user_id, project_id);

SELECT loglytics.protect_table('loglytics.projects', ARRAY['id', 'user_id']);
SELECT loglytics.protect_table('loglytics.project_shares',
  ARRAY['project_id', 'shared_by_user_id', 'shared_with_user_id']);

-- What project_ids() below and the dashboards read, as the owner.
CREATE POLICY owner_reads ON loglytics.projects FOR SELECT TO daybreak_owner USING (true);
CREATE POLICY owner_reads ON loglytics.project_shares FOR SELECT TO daybreak_owner USING (true);

-- The projects in which the transaction's user has a role or more; his own always. The policies ask
-- it once a statement, as an array, which an index can use. SECURITY DEFINER because the policies of
-- projects and of project_shares would otherwise ask each other without end; it answers about nobody
-- but who asks.
CREATE FUNCTION loglytics.project_ids(minimum loglytics.share_role) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
  SELECT id FROM loglytics.projects WHERE user_id = auth.uid()
  UNION
  SELECT project_id FROM loglytics.project_shares
  WHERE shared_with_user_id = auth.uid() AND role >= minimum
$$;
REVOKE ALL ON FUNCTION loglytics.project_ids(loglytics.share_role) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION loglytics.project_ids(loglytics.share_role)
  TO daybreak_service, daybreak_reader;

-- user_id stands here besides, because the function does not see a row that is being inserted.
CREATE POLICY members_read ON loglytics.projects FOR SELECT TO daybreak_service, daybreak_reader
  USING (user_id = (SELECT auth.uid())
    OR id = ANY (ARRAY(SELECT loglytics.project_ids('viewer'))));
CREATE POLICY owner_inserts ON loglytics.projects FOR INSERT TO daybreak_service
  WITH CHECK (user_id = (SELECT auth.uid()));
CREATE POLICY admins_update ON loglytics.projects FOR UPDATE TO daybreak_service
  USING (id = ANY (ARRAY(SELECT loglytics.project_ids('admin'))))
  WITH CHECK (id = ANY (ARRAY(SELECT loglytics.project_ids('admin'))));
CREATE POLICY owner_deletes ON loglytics.projects FOR DELETE TO daybreak_service
  USING (user_id = (SELECT auth.uid()));

CREATE POLICY parties_read ON loglytics.project_shares FOR SELECT
  TO daybreak_service, daybreak_reader
  USING (shared_with_user_id = (SELECT auth.uid()) OR shared_by_user_id = (SELECT auth.uid())
    OR project_id = ANY (ARRAY(SELECT loglytics.project_ids('admin'))));
-- Only the owner makes, changes or removes admins.
CREATE POLICY admins_insert ON loglytics.project_shares FOR INSERT TO daybreak_service
  WITH CHECK (shared_by_user_id = (SELECT auth.uid())
    AND project_id = ANY (ARRAY(SELECT loglytics.project_ids('admin')))
    AND (role < 'admin' OR project_id IN (
      SELECT p.id FROM loglytics.projects AS p WHERE p.user_id = (SELECT auth.uid()))));
CREATE POLICY admins_update ON loglytics.project_shares FOR UPDATE TO daybreak_service
  USING (project_id = ANY (ARRAY(SELECT loglytics.project_ids('admin')))
    AND (role < 'admin' OR project_id IN (
      SELECT p.id FROM loglytics.projects AS p WHERE p.user_id = (SELECT auth.uid()))))
  WITH CHECK (project_id = ANY (ARRAY(SELECT loglytics.project_ids('admin')))
    AND (role < 'admin' OR project_id IN (
      SELECT p.id FROM loglytics.projects AS p WHERE p.user_id = (SELECT auth.uid()))));
-- Whoever was given a share may give it back.
CREATE POLICY admins_delete ON loglytics.project_shares FOR DELETE TO daybreak_service
  USING (shared_with_user_id = (SELECT auth.uid())
    OR (project_id = ANY (ARRAY(SELECT loglytics.project_ids('admin')))
      AND (role < 'admin' OR project_id IN (
        SELECT p.id FROM loglytics.projects AS p WHERE p.user_id = (SELECT auth.uid())))));

-- owner, admin, editor, viewer or none. Bound by row-level security: it answers about the user who
-- asks, and to admins about the members of their project; none for everything else.
CREATE FUNCTION loglytics.get_user_project_role(user_uuid uuid, project_uuid uuid) RETURNS text
LANGUAGE sql STABLE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(
    (SELECT 'owner' FROM loglytics.projects WHERE id = project_uuid AND user_id = user_uuid),
    (SELECT role::text FROM loglytics.project_shares
     WHERE project_id = project_uuid AND shared_with_user_id = user_uuid),
    'none')
$$;

CREATE FUNCTION loglytics.user_has_project_access(user_uuid uuid, project_uuid uuid)
RETURNS boolean
LANGUAGE sql STABLE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$ SELECT loglytics.get_user_project_role(user_uuid, project_uuid) <> 'none' $$;

CREATE FUNCTION loglytics.get_user_accessible_projects(user_uuid uuid)
RETURNS TABLE (project_id uuid, project_name text, user_role text)
LANGUAGE sql STABLE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT p.id, p.name::text, loglytics.get_user_project_role(user_uuid, p.id)
  FROM loglytics.projects AS p
  WHERE loglytics.user_has_project_access(user_uuid, p.id)
  ORDER BY p.name COLLATE "C", p.id
$$;
REVOKE ALL ON FUNCTION loglytics.get_user_project_role(uuid, uuid),
  loglytics.user_has_project_access(uuid, uuid), loglytics.get_user_accessible_projects(uuid)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION loglytics.get_user_project_role(uuid, uuid),
  loglytics.user_has_project_access(uuid, uuid), loglytics.get_user_accessible_projects(uuid)
  TO daybreak_service, daybreak_reader;

-- The usual four policies of a table that has user_id and project_id: members of a role or more read,
-- insert and update; deleting takes that role for rows of one's own, and admin for those of others.
CREATE FUNCTION loglytics.share_with_project(
  shared regclass, reader loglytics.share_role, writer loglytics.share_role
) RETURNS void
LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  EXECUTE format(
    'CREATE POLICY members_read ON %s FOR SELECT TO daybreak_service, daybreak_reader '
    'USING (project_id = ANY (ARRAY(SELECT loglytics.project_ids(%L))))', shared, reader);
  EXECUTE format(
    'CREATE POLICY writers_insert ON %s FOR INSERT TO daybreak_service '
    'WITH CHECK (user_id = (SELECT auth.uid()) '
    'AND project_id = ANY (ARRAY(SELECT loglytics.project_ids(%L))))', shared, writer);
  EXECUTE format(
    'CREATE POLICY writers_update ON %s FOR UPDATE TO daybreak_service '
    'USING (project_id = ANY (ARRAY(SELECT loglytics.project_ids(%2$L)))) '
    'WITH CHECK (project_id = ANY (ARRAY(SELECT loglytics.project_ids(%2$L))))', shared, writer);
  EXECUTE format(
    'CREATE POLICY writers_delete ON %s FOR DELETE TO daybreak_service '
    'USING (project_id = ANY (ARRAY(SELECT loglytics.project_ids(''admin''))) '
    'OR (user_id = (SELECT auth.uid()) '
    'AND project_id = ANY (ARRAY(SELECT loglytics.project_ids(%L)))))', shared, writer);
END
$$;
REVOKE ALL ON FUNCTION loglytics.share_with_project(
  regclass, loglytics.share_role, loglytics.share_role) FROM PUBLIC;

RESET ROLE;
