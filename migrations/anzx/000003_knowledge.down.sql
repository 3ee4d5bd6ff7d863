SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;
DROP TABLE anzx.documents;
DROP FUNCTION anzx.fill_organization();
DROP TABLE anzx.knowledge_sources;
DROP TABLE anzx.assistants;
RESET ROLE;
