SET LOCAL ROLE daybreak_owner;

-- The owner sees no row of a tenant but through these.
CREATE POLICY taken_back ON daybreak.analysis_results TO daybreak_owner
  USING (incident_id IS NOT NULL);
DELETE FROM daybreak.analysis_results WHERE incident_id IS NOT NULL;
DROP POLICY taken_back ON daybreak.analysis_results;
CREATE POLICY taken_back ON daybreak.cluster_samples TO daybreak_owner USING (is_neighbour);
DELETE FROM daybreak.cluster_samples WHERE is_neighbour;
DROP POLICY taken_back ON daybreak.cluster_samples;

DROP INDEX daybreak.analysis_results_of_incident_idx, daybreak.analysis_results_of_cluster_idx;
ALTER TABLE daybreak.analysis_results
  DROP CONSTRAINT analysis_results_subject_check,
  ADD UNIQUE (tenant_id, run_id, cluster_id),
  ALTER COLUMN cluster_id SET NOT NULL,
  DROP COLUMN incident_id;
COMMENT ON TABLE daybreak.analysis_results IS 'What was said of a cluster on a night.';
ALTER TABLE daybreak.cluster_samples DROP COLUMN is_neighbour;

RESET ROLE;
