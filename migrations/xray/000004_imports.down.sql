SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';
SET LOCAL ROLE daybreak_owner;
DROP TABLE xray.rejections;
DROP TABLE xray.unplaced_lines;
DROP TABLE xray.imports;
RESET ROLE;
