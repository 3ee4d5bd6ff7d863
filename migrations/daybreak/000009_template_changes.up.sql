-- Which templates took the place of others, so that a fingerprint leads to what became of it for ever.
SET LOCAL ROLE daybreak_owner;

-- The window in place of the run: a night written twice replaces its rows, and retention, which lets
-- runs go, leaves them.
CREATE TABLE daybreak.template_changes (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL,
  -- The night on which the new template was first met.
  night date NOT NULL,
  window_start timestamptz NOT NULL,
  window_end timestamptz NOT NULL,
  -- merged: the new cluster has all events of the old one; split: it has some of them.
  kind text NOT NULL CHECK (kind IN ('merged', 'split')),
  old_cluster_id uuid NOT NULL,
  new_cluster_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, window_start, window_end, kind, old_cluster_id, new_cluster_id),
  FOREIGN KEY (tenant_id, old_cluster_id)
    REFERENCES daybreak.error_clusters (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, new_cluster_id)
    REFERENCES daybreak.error_clusters (tenant_id, id) ON DELETE CASCADE,
  CHECK (window_start < window_end),
  CHECK (old_cluster_id <> new_cluster_id)
);
COMMENT ON TABLE daybreak.template_changes IS
  'Merges and splits of templates: one row an old and a new cluster and the night of the change.';
CREATE INDEX template_changes_old_idx ON daybreak.template_changes (tenant_id, old_cluster_id);
CREATE INDEX template_changes_new_idx ON daybreak.template_changes (tenant_id, new_cluster_id);

SELECT daybreak.protect_table('daybreak.template_changes');

RESET ROLE;
