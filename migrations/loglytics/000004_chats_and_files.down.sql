SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;
DROP TABLE loglytics.log_files;
DROP TABLE loglytics.messages;
DROP TABLE loglytics.chats;
RESET ROLE;
