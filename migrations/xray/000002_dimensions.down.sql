SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';
SET LOCAL ROLE daybreak_owner;
DROP FUNCTION xray.add_names(text, text[]);
DROP TABLE xray.tags;
DROP TABLE xray.endpoints;
DROP TABLE xray.protocols;
DROP TABLE xray.users;
RESET ROLE;
