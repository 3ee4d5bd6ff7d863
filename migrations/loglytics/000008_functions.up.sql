-- What the application calls: recording, searching, summing up, cleaning up.
--
-- All run with the rights of who calls, so row-level security decides what they see and change.
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;

-- Records what the current user did. user_uuid is who asks: for anybody else the policy refuses.
CREATE FUNCTION loglytics.log_user_action(
  user_uuid uuid, action_name text, resource_type_name text, resource_uuid uuid DEFAULT NULL,
  action_metadata jsonb DEFAULT NULL, user_ip inet DEFAULT NULL
) RETURNS uuid
LANGUAGE sql VOLATILE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  INSERT INTO loglytics.audit_logs (user_id, action, resource_type, resource_id, metadata, ip_address)
  VALUES (user_uuid, action_name, resource_type_name, resource_uuid, action_metadata, user_ip)
  RETURNING id
$$;

-- Adds tokens and calls to the day's, and keeps the largest storage.
CREATE FUNCTION loglytics.update_usage_tracking(
  user_uuid uuid, usage_date date, tokens bigint DEFAULT 0, calls integer DEFAULT 0,
  bytes bigint DEFAULT 0
) RETURNS void
LANGUAGE sql VOLATILE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  INSERT INTO loglytics.usage_tracking AS u
    (user_id, date, llm_tokens_used, api_calls_count, storage_used_bytes)
  VALUES (user_uuid, usage_date, tokens, calls, bytes)
  ON CONFLICT (user_id, date) DO UPDATE SET
    llm_tokens_used = u.llm_tokens_used + EXCLUDED.llm_tokens_used,
    api_calls_count = u.api_calls_count + EXCLUDED.api_calls_count,
    storage_used_bytes = greatest(u.storage_used_bytes, EXCLUDED.storage_used_bytes)
$$;

-- The newest lines of a project whose message holds a text, in any case; % and _ stand for themselves.
CREATE FUNCTION loglytics.search_log_entries(
  project_uuid uuid, search_query text, limit_count integer DEFAULT 100,
  offset_count integer DEFAULT 0
) RETURNS TABLE (
  id uuid, log_file_id uuid, "timestamp" timestamptz, log_level loglytics.log_level, message text,
  source text, metadata jsonb
)
LANGUAGE sql STABLE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT e.id, e.log_file_id, e."timestamp", e.log_level, e.message, e.source::text, e.metadata
  FROM loglytics.log_entries AS e
  WHERE e.project_id = project_uuid
    AND e.message ILIKE '%' || regexp_replace(search_query, '([\\%_])', '\\\1', 'g') || '%'
  ORDER BY e."timestamp" DESC, e.id
  LIMIT least(greatest(limit_count, 0), 10000) OFFSET greatest(offset_count, 0)
$$;

CREATE FUNCTION loglytics.get_project_stats(project_uuid uuid) RETURNS TABLE (
  total_log_files bigint, total_log_entries bigint, error_count bigint, warning_count bigint,
  info_count bigint, debug_count bigint, critical_count bigint, last_log_entry timestamptz,
  first_log_entry timestamptz
)
LANGUAGE sql STABLE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT
    (SELECT count(*) FROM loglytics.log_files AS f WHERE f.project_id = project_uuid),
    count(*), count(*) FILTER (WHERE log_level = 'ERROR'),
    count(*) FILTER (WHERE log_level = 'WARN'), count(*) FILTER (WHERE log_level = 'INFO'),
    count(*) FILTER (WHERE log_level = 'DEBUG'), count(*) FILTER (WHERE log_level = 'CRITICAL'),
    max("timestamp"), min("timestamp")
  FROM loglytics.log_entries AS e WHERE e.project_id = project_uuid
$$;

-- The three rules of retention in one go, for who operates by SQL: as daybreak_owner, whom the
-- policies let delete exactly this. Files take their entries, vectors and analyses with them.
CREATE FUNCTION loglytics.cleanup_old_data()
RETURNS TABLE (table_name text, deleted bigint)
LANGUAGE plpgsql VOLATILE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  cutoff_before constant text := current_setting('daybreak.retention_before', true);
BEGIN
  PERFORM set_config('daybreak.retention_before', (now() - interval '1 year')::text, true);
  DELETE FROM loglytics.audit_logs WHERE created_at < loglytics.retention_cutoff();
  GET DIAGNOSTICS deleted = ROW_COUNT;
  table_name := 'audit_logs';
  RETURN NEXT;
  PERFORM set_config('daybreak.retention_before', (now() - interval '2 years')::text, true);
  DELETE FROM loglytics.log_files
  WHERE upload_status = 'completed' AND created_at < loglytics.retention_cutoff();
  GET DIAGNOSTICS deleted = ROW_COUNT;
  table_name := 'log_files';
  RETURN NEXT;
  DELETE FROM loglytics.usage_tracking
  WHERE date < (loglytics.retention_cutoff() AT TIME ZONE 'UTC')::date;
  GET DIAGNOSTICS deleted = ROW_COUNT;
  table_name := 'usage_tracking';
  RETURN NEXT;
  PERFORM set_config('daybreak.retention_before', coalesce(cutoff_before, ''), true);
END
$$;

-- How alike two texts are, from 0 to 1: the share of trigrams that they have in common. pg_trgm's
-- similarity() where it is there; elsewhere the same sum in SQL.
-- Source: PostgreSQL documentation, F.35 pg_trgm, "Trigram (or Trigraph) Concepts".
CREATE FUNCTION loglytics.trigram_similarity(a text, b text) RETURNS real
LANGUAGE sql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  WITH trigrams AS (
    SELECT DISTINCT side, substr('  ' || word[1] || ' ', place, 3) AS trigram
    FROM (VALUES (1, a), (2, b)) AS texts (side, body),
      regexp_matches(lower(body), '[[:alnum:]]+', 'g') AS word,
      generate_series(1, length(word[1]) + 1) AS place
  ), counted AS (
    SELECT trigram, count(*) AS sides FROM trigrams GROUP BY trigram
  )
  SELECT CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN
    coalesce((count(*) FILTER (WHERE sides = 2))::real / nullif(count(*), 0)::real, 0)::real END
  FROM counted
$$;
DO $migration$
DECLARE
  trigrams constant name := loglytics.extension_schema('pg_trgm');
BEGIN
  EXECUTE format(
    'CREATE FUNCTION loglytics.text_similarity(a text, b text) RETURNS real '
    'LANGUAGE sql IMMUTABLE PARALLEL SAFE SECURITY INVOKER SET search_path = pg_catalog, pg_temp '
    'AS %L',
    CASE WHEN trigrams IS NULL THEN ' SELECT loglytics.trigram_similarity(a, b) '
      ELSE format(' SELECT %I.similarity(a, b) ', trigrams) END);
END
$migration$;

-- 1 - cosine of the angle, as pgvector's <=>, over arrays of equal length.
CREATE FUNCTION loglytics.cosine_distance(a real[], b real[]) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  distance double precision;
BEGIN
  IF cardinality(a) <> cardinality(b) THEN
    RAISE EXCEPTION 'different vector dimensions % and %', cardinality(a), cardinality(b)
      USING ERRCODE = 'data_exception';
  END IF;
  SELECT 1 - sum(x::double precision * y)
    / nullif(sqrt(sum(x::double precision * x)) * sqrt(sum(y::double precision * y)), 0)
  INTO distance
  FROM unnest(a, b) AS pairs (x, y);
  -- A vector of length zero has no direction.
  RETURN coalesce(distance, 'NaN');
END
$$;

-- Searching passages. The query's embedding is an array on every server. Up to 50000 passages a project
-- is compared in full: an approximate index that is filtered afterwards finds a tenth of what it
-- should. Beyond, HNSW with iterative scans, ordered by the operator itself, which the index can serve.
DO $migration$
DECLARE
  vector constant name := loglytics.extension_schema('vector');
  -- The distance for full comparison, which no index may serve, and the one that the index serves.
  exact text := 'loglytics.cosine_distance(v.embedding, query_embedding)';
  indexed text := exact;
  setting text := '';
BEGIN
  IF vector IS NOT NULL THEN
    indexed := format(
      'v.embedding OPERATOR(%1$I.<=>) query_embedding::%1$I.vector(384)', vector);
    exact := format('(%s) + 0.0', indexed);
    IF (SELECT string_to_array(extversion, '.')::integer[] >= ARRAY[0, 8]
        FROM pg_catalog.pg_extension WHERE extname = 'vector') THEN
      setting := 'PERFORM set_config(''hnsw.iterative_scan'', ''strict_order'', true);';
    END IF;
  END IF;
  EXECUTE format($sql$
    CREATE FUNCTION loglytics.search_rag_vectors(
      project_uuid uuid, query_embedding real[], limit_count integer DEFAULT 5,
      similarity_threshold double precision DEFAULT 0.05
    ) RETURNS TABLE (
      id uuid, log_file_id uuid, content text, metadata jsonb, similarity double precision)
    LANGUAGE plpgsql STABLE SECURITY INVOKER
    SET search_path = pg_catalog, pg_temp
    AS $body$
    BEGIN
      IF (SELECT count(*) FROM (
            SELECT FROM loglytics.rag_vectors AS v WHERE v.project_id = project_uuid LIMIT 50001
          ) AS first) <= 50000 THEN
        RETURN QUERY
          SELECT f.* FROM (
            SELECT v.id, v.log_file_id, v.content, v.metadata, 1 - (%2$s)
            FROM loglytics.rag_vectors AS v WHERE v.project_id = project_uuid
            ORDER BY %2$s, v.id LIMIT greatest(limit_count, 0)
          ) AS f (id, log_file_id, content, metadata, similarity)
          WHERE f.similarity >= similarity_threshold;
      ELSE
        %1$s
        RETURN QUERY
          SELECT f.* FROM (
            SELECT v.id, v.log_file_id, v.content, v.metadata, 1 - (%3$s)
            FROM loglytics.rag_vectors AS v WHERE v.project_id = project_uuid
            ORDER BY %3$s LIMIT greatest(limit_count, 0)
          ) AS f (id, log_file_id, content, metadata, similarity)
          WHERE f.similarity >= similarity_threshold;
      END IF;
    END
    $body$$sql$, setting, exact, indexed);
  EXECUTE format($sql$
    CREATE FUNCTION loglytics.hybrid_search_rag_vectors(
      project_uuid uuid, query_text text, query_embedding real[], limit_count integer DEFAULT 5,
      vector_weight double precision DEFAULT 0.7, text_weight double precision DEFAULT 0.3,
      score_threshold double precision DEFAULT 0.05
    ) RETURNS TABLE (
      id uuid, log_file_id uuid, content text, metadata jsonb, vector_score double precision,
      text_score double precision, combined_score double precision)
    LANGUAGE sql STABLE SECURITY INVOKER
    SET search_path = pg_catalog, pg_temp
    AS $body$
      WITH scored AS (
        SELECT v.id, v.log_file_id, v.content, v.metadata, 1 - (%1$s) AS vector_score,
          loglytics.text_similarity(v.content, query_text)::double precision AS text_score
        FROM loglytics.rag_vectors AS v WHERE v.project_id = project_uuid
      ), combined AS (
        SELECT s.*, vector_weight * s.vector_score
          + text_weight * CASE WHEN s.text_score > 0.1 THEN s.text_score ELSE 0 END AS combined_score
        FROM scored AS s
      )
      SELECT c.* FROM combined AS c WHERE c.combined_score >= score_threshold
      ORDER BY c.combined_score DESC, c.id LIMIT greatest(limit_count, 0)
    $body$$sql$, exact);
END
$migration$;

REVOKE ALL ON FUNCTION
  loglytics.log_user_action(uuid, text, text, uuid, jsonb, inet),
  loglytics.update_usage_tracking(uuid, date, bigint, integer, bigint),
  loglytics.search_log_entries(uuid, text, integer, integer),
  loglytics.get_project_stats(uuid), loglytics.cleanup_old_data(),
  loglytics.trigram_similarity(text, text), loglytics.text_similarity(text, text),
  loglytics.cosine_distance(real[], real[]),
  loglytics.search_rag_vectors(uuid, real[], integer, double precision),
  loglytics.hybrid_search_rag_vectors(uuid, text, real[], integer, double precision,
    double precision, double precision) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
  loglytics.search_log_entries(uuid, text, integer, integer), loglytics.get_project_stats(uuid),
  loglytics.trigram_similarity(text, text), loglytics.text_similarity(text, text),
  loglytics.cosine_distance(real[], real[]),
  loglytics.search_rag_vectors(uuid, real[], integer, double precision),
  loglytics.hybrid_search_rag_vectors(uuid, text, real[], integer, double precision,
    double precision, double precision) TO daybreak_service, daybreak_reader;
GRANT EXECUTE ON FUNCTION loglytics.log_user_action(uuid, text, text, uuid, jsonb, inet),
  loglytics.update_usage_tracking(uuid, date, bigint, integer, bigint) TO daybreak_service;

RESET ROLE;
