SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';
SET LOCAL ROLE daybreak_owner;
-- Policies of messages and runs read threads.
DROP TABLE netra.messages;
DROP TABLE netra.runs;
DROP TABLE netra.threads;
RESET ROLE;
