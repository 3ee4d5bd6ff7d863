SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;
DROP TABLE loglytics.webhooks;
DROP TABLE loglytics.alerts;
DROP TABLE loglytics.live_log_connections;
RESET ROLE;
