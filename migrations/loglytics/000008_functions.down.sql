SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;
DROP FUNCTION loglytics.hybrid_search_rag_vectors(uuid, text, real[], integer, double precision,
  double precision, double precision);
DROP FUNCTION loglytics.search_rag_vectors(uuid, real[], integer, double precision);
DROP FUNCTION loglytics.cosine_distance(real[], real[]);
DROP FUNCTION loglytics.text_similarity(text, text);
DROP FUNCTION loglytics.trigram_similarity(text, text);
DROP FUNCTION loglytics.cleanup_old_data();
DROP FUNCTION loglytics.get_project_stats(uuid);
DROP FUNCTION loglytics.search_log_entries(uuid, text, integer, integer);
DROP FUNCTION loglytics.update_usage_tracking(uuid, date, bigint, integer, bigint);
DROP FUNCTION loglytics.log_user_action(uuid, text, text, uuid, jsonb, inet);
RESET ROLE;
