SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';
SET LOCAL ROLE daybreak_owner;
DROP FUNCTION loghunter.record_cluster_window(text, text, text, text, timestamptz, timestamptz,
  timestamptz, timestamptz, bigint, text);
DROP TABLE loghunter.analysis_results;
DROP TABLE loghunter.error_cluster_windows;
DROP TABLE loghunter.error_clusters;
DROP FUNCTION loghunter.normalize_level_column();
DROP FUNCTION loghunter.severity(text);
DROP FUNCTION loghunter.normalize_level(text);
RESET ROLE;
