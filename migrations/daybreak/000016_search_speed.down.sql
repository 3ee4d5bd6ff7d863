SET LOCAL ROLE daybreak_owner;
ALTER FUNCTION daybreak.clusters_with_words(tsquery, integer) RESET enable_indexscan;
ALTER FUNCTION daybreak.clusters_with_words(tsquery, integer) RESET enable_indexonlyscan;
ALTER FUNCTION daybreak.clusters_with_words(tsquery, integer) RESET enable_seqscan;
DROP TABLE daybreak.search_words, daybreak.cluster_vector_codes;
RESET ROLE;
