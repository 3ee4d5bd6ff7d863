-- What clusters mean, as vectors, and their words: for search, and for incidents that resemble each other.
--
-- Both extensions make search faster and nothing else; where one is missing, or named in the setting
-- daybreak.without_extensions (ALTER DATABASE … SET …, before this migration), the tables do without.
DO $$
DECLARE
  unwanted constant text[] := string_to_array(
    replace(coalesce(current_setting('daybreak.without_extensions', true), ''), ' ', ''), ',');
  wanted name;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['vector', 'pg_trgm'] LOOP
    CONTINUE WHEN wanted = ANY (unwanted)
      OR EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = wanted)
      OR NOT EXISTS (SELECT FROM pg_catalog.pg_available_extensions WHERE name = wanted);
    BEGIN
      EXECUTE format('CREATE EXTENSION %I SCHEMA public', wanted);
    EXCEPTION WHEN OTHERS THEN
      RAISE NOTICE '% cannot be used: %', wanted, SQLERRM;
    END;
  END LOOP;
END
$$;

SET LOCAL ROLE daybreak_owner;

-- The schema of an extension that is to be used; NULL to do without it.
CREATE FUNCTION daybreak.extension_schema(extension name) RETURNS name
LANGUAGE sql STABLE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT n.nspname
  FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
  WHERE e.extname = extension
    AND extension <> ALL (string_to_array(
      replace(coalesce(current_setting('daybreak.without_extensions', true), ''), ' ', ''), ','))
$$;

-- The words of a text: runs of letters and digits, cut where a small letter meets a capital, in lower
-- case. Bytes and no locale decide what a letter is, so that the same text has the same words everywhere;
-- what is not ASCII counts as a letter.
CREATE FUNCTION daybreak.words_of(body text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(array_to_tsvector(array_remove(ARRAY(
    SELECT DISTINCT left(word, 64)
    FROM regexp_split_to_table(
      lower(regexp_replace(left(body, 4096), '([a-z0-9])([A-Z])', '\1 \2', 'g') COLLATE "C"),
      '[\x01-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+') AS word), '')), '')
$$;

-- A table of its own, and not a column of error_clusters, whose rows every night touches: the words of
-- a cluster change with its template alone.
CREATE TABLE daybreak.cluster_words (
  tenant_id uuid NOT NULL,
  cluster_id uuid NOT NULL,
  -- Service and template.
  body text NOT NULL,
  words tsvector NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, cluster_id),
  FOREIGN KEY (tenant_id, cluster_id)
    REFERENCES daybreak.error_clusters (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE daybreak.cluster_words IS 'The words of clusters, for search; a trigger keeps them.';

-- The clusters that are there already: as their owner, who sees all of them through this policy alone.
CREATE POLICY backfill ON daybreak.error_clusters FOR SELECT TO daybreak_owner USING (true);
INSERT INTO daybreak.cluster_words (tenant_id, cluster_id, body, words)
SELECT tenant_id, id, body, daybreak.words_of(body)
FROM (SELECT tenant_id, id, service || ' ' || template AS body FROM daybreak.error_clusters) AS c;
DROP POLICY backfill ON daybreak.error_clusters;

CREATE INDEX cluster_words_words_idx ON daybreak.cluster_words USING gin (words);
DO $$
DECLARE
  trigrams constant name := daybreak.extension_schema('pg_trgm');
BEGIN
  IF trigrams IS NOT NULL THEN
    EXECUTE format('CREATE INDEX cluster_words_body_trgm_idx ON daybreak.cluster_words '
      'USING gin (body %I.gin_trgm_ops)', trigrams);
  END IF;
END
$$;
SELECT daybreak.protect_table('daybreak.cluster_words');

CREATE FUNCTION daybreak.keep_cluster_words() RETURNS trigger
LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  INSERT INTO daybreak.cluster_words (tenant_id, cluster_id, body, words)
  VALUES (NEW.tenant_id, NEW.id, NEW.service || ' ' || NEW.template,
    daybreak.words_of(NEW.service || ' ' || NEW.template))
  ON CONFLICT (tenant_id, cluster_id) DO UPDATE
  SET body = excluded.body, words = excluded.words;
  RETURN NULL;
END
$$;
CREATE TRIGGER keep_cluster_words AFTER INSERT OR UPDATE OF service, template
  ON daybreak.error_clusters FOR EACH ROW EXECUTE FUNCTION daybreak.keep_cluster_words();

-- One row a cluster and model: vectors of two models cannot be compared and are never mixed. All have
-- length 1, so that an inner product is a cosine.
--
-- The signature is the sign of each number. Without pgvector it finds the candidates in which the
-- vectors themselves are then compared, from the primary key's index alone.
DO $migration$
DECLARE
  vector constant name := daybreak.extension_schema('vector');
BEGIN
  EXECUTE format($sql$
    CREATE TABLE daybreak.cluster_vectors (
      tenant_id uuid NOT NULL,
      cluster_id uuid NOT NULL,
      -- Provider and name: builtin/all-MiniLM-L6-v2.
      model text NOT NULL CHECK (model <> ''),
      dimension integer NOT NULL CHECK (dimension BETWEEN 1 AND 16000),
      -- How the text was made, and a digest of the template that it was made from: where either changes,
      -- the vector is made anew.
      text_key text NOT NULL,
      signature bit varying NOT NULL CHECK (length(signature) = dimension),
      embedding %s NOT NULL CONSTRAINT cluster_vectors_dimension CHECK (%s = dimension),
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (tenant_id, model, cluster_id) INCLUDE (signature),
      FOREIGN KEY (tenant_id, cluster_id)
        REFERENCES daybreak.error_clusters (tenant_id, id) ON DELETE CASCADE
    )$sql$,
    CASE WHEN vector IS NULL THEN 'real[]' ELSE format('%I.vector', vector) END,
    CASE WHEN vector IS NULL THEN 'cardinality(embedding)'
      ELSE format('%I.vector_dims(embedding)', vector) END);
END
$migration$;
COMMENT ON TABLE daybreak.cluster_vectors IS 'What clusters mean, as vectors: one row a cluster and model.';
CREATE INDEX cluster_vectors_cluster_idx ON daybreak.cluster_vectors (tenant_id, cluster_id);
SELECT daybreak.protect_table('daybreak.cluster_vectors');

-- The name of the index over one tenant's vectors of one model.
CREATE FUNCTION daybreak.cluster_vectors_index(
  tenant uuid, encoder text, vector_dimension integer
) RETURNS name
LANGUAGE sql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT ('cluster_vectors_' || left(encode(sha256(convert_to(
    tenant::text || ' ' || vector_dimension::text || ' ' || encoder, 'UTF8')), 'hex'), 16))::name
$$;

-- Fits the table to the database: turns arrays into vectors once pgvector is there, and gives the
-- tenant of the transaction an HNSW index of its own while it has more than a number of vectors of a
-- model. An index over all tenants, filtered afterwards, would find a tenth of what it should.
--
-- SECURITY DEFINER, because only the owner may, and the nightly run is not the owner: it takes no name of
-- a table, changes no row's content, and touches the index of the caller's tenant alone. Building locks
-- the table against writes: 100,000 vectors of 384 numbers take some 20 to 45 seconds.
CREATE FUNCTION daybreak.prepare_cluster_vectors(
  encoder text, vector_dimension integer, exact_limit bigint
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
-- Indexes that do not fit are built many times slower.
SET maintenance_work_mem = '512MB'
AS $$
DECLARE
  vector constant name := daybreak.extension_schema('vector');
  tenant constant uuid := daybreak.current_tenant_id();
  index_name constant name :=
    daybreak.cluster_vectors_index(tenant, encoder, vector_dimension);
  indexed constant boolean := to_regclass(format('daybreak.%I', index_name)) IS NOT NULL;
  has_many boolean;
BEGIN
  IF vector IS NULL OR tenant IS NULL OR exact_limit < 0 THEN
    RETURN 'unchanged';
  END IF;
  IF (SELECT atttypid = 'real[]'::regtype FROM pg_attribute
      WHERE attrelid = 'daybreak.cluster_vectors'::regclass AND attname = 'embedding')
  THEN
    EXECUTE format(
      'ALTER TABLE daybreak.cluster_vectors DROP CONSTRAINT cluster_vectors_dimension, '
      'ALTER COLUMN embedding TYPE %1$I.vector USING embedding::%1$I.vector, '
      'ADD CONSTRAINT cluster_vectors_dimension CHECK (%1$I.vector_dims(embedding) = dimension)',
      vector);
  END IF;
  -- With half as many, so that a tenant at the limit does not build an index every other night.
  has_many := (
    SELECT count(*) FROM (
      SELECT FROM daybreak.cluster_vectors
      WHERE tenant_id = tenant AND model = encoder AND dimension = vector_dimension
      LIMIT CASE WHEN indexed THEN exact_limit / 2 ELSE exact_limit END + 1
    ) AS first
  ) > CASE WHEN indexed THEN exact_limit / 2 ELSE exact_limit END;
  -- HNSW takes up to 2000 dimensions (pgvector 0.8.0); beyond, every search compares all.
  IF has_many AND NOT indexed AND vector_dimension <= 2000 THEN
    PERFORM pg_advisory_xact_lock(hashtextextended('daybreak.cluster_vectors indexes', 0));
    EXECUTE format(
      'CREATE INDEX IF NOT EXISTS %I ON daybreak.cluster_vectors '
      'USING hnsw ((embedding::%I.vector(%s)) %I.vector_ip_ops) '
      'WHERE tenant_id = %L AND model = %L AND dimension = %s',
      index_name, vector, vector_dimension, vector, tenant, encoder, vector_dimension);
    RETURN 'indexed';
  END IF;
  IF indexed AND NOT has_many THEN
    EXECUTE format('DROP INDEX IF EXISTS daybreak.%I', index_name);
    RETURN 'index dropped';
  END IF;
  RETURN 'unchanged';
END
$$;

-- The tenant's clusters whose words match, by id: where more match than are wanted, words do not tell
-- them apart, and any order that needs no second table will do.
--
-- SECURITY DEFINER, because @@ and %> are not leakproof, and under row-level security an index serves
-- only what is: as the service, every search would read all words of the tenant. It filters by the
-- tenant of the transaction itself, as the views over materialized views do, and gives nothing else.
CREATE POLICY owner_reads ON daybreak.cluster_words FOR SELECT TO daybreak_owner USING (true);
CREATE FUNCTION daybreak.clusters_with_words(query tsquery, wanted integer) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
BEGIN
  -- Planned for each query: words are rare or common, tenants small or large.
  RETURN QUERY EXECUTE
    'SELECT cluster_id FROM daybreak.cluster_words WHERE tenant_id = $1 AND words @@ $2 '
    'ORDER BY cluster_id LIMIT $3'
    USING daybreak.current_tenant_id(), query, least(greatest(wanted, 0), 10000);
END
$$;

-- The same by trigrams, for words that nothing matches; no row without pg_trgm.
CREATE FUNCTION daybreak.clusters_resembling(query text, wanted integer) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
DECLARE
  trigrams constant name := daybreak.extension_schema('pg_trgm');
BEGIN
  IF trigrams IS NULL THEN
    RETURN;
  END IF;
  PERFORM set_config('pg_trgm.word_similarity_threshold', '0.4', true);
  RETURN QUERY EXECUTE format(
    'SELECT cluster_id FROM daybreak.cluster_words '
    'WHERE tenant_id = $1 AND body OPERATOR(%1$I.%%>) $2 '
    'ORDER BY %1$I.word_similarity($2, body) DESC, cluster_id LIMIT $3', trigrams)
    USING daybreak.current_tenant_id(), query, least(greatest(wanted, 0), 10000);
END
$$;

REVOKE ALL ON FUNCTION daybreak.extension_schema(name), daybreak.words_of(text),
  daybreak.keep_cluster_words(), daybreak.cluster_vectors_index(uuid, text, integer),
  daybreak.prepare_cluster_vectors(text, integer, bigint),
  daybreak.clusters_with_words(tsquery, integer), daybreak.clusters_resembling(text, integer)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION daybreak.extension_schema(name), daybreak.words_of(text),
  daybreak.cluster_vectors_index(uuid, text, integer),
  daybreak.clusters_with_words(tsquery, integer), daybreak.clusters_resembling(text, integer)
  TO daybreak_service, daybreak_reader;
GRANT EXECUTE ON FUNCTION daybreak.prepare_cluster_vectors(text, integer, bigint)
  TO daybreak_service;

RESET ROLE;
