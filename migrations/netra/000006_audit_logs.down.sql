SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';
SET LOCAL ROLE daybreak_owner;
DROP TABLE netra.audit_logs;
RESET ROLE;
