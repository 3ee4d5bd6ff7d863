SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;
DROP TABLE anzx.messages;
DROP TABLE anzx.conversations;
DROP FUNCTION anzx.stamp_closing();
RESET ROLE;
