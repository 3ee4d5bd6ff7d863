-- Clusters of error lines, what each did in each window, and what was said of them.
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;

-- One spelling a level: Loki's labels carry any of these.
CREATE FUNCTION loghunter.normalize_level(written text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE upper(btrim(written))
    WHEN 'WARNING' THEN 'WARN'
    WHEN 'ERR' THEN 'ERROR'
    WHEN 'SEVERE' THEN 'ERROR'
    WHEN 'CRIT' THEN 'CRITICAL'
    WHEN 'ALERT' THEN 'CRITICAL'
    WHEN 'PANIC' THEN 'FATAL'
    WHEN 'EMERG' THEN 'FATAL'
    WHEN 'EMERGENCY' THEN 'FATAL'
    ELSE upper(btrim(written))
  END
$$;

-- FATAL 4 > CRITICAL 3 > ERROR 2 > WARN 1; 0 for anything else.
CREATE FUNCTION loghunter.severity(level text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$ SELECT coalesce(array_position(ARRAY['WARN', 'ERROR', 'CRITICAL', 'FATAL'], level), 0) $$;

CREATE FUNCTION loghunter.normalize_level_column() RETURNS trigger
LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  NEW.level := loghunter.normalize_level(NEW.level);
  RETURN NEW;
END
$$;

-- level, first_seen_at, last_seen_at and count are those of its windows taken together.
CREATE TABLE loghunter.error_clusters (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL REFERENCES loghunter.tenants (id) ON DELETE CASCADE,
  service text NOT NULL CHECK (service <> ''),
  namespace text NOT NULL DEFAULT 'default' CHECK (namespace <> ''),
  -- SHA-256 of the normalised message, lower-case hex.
  fingerprint text NOT NULL CHECK (fingerprint ~ '^[0-9a-f]{64}$'),
  -- The most severe level seen.
  level text NOT NULL CHECK (level IN ('WARN', 'ERROR', 'CRITICAL', 'FATAL')),
  first_seen_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  count bigint NOT NULL DEFAULT 1 CHECK (count >= 0),
  -- A representative line, sanitized, of at most 2000 bytes.
  sample_message text NOT NULL CHECK (octet_length(sample_message) <= 2000),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, id),
  UNIQUE (tenant_id, service, namespace, fingerprint),
  CHECK (first_seen_at <= last_seen_at)
);
COMMENT ON TABLE loghunter.error_clusters IS 'Groups of related error lines.';
CREATE INDEX error_clusters_fingerprint_idx
  ON loghunter.error_clusters (tenant_id, fingerprint, first_seen_at DESC);
CREATE INDEX error_clusters_level_idx ON loghunter.error_clusters (tenant_id, level);
CREATE INDEX error_clusters_service_idx
  ON loghunter.error_clusters (tenant_id, service, last_seen_at DESC);
CREATE INDEX error_clusters_time_idx
  ON loghunter.error_clusters (tenant_id, first_seen_at, last_seen_at);
CREATE INDEX error_clusters_expiry_idx ON loghunter.error_clusters (last_seen_at);

-- Keyed by window, so that analysing a night twice counts it once. Not in LogHunter's document, which
-- has one count for ever and one window at a time in the same row.
CREATE TABLE loghunter.error_cluster_windows (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id uuid NOT NULL,
  cluster_id uuid NOT NULL,
  window_start timestamptz NOT NULL,
  window_end timestamptz NOT NULL,
  level text NOT NULL CHECK (level IN ('WARN', 'ERROR', 'CRITICAL', 'FATAL')),
  first_seen_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  count bigint NOT NULL CHECK (count > 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, cluster_id, window_start, window_end),
  FOREIGN KEY (tenant_id, cluster_id)
    REFERENCES loghunter.error_clusters (tenant_id, id) ON DELETE CASCADE,
  CHECK (window_start < window_end),
  CHECK (first_seen_at <= last_seen_at)
);
COMMENT ON TABLE loghunter.error_cluster_windows IS 'What one cluster did in one window.';

-- tenant_id repeats what the cluster says, on purpose: with it in the foreign key no result can be
-- hung on another tenant's cluster, and the policy needs no join.
CREATE TABLE loghunter.analysis_results (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  cluster_id uuid NOT NULL,
  tenant_id uuid NOT NULL,
  provider text NOT NULL
    CHECK (provider IN ('ollama', 'vllm', 'openai', 'anthropic', 'extractive')),
  model text NOT NULL,
  root_cause text NOT NULL CHECK (octet_length(root_cause) <= 4000),
  confidence double precision NOT NULL CHECK (confidence BETWEEN 0 AND 1),
  summary text NOT NULL CHECK (octet_length(summary) <= 2000),
  -- NULL: no step is known.
  suggested_action text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, cluster_id)
    REFERENCES loghunter.error_clusters (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE loghunter.analysis_results IS 'What a model said of a cluster.';
CREATE INDEX analysis_results_cluster_idx
  ON loghunter.analysis_results (tenant_id, cluster_id, created_at DESC);
CREATE INDEX analysis_results_expiry_idx ON loghunter.analysis_results (created_at);

CREATE TRIGGER normalize_level BEFORE INSERT OR UPDATE OF level ON loghunter.error_clusters
  FOR EACH ROW EXECUTE FUNCTION loghunter.normalize_level_column();
CREATE TRIGGER normalize_level BEFORE INSERT OR UPDATE OF level ON loghunter.error_cluster_windows
  FOR EACH ROW EXECUTE FUNCTION loghunter.normalize_level_column();

SELECT loghunter.protect_table('loghunter.error_clusters');
SELECT loghunter.protect_table('loghunter.error_cluster_windows');
SELECT loghunter.protect_table('loghunter.analysis_results');
SELECT loghunter.allow_expiry('loghunter.error_clusters', 'last_seen_at');
SELECT loghunter.allow_expiry('loghunter.analysis_results', 'created_at');
SELECT loghunter.allow_expiry_with(
  'loghunter.error_clusters', 'loghunter.analysis_results', 'cluster_id');
SELECT loghunter.allow_expiry_with(
  'loghunter.error_clusters', 'loghunter.error_cluster_windows', 'cluster_id');

-- Writes what a cluster of the current tenant did in one window, and returns the cluster. The same
-- window again replaces what was said of it, in any order of windows.
CREATE FUNCTION loghunter.record_cluster_window(
  cluster_service text, cluster_namespace text, cluster_fingerprint text, window_level text,
  starts_at timestamptz, ends_at timestamptz, first_at timestamptz, last_at timestamptz,
  occurrences bigint, message text
) RETURNS uuid
LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  tenant constant uuid := loghunter.current_tenant_id();
  written_level constant text := loghunter.normalize_level(window_level);
  cluster uuid;
BEGIN
  IF tenant IS NULL THEN
    RAISE EXCEPTION 'no tenant is set'
      USING HINT = 'select set_config(''loghunter.tenant_id'', …, true) first';
  END IF;
  -- The conflict's update changes nothing: it locks the row and returns its id.
  INSERT INTO loghunter.error_clusters AS c (
    tenant_id, service, namespace, fingerprint, level, first_seen_at, last_seen_at, count,
    sample_message)
  VALUES (
    tenant, cluster_service, cluster_namespace, cluster_fingerprint, written_level, first_at, last_at,
    occurrences, message)
  ON CONFLICT (tenant_id, service, namespace, fingerprint)
    DO UPDATE SET sample_message = c.sample_message
  RETURNING c.id INTO cluster;
  INSERT INTO loghunter.error_cluster_windows (
    tenant_id, cluster_id, window_start, window_end, level, first_seen_at, last_seen_at, count)
  VALUES (tenant, cluster, starts_at, ends_at, written_level, first_at, last_at, occurrences)
  ON CONFLICT (tenant_id, cluster_id, window_start, window_end) DO UPDATE SET
    level = EXCLUDED.level, first_seen_at = EXCLUDED.first_seen_at,
    last_seen_at = EXCLUDED.last_seen_at, count = EXCLUDED.count;
  UPDATE loghunter.error_clusters AS c
  SET level = w.level, first_seen_at = w.first_at, last_seen_at = w.last_at, count = w.total
  FROM (
    SELECT (array_agg(level ORDER BY loghunter.severity(level) DESC))[1] AS level,
      min(first_seen_at) AS first_at, max(last_seen_at) AS last_at, sum(count)::bigint AS total
    FROM loghunter.error_cluster_windows
    WHERE tenant_id = tenant AND cluster_id = cluster
  ) AS w
  WHERE c.tenant_id = tenant AND c.id = cluster
    AND (c.level, c.first_seen_at, c.last_seen_at, c.count)
      IS DISTINCT FROM (w.level, w.first_at, w.last_at, w.total);
  RETURN cluster;
END
$$;

REVOKE ALL ON FUNCTION loghunter.normalize_level(text), loghunter.severity(text),
  loghunter.normalize_level_column(),
  loghunter.record_cluster_window(text, text, text, text, timestamptz, timestamptz, timestamptz,
    timestamptz, bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION loghunter.normalize_level(text), loghunter.severity(text)
  TO daybreak_service, daybreak_reader;
GRANT EXECUTE ON FUNCTION loghunter.record_cluster_window(text, text, text, text, timestamptz,
  timestamptz, timestamptz, timestamptz, bigint, text) TO daybreak_service;

RESET ROLE;
