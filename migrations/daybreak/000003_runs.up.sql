-- The ledger: which job ran over which window, how far it came, and what its sources gave.
SET LOCAL ROLE daybreak_owner;

CREATE TABLE daybreak.runs (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES daybreak.tenants (id) ON DELETE CASCADE,
  job text NOT NULL CHECK (job <> ''),
  window_start timestamptz NOT NULL,
  window_end timestamptz NOT NULL,
  -- The calendar day of the window's start in the job's time zone.
  night date NOT NULL,
  time_zone text NOT NULL,
  -- SHA-256 of the settings that decide the result.
  configuration_digest text NOT NULL,
  status text NOT NULL
    CHECK (status IN ('running', 'finished', 'partial', 'failed', 'interrupted')),
  -- Whether the night's counts are in the store: what tells a silent minute from a missing one.
  has_observations boolean NOT NULL DEFAULT false,
  -- Minutes of the window that no source gave, as pairs of first minute and the one after the last.
  missing_minutes bigint[] NOT NULL DEFAULT '{}' CHECK (cardinality(missing_minutes) % 2 = 0),
  started_at timestamptz NOT NULL,
  -- NULL: not yet.
  finished_at timestamptz,
  -- NULL: nothing failed.
  failure text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, job, window_start, window_end),
  CHECK (window_start < window_end),
  CHECK ((status = 'running') = (finished_at IS NULL))
);
COMMENT ON TABLE daybreak.runs IS 'One execution of a job over one window.';
CREATE INDEX runs_window_idx ON daybreak.runs (tenant_id, window_start, window_end);

CREATE TABLE daybreak.stage_runs (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL,
  run_id uuid NOT NULL,
  stage text NOT NULL CHECK (stage <> ''),
  status text NOT NULL CHECK (status IN ('running', 'finished', 'failed')),
  started_at timestamptz NOT NULL,
  finished_at timestamptz,
  detail jsonb NOT NULL DEFAULT '{}',
  failure text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, run_id, stage),
  FOREIGN KEY (tenant_id, run_id) REFERENCES daybreak.runs (tenant_id, id) ON DELETE CASCADE,
  CHECK ((status = 'running') = (finished_at IS NULL)),
  CHECK ((status = 'failed') = (failure IS NOT NULL))
);
COMMENT ON TABLE daybreak.stage_runs IS 'One stage of a run: what makes runs resumable.';

CREATE TABLE daybreak.source_coverage (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL,
  run_id uuid NOT NULL,
  -- The source's place in the job, from 0: two sources may have one name.
  ordinal integer NOT NULL CHECK (ordinal >= 0),
  name text NOT NULL,
  lines_clustered bigint NOT NULL CHECK (lines_clustered >= 0),
  continuation_lines bigint NOT NULL CHECK (continuation_lines >= 0),
  lines_without_time bigint NOT NULL CHECK (lines_without_time >= 0),
  lines_quarantined bigint NOT NULL CHECK (lines_quarantined >= 0),
  duplicates_skipped bigint NOT NULL CHECK (duplicates_skipped >= 0),
  lines_outside_window bigint NOT NULL CHECK (lines_outside_window >= 0),
  -- What was read: [{name, byteCount, sha256, lineCount, failure}], sorted by name.
  inputs jsonb NOT NULL CHECK (jsonb_typeof(inputs) = 'array'),
  -- NULL: the source was read to its end.
  failure text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, run_id, ordinal),
  FOREIGN KEY (tenant_id, run_id) REFERENCES daybreak.runs (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE daybreak.source_coverage IS 'What one source of a run gave; every line found is counted once.';

CREATE TABLE daybreak.quarantine (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL,
  source_id uuid NOT NULL,
  ordinal integer NOT NULL CHECK (ordinal >= 0),
  file text NOT NULL,
  byte_offset bigint NOT NULL CHECK (byte_offset >= 0),
  -- 0 for a whole file that could not be read at all.
  line_count bigint NOT NULL CHECK (line_count >= 0),
  reason text NOT NULL,
  -- The start of the line, redacted.
  excerpt text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, source_id, ordinal),
  FOREIGN KEY (tenant_id, source_id)
    REFERENCES daybreak.source_coverage (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE daybreak.quarantine IS 'Input that could not be read: where it lies and why.';

SELECT daybreak.protect_table('daybreak.runs');
SELECT daybreak.protect_table('daybreak.stage_runs');
SELECT daybreak.protect_table('daybreak.source_coverage');
SELECT daybreak.protect_table('daybreak.quarantine');

RESET ROLE;
