-- How things began and what was said of them: lines that stood before a cluster's first event, and the
-- analyses of incidents beside those of clusters.
SET LOCAL ROLE daybreak_owner;

ALTER TABLE daybreak.cluster_samples
  -- Whether it is no line of the cluster, but one that the same service wrote just before it began.
  ADD COLUMN is_neighbour boolean NOT NULL DEFAULT false;

ALTER TABLE daybreak.analysis_results
  -- NULL: of the cluster alone. Otherwise of an incident of the night, and the cluster is the one that
  -- leads it, to whose samples the evidence refers; NULL where none does.
  ADD COLUMN incident_id uuid,
  ALTER COLUMN cluster_id DROP NOT NULL,
  DROP CONSTRAINT analysis_results_tenant_id_run_id_cluster_id_key,
  ADD CONSTRAINT analysis_results_subject_check
    CHECK (num_nonnulls(cluster_id, incident_id) > 0);
CREATE UNIQUE INDEX analysis_results_of_cluster_idx
  ON daybreak.analysis_results (tenant_id, run_id, cluster_id) WHERE incident_id IS NULL;
CREATE UNIQUE INDEX analysis_results_of_incident_idx
  ON daybreak.analysis_results (tenant_id, run_id, incident_id) WHERE incident_id IS NOT NULL;
COMMENT ON TABLE daybreak.analysis_results IS
  'What was said of a cluster, or of an incident, on a night.';

RESET ROLE;
