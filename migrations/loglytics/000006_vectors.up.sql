-- Passages of logs with their meaning as 384 numbers, and analyses that were computed once.
--
-- Lengths are the originals'; the tables of the indexes were made a moment ago.
-- squawk-ignore-file prefer-text-field, require-concurrent-index-creation
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;

-- The embedding is a vector(384) where pgvector is there, an array of 384 numbers elsewhere. One model
-- a table: its name stands in every row, because vectors of two models cannot be compared.
DO $migration$
DECLARE
  vector constant name := loglytics.extension_schema('vector');
  trigrams constant name := loglytics.extension_schema('pg_trgm');
BEGIN
  EXECUTE format($sql$
    CREATE TABLE loglytics.rag_vectors (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      project_id uuid NOT NULL REFERENCES loglytics.projects (id) ON DELETE CASCADE,
      user_id uuid NOT NULL REFERENCES loglytics.users (id) ON DELETE CASCADE,
      log_file_id uuid,
      content text NOT NULL,
      embedding %s NOT NULL,
      metadata jsonb,
      created_at timestamptz NOT NULL DEFAULT now(),
      embedding_model text NOT NULL DEFAULT 'all-MiniLM-L6-v2'
        CHECK (embedding_model = 'all-MiniLM-L6-v2'),
      FOREIGN KEY (project_id, log_file_id) REFERENCES loglytics.log_files (project_id, id)
        ON DELETE CASCADE
    )$sql$,
    CASE WHEN vector IS NULL
      THEN 'real[] CONSTRAINT rag_vectors_embedding_dimensions '
        'CHECK (array_ndims(embedding) = 1 AND cardinality(embedding) = 384 '
        'AND array_position(embedding, NULL) IS NULL)'
      ELSE format('%I.vector(384)', vector) END);
  IF vector IS NOT NULL THEN
    -- HNSW, and not ivfflat: on an empty table that finds its centres in nothing.
    EXECUTE format('CREATE INDEX idx_rag_vectors_embedding ON loglytics.rag_vectors '
      'USING hnsw (embedding %I.vector_cosine_ops)', vector);
  END IF;
  IF trigrams IS NOT NULL THEN
    EXECUTE format('CREATE INDEX idx_rag_vectors_content_trgm ON loglytics.rag_vectors '
      'USING gin (content %I.gin_trgm_ops)', trigrams);
  END IF;
END
$migration$;
COMMENT ON TABLE loglytics.rag_vectors IS 'Passages of logs and their embeddings (cosine).';
CREATE INDEX ix_rag_vectors_project_id ON loglytics.rag_vectors (project_id);
CREATE INDEX ix_rag_vectors_user_id ON loglytics.rag_vectors (user_id);
CREATE INDEX ix_rag_vectors_log_file_id ON loglytics.rag_vectors (log_file_id)
  WHERE log_file_id IS NOT NULL;

CREATE TABLE loglytics.analytics_cache (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  project_id uuid NOT NULL REFERENCES loglytics.projects (id) ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES loglytics.users (id) ON DELETE CASCADE,
  log_file_id uuid NOT NULL,
  -- overview, errors, anomalies, performance, patterns or insights.
  analytics_type varchar(100) NOT NULL CHECK (analytics_type <> ''),
  analytics_data jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz DEFAULT now(),
  FOREIGN KEY (project_id, log_file_id) REFERENCES loglytics.log_files (project_id, id)
    ON DELETE CASCADE
);
COMMENT ON TABLE loglytics.analytics_cache IS 'Analyses of a file, kept for the next who asks.';
CREATE INDEX idx_analytics_cache_log_file
  ON loglytics.analytics_cache (log_file_id, created_at DESC);
CREATE INDEX idx_analytics_cache_project_type
  ON loglytics.analytics_cache (project_id, analytics_type);
CREATE INDEX ix_analytics_cache_user_id ON loglytics.analytics_cache (user_id);

SELECT loglytics.protect_table('loglytics.rag_vectors', ARRAY['project_id', 'user_id']);
SELECT loglytics.protect_table('loglytics.analytics_cache', ARRAY['project_id', 'user_id']);
SELECT loglytics.share_with_project('loglytics.rag_vectors', 'viewer', 'editor');
SELECT loglytics.share_with_project('loglytics.analytics_cache', 'viewer', 'editor');
-- Both go with the file that they were made from.
SELECT loglytics.allow_expiry('loglytics.rag_vectors',
  'log_file_id IN (SELECT f.id FROM loglytics.log_files AS f '
  'WHERE f.upload_status = ''completed'' AND f.created_at < (SELECT loglytics.retention_cutoff()))');
SELECT loglytics.allow_expiry('loglytics.analytics_cache',
  'log_file_id IN (SELECT f.id FROM loglytics.log_files AS f '
  'WHERE f.upload_status = ''completed'' AND f.created_at < (SELECT loglytics.retention_cutoff()))');

RESET ROLE;
