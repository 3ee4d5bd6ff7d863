-- What users uploaded, and finding it by meaning.
--
-- Where pgvector is there, embeddings are vector(1536) under an HNSW index; elsewhere
-- real[] of the same length, searched exactly. Reading, writing and searching are the same either way:
-- real[] goes in, netra.search_references() comes out.
-- squawk-ignore-file prefer-text-field, prefer-bigint-over-int
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;

-- The name is a reserved word and has to be quoted everywhere.
CREATE TABLE netra."references" (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id integer NOT NULL REFERENCES netra.users (id) ON DELETE CASCADE,
  name varchar(255) NOT NULL,
  type varchar(100) NOT NULL,
  content text,
  file_path text,
  file_size bigint CHECK (file_size >= 0),
  mime_type varchar(255),
  embedding real[] CONSTRAINT check_embedding CHECK (
    array_ndims(embedding) = 1 AND cardinality(embedding) = 1536
    AND array_position(embedding, NULL) IS NULL),
  created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  metadata jsonb NOT NULL DEFAULT '{}',
  CONSTRAINT check_type CHECK (type::text IN ('document', 'dataset', 'configuration', 'model', 'other'))
);
COMMENT ON TABLE netra."references" IS 'Documents and data that users uploaded.';
CREATE INDEX idx_references_user_id ON netra."references" (user_id);
CREATE INDEX idx_references_type ON netra."references" (type);
CREATE INDEX idx_references_created_at ON netra."references" (created_at);
CREATE INDEX idx_references_metadata ON netra."references" USING gin (metadata jsonb_path_ops);

SELECT netra.protect_table('netra."references"');
SELECT netra.allow_own_rows('netra."references"', 'user_id = (SELECT netra.current_user_id())');
CREATE POLICY owner_reads ON netra."references" FOR SELECT TO daybreak_owner USING (true);

-- The cosine of the angle between two vectors; NULL where one is all zeros or their lengths differ.
CREATE FUNCTION netra.cosine_similarity(a real[], b real[]) RETURNS double precision
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT sum(x::double precision * y) / nullif(
    sqrt(sum(x::double precision * x)) * sqrt(sum(y::double precision * y)), 0)
  FROM unnest(a, b) AS pairs (x, y)
  WHERE cardinality(a) = cardinality(b)
$$;
REVOKE ALL ON FUNCTION netra.cosine_similarity(real[], real[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION netra.cosine_similarity(real[], real[])
  TO daybreak_service, daybreak_reader;

-- The references of the transaction's user that are nearest to a vector, nearest first.
--
-- An index over all users' vectors, filtered by user afterwards, loses most of a small user's rows
-- (measured: 0.8 of 10 rows at a share of 2 %). So up to 50 000 rows of a user are compared one by one,
-- which is exact; beyond, the index is walked on until enough are the user's own.
DO $migration$
DECLARE
  vector_schema name;
  vector_version integer[];
  walk_on text := '';
BEGIN
  SELECT n.nspname, string_to_array(regexp_replace(e.extversion, '[^0-9.].*', ''), '.')::integer[]
  INTO vector_schema, vector_version
  FROM pg_catalog.pg_extension AS e JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
  WHERE e.extname = 'vector' AND 'vector' <> ALL (string_to_array(
    replace(coalesce(current_setting('daybreak.without_extensions', true), ''), ' ', ''), ','));
  IF vector_schema IS NULL THEN
    EXECUTE $sql$
      CREATE FUNCTION netra.search_references(query real[], max_results integer DEFAULT 10)
      RETURNS TABLE (id uuid, name text, type text, similarity double precision)
      LANGUAGE sql STABLE SECURITY INVOKER
      SET search_path = pg_catalog, pg_temp
      AS $$
        SELECT * FROM (
          SELECT r.id, r.name::text, r.type::text,
            netra.cosine_similarity(r.embedding, query) AS similarity
          FROM netra."references" AS r
          WHERE r.user_id = (SELECT netra.current_user_id()) AND r.embedding IS NOT NULL
        ) AS found
        WHERE found.similarity IS NOT NULL
        ORDER BY found.similarity DESC, found.id
        LIMIT least(greatest(max_results, 0), 1000)
      $$
    $sql$;
    RETURN;
  END IF;

  ALTER TABLE netra."references" DROP CONSTRAINT check_embedding;
  EXECUTE format('ALTER TABLE netra."references" ALTER COLUMN embedding TYPE %I.vector(1536)',
    vector_schema);
  EXECUTE format('CREATE INDEX idx_references_embedding ON netra."references" '
    'USING hnsw (embedding %I.vector_cosine_ops)', vector_schema);
  -- From 0.8.0 on an index can be walked on.
  IF vector_version >= ARRAY[0, 8] THEN
    walk_on := 'SET hnsw.iterative_scan = strict_order';
  END IF;
  EXECUTE format($sql$
    CREATE FUNCTION netra.search_references(query real[], max_results integer DEFAULT 10)
    RETURNS TABLE (id uuid, name text, type text, similarity double precision)
    LANGUAGE plpgsql STABLE SECURITY INVOKER
    SET search_path = pg_catalog, pg_temp
    %2$s
    AS $$
    #variable_conflict use_column
    DECLARE
      wanted constant integer := least(greatest(max_results, 0), 1000);
      -- A zero vector has no direction: nothing is near it.
      has_direction constant boolean := EXISTS (SELECT FROM unnest(query) AS x WHERE x <> 0);
      own_rows bigint;
    BEGIN
      IF cardinality(query) IS DISTINCT FROM 1536 OR NOT has_direction THEN RETURN; END IF;
      SELECT count(*) INTO own_rows FROM (
        SELECT FROM netra."references" AS r
        WHERE r.user_id = (SELECT netra.current_user_id()) AND r.embedding IS NOT NULL
        LIMIT 50001) AS counted;
      IF own_rows <= 50000 THEN
        RETURN QUERY
        WITH own AS MATERIALIZED (
          SELECT r.id, r.name, r.type, r.embedding OPERATOR(%1$I.<=>) query::%1$I.vector AS distance
          FROM netra."references" AS r
          WHERE r.user_id = (SELECT netra.current_user_id()) AND r.embedding IS NOT NULL)
        SELECT own.id, own.name::text, own.type::text, 1 - own.distance
        FROM own WHERE own.distance <> 'NaN' ORDER BY own.distance, own.id LIMIT wanted;
      ELSE
        -- Ordered by the operator itself: by any other expression the index is of no use.
        RETURN QUERY
        SELECT r.id, r.name::text, r.type::text,
          1 - (r.embedding OPERATOR(%1$I.<=>) query::%1$I.vector)
        FROM netra."references" AS r
        WHERE r.user_id = (SELECT netra.current_user_id())
        ORDER BY r.embedding OPERATOR(%1$I.<=>) query::%1$I.vector LIMIT wanted;
      END IF;
    END
    $$
  $sql$, vector_schema, walk_on);
END
$migration$;
REVOKE ALL ON FUNCTION netra.search_references(real[], integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION netra.search_references(real[], integer)
  TO daybreak_service, daybreak_reader;

RESET ROLE;
