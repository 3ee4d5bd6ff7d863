-- What is normal for a service, and what was not.
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;

CREATE TABLE loghunter.anomaly_baselines (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES loghunter.tenants (id) ON DELETE CASCADE,
  service text NOT NULL CHECK (service <> ''),
  namespace text NOT NULL DEFAULT 'default' CHECK (namespace <> ''),
  window_start timestamptz NOT NULL,
  window_end timestamptz NOT NULL,
  -- Lines a minute.
  avg_log_rate double precision NOT NULL CHECK (avg_log_rate >= 0 AND avg_log_rate < 'Infinity'),
  avg_error_rate double precision NOT NULL
    CHECK (avg_error_rate >= 0 AND avg_error_rate < 'Infinity'),
  p95_error_rate double precision NOT NULL
    CHECK (p95_error_rate >= 0 AND p95_error_rate < 'Infinity'),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, id),
  UNIQUE (tenant_id, service, namespace, window_start, window_end),
  CHECK (window_start < window_end)
);
COMMENT ON TABLE loghunter.anomaly_baselines IS 'Rolling baseline of one service.';
CREATE INDEX anomaly_baselines_service_idx
  ON loghunter.anomaly_baselines (tenant_id, service, namespace, window_end DESC);
CREATE INDEX anomaly_baselines_expiry_idx ON loghunter.anomaly_baselines (window_end);

CREATE TABLE loghunter.anomaly_events (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES loghunter.tenants (id) ON DELETE CASCADE,
  service text NOT NULL CHECK (service <> ''),
  namespace text NOT NULL DEFAULT 'default' CHECK (namespace <> ''),
  detected_at timestamptz NOT NULL,
  severity text NOT NULL CHECK (severity IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL')),
  -- error_rate, log_volume, …
  metric text NOT NULL CHECK (metric <> ''),
  baseline_value double precision NOT NULL,
  observed_value double precision NOT NULL,
  -- observed / baseline. NULL: the baseline is silent, there is no such ratio, and deviation_note
  -- says so.
  deviation_factor double precision,
  deviation_note text,
  -- Whether a notification that names it was sent.
  notified boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, id),
  UNIQUE (tenant_id, service, namespace, metric, detected_at),
  CONSTRAINT anomaly_events_no_ratio_to_zero
    CHECK (baseline_value <> 0 OR deviation_factor IS NULL),
  CONSTRAINT anomaly_events_missing_ratio_has_reason
    CHECK (deviation_factor IS NOT NULL OR coalesce(deviation_note, '') <> ''),
  CONSTRAINT anomaly_events_finite_ratio
    CHECK (deviation_factor NOT IN ('Infinity', '-Infinity', 'NaN'))
);
COMMENT ON TABLE loghunter.anomaly_events IS 'Observations beyond what the baseline expects.';
CREATE INDEX anomaly_events_detected_idx ON loghunter.anomaly_events (tenant_id, detected_at DESC);
CREATE INDEX anomaly_events_unnotified_idx ON loghunter.anomaly_events (tenant_id, detected_at)
  WHERE NOT notified;
CREATE INDEX anomaly_events_expiry_idx ON loghunter.anomaly_events (detected_at);

-- observed / expected, or NULL where nothing was expected.
CREATE FUNCTION loghunter.deviation_factor(expected double precision, observed double precision)
RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$ SELECT observed / nullif(expected, 0) $$;
REVOKE ALL ON FUNCTION loghunter.deviation_factor(double precision, double precision) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION loghunter.deviation_factor(double precision, double precision)
  TO daybreak_service, daybreak_reader;

SELECT loghunter.protect_table('loghunter.anomaly_baselines');
SELECT loghunter.protect_table('loghunter.anomaly_events');
SELECT loghunter.allow_expiry('loghunter.anomaly_baselines', 'window_end');
SELECT loghunter.allow_expiry('loghunter.anomaly_events', 'detected_at');

RESET ROLE;
