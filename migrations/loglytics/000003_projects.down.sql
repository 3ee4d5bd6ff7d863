SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;
DROP FUNCTION loglytics.share_with_project(regclass, loglytics.share_role, loglytics.share_role);
DROP FUNCTION loglytics.get_user_accessible_projects(uuid);
DROP FUNCTION loglytics.user_has_project_access(uuid, uuid);
DROP FUNCTION loglytics.get_user_project_role(uuid, uuid);
-- The policies of both tables call project_ids().
DROP POLICY members_read ON loglytics.projects;
DROP POLICY admins_update ON loglytics.projects;
DROP TABLE loglytics.project_shares;
DROP FUNCTION loglytics.project_ids(loglytics.share_role);
DROP TABLE loglytics.projects;
RESET ROLE;
