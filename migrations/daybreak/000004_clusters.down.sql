SET LOCAL ROLE daybreak_owner;
DROP TABLE daybreak.analysis_results;
DROP TABLE daybreak.cluster_mutes;
DROP TABLE daybreak.cluster_samples;
DROP TABLE daybreak.cluster_observations;
DROP TABLE daybreak.error_clusters;
RESET ROLE;
