-- What is normal for a service, and what was not.
SET LOCAL ROLE daybreak_owner;

CREATE TABLE daybreak.anomaly_baselines (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL,
  -- The run that computed it and judged its night by it.
  run_id uuid NOT NULL,
  service text NOT NULL,
  namespace text NOT NULL,
  -- The span of history it was made from.
  window_start timestamptz NOT NULL,
  window_end timestamptz NOT NULL,
  -- Events a minute: all, at ERROR or above, and the latter's 95th percentile.
  avg_log_rate double precision NOT NULL,
  avg_error_rate double precision NOT NULL,
  p95_error_rate double precision NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, run_id, service, namespace),
  FOREIGN KEY (tenant_id, run_id) REFERENCES daybreak.runs (tenant_id, id) ON DELETE CASCADE,
  CHECK (window_start <= window_end)
);
COMMENT ON TABLE daybreak.anomaly_baselines IS 'What was normal for a service on the eve of a night.';
CREATE INDEX anomaly_baselines_service_idx
  ON daybreak.anomaly_baselines (tenant_id, service, namespace, window_end);

CREATE TABLE daybreak.anomaly_events (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL,
  run_id uuid NOT NULL,
  service text NOT NULL,
  namespace text NOT NULL,
  -- The first minute in which it shows.
  detected_at timestamptz NOT NULL,
  -- The end of its last minute, and the minute in which it was worst.
  ended_at timestamptz NOT NULL,
  peak_at timestamptz NOT NULL,
  severity text NOT NULL CHECK (severity IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL')),
  metric text NOT NULL CHECK (metric IN ('error_rate', 'log_volume', 'silence')),
  -- Events a minute: expected, observed on average, and observed in the worst minute.
  baseline_value double precision NOT NULL,
  observed_value double precision NOT NULL,
  peak_observed double precision NOT NULL,
  -- observed / baseline. NULL: there is no such ratio, and deviation_note says why.
  deviation_factor double precision,
  deviation_note text,
  -- Natural logarithm of the probability of the worst minute under the baseline.
  log_probability double precision NOT NULL,
  -- Whether a notification that names it was sent.
  notified boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, run_id, service, namespace, metric, detected_at),
  FOREIGN KEY (tenant_id, run_id) REFERENCES daybreak.runs (tenant_id, id) ON DELETE CASCADE,
  CHECK (detected_at < ended_at),
  CONSTRAINT anomaly_events_no_ratio_to_zero
    CHECK (baseline_value <> 0 OR deviation_factor IS NULL),
  CONSTRAINT anomaly_events_missing_ratio_has_reason
    CHECK (deviation_factor IS NOT NULL OR coalesce(deviation_note, '') <> ''),
  CONSTRAINT anomaly_events_finite_ratio
    CHECK (deviation_factor NOT IN ('Infinity', '-Infinity', 'NaN'))
);
COMMENT ON TABLE daybreak.anomaly_events IS 'Observations that the baseline makes improbable.';
CREATE INDEX anomaly_events_detected_idx ON daybreak.anomaly_events (tenant_id, detected_at);

SELECT daybreak.protect_table('daybreak.anomaly_baselines');
SELECT daybreak.protect_table('daybreak.anomaly_events');

RESET ROLE;
