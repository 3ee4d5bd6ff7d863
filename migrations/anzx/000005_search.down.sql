SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;
DROP FUNCTION anzx.hybrid_search(
  uuid, text, real[], integer, double precision, double precision, text);
DROP FUNCTION anzx.similarity_search(uuid, real[], integer, double precision, uuid[], text);
DROP FUNCTION anzx.cosine_distance(real[], real[]);
DROP FUNCTION anzx.text_similarity(text, text);
DROP FUNCTION anzx.trigram_similarity(text, text);
RESET ROLE;
