-- Searching documents by meaning, and by meaning and words together.
--
-- Both run with the rights of who calls, so row-level security decides what they see; the query's
-- embedding is an array on every server.
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;

-- How alike two texts are, from 0 to 1: the share of trigrams that they have in common. pg_trgm's
-- similarity() where it is there; elsewhere the same sum in SQL.
-- Source: PostgreSQL documentation, F.35 pg_trgm, "Trigram (or Trigraph) Concepts".
CREATE FUNCTION anzx.trigram_similarity(a text, b text) RETURNS real
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
  trigrams constant name := anzx.extension_schema('pg_trgm');
BEGIN
  EXECUTE format(
    'CREATE FUNCTION anzx.text_similarity(a text, b text) RETURNS real '
    'LANGUAGE sql IMMUTABLE PARALLEL SAFE SECURITY INVOKER SET search_path = pg_catalog, pg_temp '
    'AS %L',
    CASE WHEN trigrams IS NULL THEN ' SELECT anzx.trigram_similarity(a, b) '
      ELSE format(' SELECT %I.similarity(a, b) ', trigrams) END);
END
$migration$;

-- 1 - cosine of the angle, as pgvector's <=>, over arrays of equal length.
CREATE FUNCTION anzx.cosine_distance(a real[], b real[]) RETURNS double precision
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

-- Up to 50000 documents an organization is compared in full: an approximate index that is filtered
-- afterwards finds a tenth of what it should. Beyond, HNSW with iterative scans, ordered by the operator
-- itself, which the index can serve; with pg_trgm the words have candidates of their own.
DO $migration$
DECLARE
  vector constant name := anzx.extension_schema('vector');
  trigrams constant name := anzx.extension_schema('pg_trgm');
  -- The distance for full comparison, which no index may serve, and the one that the index serves.
  exact text := 'anzx.cosine_distance(d.embedding, query_embedding)';
  indexed text := exact;
  setting text := '';
  candidates text := '';
BEGIN
  IF vector IS NOT NULL THEN
    indexed := format('d.embedding OPERATOR(%1$I.<=>) query_embedding::%1$I.vector(768)', vector);
    exact := format('(%s) + 0.0', indexed);
    IF (SELECT string_to_array(extversion, '.')::integer[] >= ARRAY[0, 8]
        FROM pg_catalog.pg_extension WHERE extname = 'vector') THEN
      setting := 'PERFORM set_config(''hnsw.iterative_scan'', ''strict_order'', true);';
    END IF;
  END IF;
  IF trigrams IS NOT NULL THEN
    setting := setting || ' PERFORM set_config(''pg_trgm.similarity_threshold'', ''0.1'', true);';
    candidates := format($sql$
        UNION
        (SELECT d.id FROM anzx.documents AS d
         WHERE d.organization_id = organization AND d.content OPERATOR(%1$I.%%) query_text
         ORDER BY %1$I.similarity(d.content, query_text) DESC, d.id LIMIT 20 * limit_count)$sql$,
      trigrams);
  END IF;
  EXECUTE format($sql$
    CREATE FUNCTION anzx.similarity_search(
      organization uuid, query_embedding real[], limit_count integer DEFAULT 10,
      similarity_threshold double precision DEFAULT 0.7,
      knowledge_source_ids uuid[] DEFAULT NULL, model text DEFAULT 'text-embedding-004'
    ) RETURNS TABLE (
      id uuid, knowledge_source_id uuid, content text, metadata jsonb, similarity double precision)
    LANGUAGE plpgsql STABLE SECURITY INVOKER
    SET search_path = pg_catalog, pg_temp
    AS $body$
    DECLARE
      sources constant uuid[] := ARRAY(
        SELECT s.id FROM anzx.knowledge_sources AS s
        WHERE s.organization_id = organization AND s.embedding_model = model
          AND (knowledge_source_ids IS NULL OR s.id = ANY (knowledge_source_ids)));
    BEGIN
      IF (SELECT count(*) FROM (
            SELECT FROM anzx.documents AS d
            WHERE d.organization_id = organization AND d.knowledge_source_id = ANY (sources)
            LIMIT 50001) AS first) <= 50000 THEN
        RETURN QUERY
          SELECT f.* FROM (
            SELECT d.id, d.knowledge_source_id, d.content, d.metadata, 1 - (%1$s)
            FROM anzx.documents AS d
            WHERE d.organization_id = organization AND d.knowledge_source_id = ANY (sources)
              AND d.embedding IS NOT NULL
            ORDER BY %1$s, d.id LIMIT greatest(limit_count, 0)
          ) AS f (id, knowledge_source_id, content, metadata, similarity)
          WHERE f.similarity >= similarity_threshold;
      ELSE
        %3$s
        RETURN QUERY
          SELECT f.* FROM (
            SELECT d.id, d.knowledge_source_id, d.content, d.metadata, 1 - (%2$s)
            FROM anzx.documents AS d
            WHERE d.organization_id = organization AND d.knowledge_source_id = ANY (sources)
              AND d.embedding IS NOT NULL
            ORDER BY %2$s LIMIT greatest(limit_count, 0)
          ) AS f (id, knowledge_source_id, content, metadata, similarity)
          WHERE f.similarity >= similarity_threshold;
      END IF;
    END
    $body$$sql$, exact, indexed, setting);
  EXECUTE format($sql$
    CREATE FUNCTION anzx.hybrid_search(
      organization uuid, query_text text, query_embedding real[], limit_count integer DEFAULT 10,
      vector_weight double precision DEFAULT 0.7, text_weight double precision DEFAULT 0.3,
      model text DEFAULT 'text-embedding-004'
    ) RETURNS TABLE (
      id uuid, knowledge_source_id uuid, content text, metadata jsonb,
      vector_score double precision, text_score double precision, combined_score double precision)
    LANGUAGE plpgsql STABLE SECURITY INVOKER
    SET search_path = pg_catalog, pg_temp
    AS $body$
    DECLARE
      sources constant uuid[] := ARRAY(
        SELECT s.id FROM anzx.knowledge_sources AS s
        WHERE s.organization_id = organization AND s.embedding_model = model);
      -- NULL: all of them.
      candidates uuid[];
    BEGIN
      IF (SELECT count(*) FROM (
            SELECT FROM anzx.documents AS d
            WHERE d.organization_id = organization AND d.knowledge_source_id = ANY (sources)
            LIMIT 50001) AS first) > 50000 THEN
        %3$s
        candidates := ARRAY(
        (SELECT d.id FROM anzx.documents AS d
         WHERE d.organization_id = organization AND d.embedding IS NOT NULL
         ORDER BY %2$s LIMIT 20 * limit_count)%4$s);
      END IF;
      RETURN QUERY
        WITH scored AS (
          SELECT d.id, d.knowledge_source_id, d.content, d.metadata,
            coalesce(1 - (%1$s), 0) AS vector_score,
            anzx.text_similarity(d.content, query_text)::double precision AS words
          FROM anzx.documents AS d
          WHERE d.organization_id = organization AND d.knowledge_source_id = ANY (sources)
            AND (candidates IS NULL OR d.id = ANY (candidates))
        ), weighed AS (
          SELECT s.id, s.knowledge_source_id, s.content, s.metadata, s.vector_score,
            CASE WHEN s.words > 0.1 THEN s.words ELSE 0 END AS text_score
          FROM scored AS s
        )
        SELECT w.*, vector_weight * w.vector_score + text_weight * w.text_score AS combined
        FROM weighed AS w
        WHERE vector_weight * w.vector_score + text_weight * w.text_score > 0.1
        ORDER BY combined DESC, w.id LIMIT greatest(limit_count, 0);
    END
    $body$$sql$, exact, indexed, setting, candidates);
END
$migration$;

REVOKE ALL ON FUNCTION anzx.trigram_similarity(text, text), anzx.text_similarity(text, text),
  anzx.cosine_distance(real[], real[]),
  anzx.similarity_search(uuid, real[], integer, double precision, uuid[], text),
  anzx.hybrid_search(uuid, text, real[], integer, double precision, double precision, text)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION anzx.trigram_similarity(text, text), anzx.text_similarity(text, text),
  anzx.cosine_distance(real[], real[]),
  anzx.similarity_search(uuid, real[], integer, double precision, uuid[], text),
  anzx.hybrid_search(uuid, text, real[], integer, double precision, double precision, text)
  TO daybreak_service, daybreak_reader;

RESET ROLE;
