SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;
DROP FUNCTION anzx.user_signed_in(text);
DROP FUNCTION anzx.organization_named(text);
DROP TABLE anzx.audit_logs;
DROP TABLE anzx.users;
DROP TABLE anzx.subscriptions;
DROP TABLE anzx.organizations;
RESET ROLE;
