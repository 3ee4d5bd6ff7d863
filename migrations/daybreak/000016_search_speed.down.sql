SET LOCAL ROLE daybreak_owner;
DROP TABLE daybreak.search_words, daybreak.cluster_vector_codes;
RESET ROLE;
