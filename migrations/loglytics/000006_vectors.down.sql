SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;
DROP TABLE loglytics.analytics_cache;
DROP TABLE loglytics.rag_vectors;
RESET ROLE;
