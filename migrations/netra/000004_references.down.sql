SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';
SET LOCAL ROLE daybreak_owner;
DROP FUNCTION netra.search_references(real[], integer);
DROP FUNCTION netra.cosine_similarity(real[], real[]);
DROP TABLE netra."references";
RESET ROLE;
