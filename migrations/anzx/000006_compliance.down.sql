SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;
DROP FUNCTION anzx.cleanup_old_data(integer);
DROP FUNCTION anzx.erase_user_data(uuid, boolean);
DROP POLICY erasure ON anzx.audit_logs;
DROP POLICY erasure ON anzx.messages;
DROP POLICY erasure ON anzx.conversations;
DROP POLICY erasure ON anzx.users;
DROP FUNCTION anzx.erased_user_id();
DROP FUNCTION anzx.export_user_data(uuid);
DROP VIEW anzx.consent_report;
DROP TRIGGER audit_consent ON anzx.users;
DROP TRIGGER stamp_consent ON anzx.users;
DROP FUNCTION anzx.audit_consent();
DROP FUNCTION anzx.stamp_consent();
RESET ROLE;
