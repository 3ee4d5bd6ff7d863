-- Assistants, and the knowledge that they answer from.
--
-- Foreign keys carry the organization: no row can be hung on another organization's, whose existence
-- row-level security hides and a plain key would tell. documents has a column more than the originals
-- for it, which is filled in where it is left out.
-- squawk-ignore-file prefer-bigint-over-int, prefer-text-field
-- The tables of these indexes were made a moment ago.
-- squawk-ignore-file require-concurrent-index-creation
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;

CREATE TABLE anzx.assistants (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name varchar(255) NOT NULL CHECK (name <> ''),
  description text,
  type varchar(50) NOT NULL CHECK (type::text IN ('support', 'admin', 'content', 'insights')),
  organization_id uuid NOT NULL REFERENCES anzx.organizations (id) ON DELETE CASCADE,
  system_prompt text,
  model_config jsonb NOT NULL DEFAULT '{}',
  tools_config jsonb NOT NULL DEFAULT '{}',
  knowledge_sources uuid[] NOT NULL DEFAULT '{}',
  is_active boolean NOT NULL DEFAULT true,
  deployment_status varchar(50) NOT NULL DEFAULT 'draft'
    CHECK (deployment_status::text IN ('draft', 'deployed', 'archived')),
  version varchar(50) NOT NULL DEFAULT '1.0.0',
  total_conversations integer NOT NULL DEFAULT 0 CHECK (total_conversations >= 0),
  total_messages integer NOT NULL DEFAULT 0 CHECK (total_messages >= 0),
  average_response_time double precision NOT NULL DEFAULT 0,
  satisfaction_score double precision NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  deployed_at timestamptz,
  UNIQUE (organization_id, id)
);
COMMENT ON TABLE anzx.assistants IS 'Configured assistants and how they perform.';
CREATE INDEX idx_assistants_organization_type ON anzx.assistants (organization_id, type);
CREATE INDEX idx_assistants_deployment_status ON anzx.assistants (deployment_status);
CREATE INDEX idx_assistants_active ON anzx.assistants (is_active);

CREATE TABLE anzx.knowledge_sources (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid NOT NULL REFERENCES anzx.organizations (id) ON DELETE CASCADE,
  name varchar(255) NOT NULL CHECK (name <> ''),
  description text,
  type varchar(50) NOT NULL CHECK (type::text IN ('file', 'url', 'text', 'api')),
  source_url varchar(1000),
  status varchar(50) NOT NULL DEFAULT 'pending'
    CHECK (status::text IN ('pending', 'processing', 'completed', 'failed')),
  processing_progress double precision NOT NULL DEFAULT 0,
  error_message text,
  file_size integer CHECK (file_size >= 0),
  file_type varchar(100),
  chunk_count integer NOT NULL DEFAULT 0 CHECK (chunk_count >= 0),
  chunking_config jsonb NOT NULL DEFAULT '{}',
  -- Vectors of two models cannot be compared: a search names its own.
  embedding_model varchar(100) NOT NULL DEFAULT 'text-embedding-004',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  processed_at timestamptz,
  UNIQUE (organization_id, id)
);
COMMENT ON TABLE anzx.knowledge_sources IS 'Files, pages and texts that documents are cut from.';
CREATE INDEX idx_knowledge_sources_status ON anzx.knowledge_sources (status);
CREATE INDEX idx_knowledge_sources_type ON anzx.knowledge_sources (type);

-- The embedding is a vector(768) where pgvector is there, an array of 768 numbers elsewhere.
DO $migration$
DECLARE
  vector constant name := anzx.extension_schema('vector');
  trigrams constant name := anzx.extension_schema('pg_trgm');
BEGIN
  EXECUTE format($sql$
    CREATE TABLE anzx.documents (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      knowledge_source_id uuid NOT NULL,
      content text NOT NULL,
      chunk_index integer NOT NULL CHECK (chunk_index >= 0),
      embedding %s,
      metadata jsonb NOT NULL DEFAULT '{}',
      token_count integer NOT NULL DEFAULT 0 CHECK (token_count >= 0),
      content_hash varchar(64),
      created_at timestamptz NOT NULL DEFAULT now(),
      organization_id uuid NOT NULL,
      UNIQUE (knowledge_source_id, chunk_index),
      FOREIGN KEY (organization_id, knowledge_source_id)
        REFERENCES anzx.knowledge_sources (organization_id, id) ON DELETE CASCADE
    )$sql$,
    CASE WHEN vector IS NULL
      THEN 'real[] CONSTRAINT documents_embedding_dimensions '
        'CHECK (array_ndims(embedding) = 1 AND cardinality(embedding) = 768 '
        'AND array_position(embedding, NULL) IS NULL)'
      ELSE format('%I.vector(768)', vector) END);
  IF vector IS NOT NULL THEN
    -- HNSW, and not ivfflat: on an empty table that finds its centres in nothing.
    EXECUTE format('CREATE INDEX idx_documents_embedding_cosine ON anzx.documents '
      'USING hnsw (embedding %I.vector_cosine_ops)', vector);
  END IF;
  -- With btree_gin the organization leads, so that a search reads its own organization's texts alone.
  IF trigrams IS NOT NULL THEN
    EXECUTE format('CREATE INDEX idx_documents_content_trgm ON anzx.documents '
      'USING gin (%scontent %I.gin_trgm_ops)',
      CASE WHEN anzx.extension_schema('btree_gin') IS NULL THEN '' ELSE 'organization_id, ' END,
      trigrams);
  END IF;
END
$migration$;
COMMENT ON TABLE anzx.documents IS 'Passages of a knowledge source and their embeddings (cosine).';
CREATE INDEX idx_documents_organization ON anzx.documents (organization_id, knowledge_source_id);
CREATE INDEX idx_documents_content_hash ON anzx.documents (content_hash);

-- Fills in the organization that a row belongs to from its parent, as far as the writer may see that.
CREATE FUNCTION anzx.fill_organization() RETURNS trigger
LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NEW.organization_id IS NULL THEN
    EXECUTE format('SELECT p.organization_id FROM anzx.%I AS p WHERE p.id = $1', TG_ARGV[0])
    INTO NEW.organization_id USING (to_jsonb(NEW) ->> TG_ARGV[1])::uuid;
  END IF;
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION anzx.fill_organization() FROM PUBLIC;
CREATE TRIGGER fill_organization BEFORE INSERT ON anzx.documents
  FOR EACH ROW EXECUTE FUNCTION anzx.fill_organization('knowledge_sources', 'knowledge_source_id');

SELECT anzx.protect_table('anzx.assistants');
SELECT anzx.protect_table('anzx.knowledge_sources');
SELECT anzx.protect_table('anzx.documents');
SELECT anzx.isolate_organizations('anzx.assistants');
SELECT anzx.isolate_organizations('anzx.knowledge_sources');
SELECT anzx.isolate_organizations('anzx.documents');

RESET ROLE;
