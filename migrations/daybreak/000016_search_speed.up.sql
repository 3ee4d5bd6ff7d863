-- What makes search fast. The signatures of a tenant's vectors, packed: without pgvector a search reads all of them, and reads
-- them thirty times as fast from a few large rows as from one small row a cluster.
SET LOCAL ROLE daybreak_owner;

-- Blocks are whole or not there: writing a vector removes those of its tenant and model, and the end of
-- the embed stage makes them anew. Clusters that are gone may still be among them.
CREATE TABLE daybreak.cluster_vector_codes (
  tenant_id uuid NOT NULL REFERENCES daybreak.tenants (id) ON DELETE CASCADE,
  model text NOT NULL CHECK (model <> ''),
  dimension integer NOT NULL CHECK (dimension BETWEEN 1 AND 16000),
  block integer NOT NULL CHECK (block >= 0),
  -- 16 bytes a cluster, by id.
  cluster_ids bytea NOT NULL CHECK (octet_length(cluster_ids) % 16 = 0),
  -- The sign of each number, first number in the highest bit, whole bytes a cluster.
  signs bytea NOT NULL
    CHECK (octet_length(signs) = octet_length(cluster_ids) / 16 * ((dimension + 7) / 8)),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, model, dimension, block)
);
COMMENT ON TABLE daybreak.cluster_vector_codes IS
  'Signatures of vectors, packed, for search without pgvector.';
-- They do not compress.
ALTER TABLE daybreak.cluster_vector_codes
  ALTER COLUMN cluster_ids SET STORAGE EXTERNAL, ALTER COLUMN signs SET STORAGE EXTERNAL;
SELECT daybreak.protect_table('daybreak.cluster_vector_codes');

-- Every word of the tenant's clusters, once: what begins with a word of a query is looked up here. An
-- index over tsvectors finds whole words more than ten times as fast as beginnings of words.
CREATE TABLE daybreak.search_words (
  tenant_id uuid NOT NULL REFERENCES daybreak.tenants (id) ON DELETE CASCADE,
  word text COLLATE "C" NOT NULL CHECK (word <> ''),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, word)
);
COMMENT ON TABLE daybreak.search_words IS 'The words of clusters, for search; every night keeps them.';
SELECT daybreak.protect_table('daybreak.search_words');

-- As before, but by the index over words alone: where words seem common together and are not, the planner
-- reads all clusters in the order of their ids.
ALTER FUNCTION daybreak.clusters_with_words(tsquery, integer) SET enable_indexscan = off;
ALTER FUNCTION daybreak.clusters_with_words(tsquery, integer) SET enable_indexonlyscan = off;
ALTER FUNCTION daybreak.clusters_with_words(tsquery, integer) SET enable_seqscan = off;

RESET ROLE;
