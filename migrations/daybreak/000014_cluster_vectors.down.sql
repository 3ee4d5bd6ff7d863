-- The extensions stay: others may use them.
SET LOCAL ROLE daybreak_owner;
DROP FUNCTION daybreak.clusters_resembling(text, integer);
DROP FUNCTION daybreak.clusters_with_words(tsquery, integer);
DROP FUNCTION daybreak.prepare_cluster_vectors(text, integer, bigint);
DROP FUNCTION daybreak.cluster_vectors_index(uuid, text, integer);
DROP TABLE daybreak.cluster_vectors;
DROP TRIGGER keep_cluster_words ON daybreak.error_clusters;
DROP FUNCTION daybreak.keep_cluster_words();
DROP TABLE daybreak.cluster_words;
DROP FUNCTION daybreak.words_of(text);
DROP FUNCTION daybreak.extension_schema(name);
RESET ROLE;
