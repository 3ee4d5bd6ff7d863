-- Clusters for ever, what each did on each night, and what was said of them.
SET LOCAL ROLE daybreak_owner;

-- count, level, first_seen_at and last_seen_at are set from cluster_observations, never added to, so
-- that a night written twice counts once and nights may come in any order. What retention has taken
-- away lives on in archived_*: both together are the cluster's whole life.
CREATE TABLE daybreak.error_clusters (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES daybreak.tenants (id) ON DELETE CASCADE,
  service text NOT NULL CHECK (service <> ''),
  namespace text NOT NULL DEFAULT 'default' CHECK (namespace <> ''),
  -- SHA-256 of the normalised template.
  fingerprint text NOT NULL CHECK (fingerprint ~ '^[0-9a-f]{64}$'),
  -- The line with its variable parts as typed placeholders.
  template text NOT NULL,
  -- The most severe level ever seen.
  level text NOT NULL CHECK (
    level IN ('UNKNOWN', 'TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'CRITICAL', 'FATAL')),
  -- NULL: none of its lines carries a time.
  first_seen_at timestamptz,
  last_seen_at timestamptz,
  count bigint NOT NULL CHECK (count >= 0),
  -- The first sample of the latest night, redacted.
  sample_message text NOT NULL,
  archived_count bigint NOT NULL DEFAULT 0 CHECK (archived_count >= 0),
  archived_level text NOT NULL DEFAULT 'UNKNOWN' CHECK (
    archived_level IN (
      'UNKNOWN', 'TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'CRITICAL', 'FATAL')),
  archived_first_seen_at timestamptz,
  archived_last_seen_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, service, namespace, fingerprint),
  CHECK ((first_seen_at IS NULL) = (last_seen_at IS NULL)),
  CHECK (first_seen_at <= last_seen_at)
);
COMMENT ON TABLE daybreak.error_clusters IS
  'Groups of related lines, of every level: one row a (tenant, service, namespace, fingerprint).';
CREATE INDEX error_clusters_fingerprint_idx ON daybreak.error_clusters (tenant_id, fingerprint);
CREATE INDEX error_clusters_level_idx ON daybreak.error_clusters (tenant_id, level);
CREATE INDEX error_clusters_service_idx
  ON daybreak.error_clusters (tenant_id, service, last_seen_at DESC);

CREATE TABLE daybreak.cluster_observations (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL,
  -- No cascade: retention archives a night's counts before it lets the night go.
  run_id uuid NOT NULL,
  cluster_id uuid NOT NULL,
  lifecycle text NOT NULL
    CHECK (lifecycle IN ('new', 'recurring', 'regressed', 'resolved', 'muted')),
  level text NOT NULL CHECK (
    level IN ('UNKNOWN', 'TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'CRITICAL', 'FATAL')),
  -- All events of the night, and of those the ones at ERROR or above; 0 for a resolved cluster.
  -- Both are sums over hourly and untimed, kept because every list and trend reads them.
  count bigint NOT NULL CHECK (count >= 0),
  error_count bigint NOT NULL CHECK (error_count BETWEEN 0 AND count),
  first_seen_at timestamptz,
  last_seen_at timestamptz,
  -- Events by hour of the window and level: hourly[hour * 8 + level + 1], levels from UNKNOWN (0) to
  -- FATAL (7).
  hourly bigint[] NOT NULL CHECK (cardinality(hourly) % 8 = 0),
  -- Events that carry no time, by level.
  untimed bigint[] NOT NULL CHECK (cardinality(untimed) = 8),
  -- The distinct values of each placeholder, most frequent first: [[…], …].
  placeholder_values jsonb NOT NULL DEFAULT '[]'
    CHECK (jsonb_typeof(placeholder_values) = 'array'),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, run_id, cluster_id),
  FOREIGN KEY (tenant_id, run_id) REFERENCES daybreak.runs (tenant_id, id),
  FOREIGN KEY (tenant_id, cluster_id)
    REFERENCES daybreak.error_clusters (tenant_id, id) ON DELETE CASCADE,
  CHECK ((first_seen_at IS NULL) = (last_seen_at IS NULL)),
  CHECK (first_seen_at <= last_seen_at)
)
-- hourly is mostly zeros: compressed from here on, it takes a tenth.
WITH (toast_tuple_target = 512);
COMMENT ON TABLE daybreak.cluster_observations IS 'What one cluster did in one night.';
CREATE INDEX cluster_observations_cluster_idx
  ON daybreak.cluster_observations (tenant_id, cluster_id);

CREATE TABLE daybreak.cluster_samples (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL,
  observation_id uuid NOT NULL,
  ordinal integer NOT NULL CHECK (ordinal >= 0),
  -- NULL: the line carries no time.
  logged_at timestamptz,
  level text NOT NULL CHECK (
    level IN ('UNKNOWN', 'TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'CRITICAL', 'FATAL')),
  -- Redacted; raw lines are never stored.
  message text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, observation_id, ordinal),
  FOREIGN KEY (tenant_id, observation_id)
    REFERENCES daybreak.cluster_observations (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE daybreak.cluster_samples IS 'A few redacted lines of a cluster in one night.';

CREATE TABLE daybreak.cluster_mutes (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES daybreak.tenants (id) ON DELETE CASCADE,
  -- A mute outlives its cluster's rows and holds in every service: no foreign key.
  fingerprint text NOT NULL CHECK (fingerprint ~ '^[0-9a-f]{64}$'),
  reason text NOT NULL CHECK (reason <> ''),
  author text NOT NULL CHECK (author <> ''),
  muted_at timestamptz NOT NULL,
  -- NULL: until somebody lifts it.
  expires_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, fingerprint),
  CHECK (muted_at < expires_at)
);
COMMENT ON TABLE daybreak.cluster_mutes IS 'Clusters that somebody asked not to be told of, and why.';

CREATE TABLE daybreak.analysis_results (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  cluster_id uuid NOT NULL,
  tenant_id uuid NOT NULL,
  run_id uuid NOT NULL,
  provider text NOT NULL
    CHECK (provider IN ('extractive', 'ollama', 'vllm', 'openai', 'anthropic')),
  model text NOT NULL,
  -- NULL: nothing supports a cause.
  root_cause text,
  confidence double precision NOT NULL CHECK (confidence BETWEEN 0 AND 1),
  summary text NOT NULL,
  -- NULL: no step is known. The steps of detail, one a line, for readers of LogHunter's column.
  suggested_action text,
  -- {facts, unknown, nextSteps, evidence: [{sampleIndex, quote}]}.
  detail jsonb NOT NULL CHECK (jsonb_typeof(detail) = 'object'),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, run_id, cluster_id),
  FOREIGN KEY (tenant_id, run_id) REFERENCES daybreak.runs (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, cluster_id)
    REFERENCES daybreak.error_clusters (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE daybreak.analysis_results IS 'What was said of a cluster on a night.';
CREATE INDEX analysis_results_cluster_idx ON daybreak.analysis_results (tenant_id, cluster_id);

SELECT daybreak.protect_table('daybreak.error_clusters');
SELECT daybreak.protect_table('daybreak.cluster_observations');
SELECT daybreak.protect_table('daybreak.cluster_samples');
SELECT daybreak.protect_table('daybreak.cluster_mutes');
SELECT daybreak.protect_table('daybreak.analysis_results');

RESET ROLE;
