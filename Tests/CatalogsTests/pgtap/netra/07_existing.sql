-- A database made from Netra's document, rebuilt by its own statements with `references` quoted, with the
-- example data in it: recognised, and read as it is.
\ir ../common/named_queries.sql
\set existing `cat catalogs/netra/existing.sql`
\set report `cat catalogs/netra/report.sql`
BEGIN;
SELECT no_plan();

CREATE SCHEMA original;
SET LOCAL search_path TO original, tap, public;
CREATE TABLE users (id SERIAL PRIMARY KEY, email VARCHAR(255) UNIQUE NOT NULL, name VARCHAR(255), password_hash VARCHAR(255),
  oauth_provider VARCHAR(50), oauth_id VARCHAR(255), picture TEXT, is_active BOOLEAN DEFAULT true, is_superuser BOOLEAN DEFAULT false,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP, updated_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
  last_login_at TIMESTAMP WITH TIME ZONE, metadata JSONB DEFAULT '{}'::jsonb);
CREATE TABLE threads (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  title VARCHAR(255), status VARCHAR(50) DEFAULT 'active', created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP, metadata JSONB DEFAULT '{}'::jsonb);
CREATE TABLE messages (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), thread_id UUID NOT NULL REFERENCES threads(id) ON DELETE CASCADE,
  role VARCHAR(50) NOT NULL, content TEXT NOT NULL, tokens_used INTEGER, model VARCHAR(100),
  created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP, metadata JSONB DEFAULT '{}'::jsonb);
CREATE TABLE runs (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), thread_id UUID REFERENCES threads(id) ON DELETE SET NULL,
  user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE, status VARCHAR(50) NOT NULL DEFAULT 'pending', agent_type VARCHAR(100),
  input_data JSONB NOT NULL, output_data JSONB, error_message TEXT, started_at TIMESTAMP WITH TIME ZONE,
  completed_at TIMESTAMP WITH TIME ZONE, created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP, metadata JSONB DEFAULT '{}'::jsonb);
CREATE TABLE "references" (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  name VARCHAR(255) NOT NULL, type VARCHAR(100) NOT NULL, content TEXT, file_path TEXT, file_size BIGINT, mime_type VARCHAR(255),
  created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP, updated_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
  metadata JSONB DEFAULT '{}'::jsonb);
-- The type stands in for VECTOR(1536) where the extension is not there: one difference.
DO $$
BEGIN
  EXECUTE 'ALTER TABLE "references" ADD COLUMN embedding '
    || CASE current_setting('daybreak.test_server') WHEN 'full' THEN 'VECTOR(1536)' ELSE 'real[]' END;
END
$$;
CREATE TABLE supply_catalog (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), user_id INTEGER REFERENCES users(id) ON DELETE SET NULL,
  name VARCHAR(255) NOT NULL, category VARCHAR(100) NOT NULL, provider VARCHAR(100), specifications JSONB NOT NULL, pricing JSONB,
  availability JSONB, performance_metrics JSONB, is_active BOOLEAN DEFAULT true,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP, updated_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
  metadata JSONB DEFAULT '{}'::jsonb);
CREATE TABLE api_keys (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  name VARCHAR(255) NOT NULL, key_hash VARCHAR(255) NOT NULL UNIQUE, last_used_at TIMESTAMP WITH TIME ZONE,
  expires_at TIMESTAMP WITH TIME ZONE, is_active BOOLEAN DEFAULT true, created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
  metadata JSONB DEFAULT '{}'::jsonb);
CREATE TABLE audit_logs (id BIGSERIAL PRIMARY KEY, user_id INTEGER REFERENCES users(id) ON DELETE SET NULL, action VARCHAR(100) NOT NULL,
  resource_type VARCHAR(100), resource_id VARCHAR(255), ip_address INET, user_agent TEXT, request_id VARCHAR(255),
  response_status INTEGER, created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP, metadata JSONB DEFAULT '{}'::jsonb);
CREATE FUNCTION pg_temp.copied(tab text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  columns text := (SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
    WHERE attrelid = format('original.%I', tab)::regclass AND attnum > 0);
BEGIN
  EXECUTE format('INSERT INTO original.%1$I (%2$s) SELECT %2$s FROM netra.%1$I', tab, columns);
END
$$;
SELECT pg_temp.copied(tab) FROM unnest(ARRAY['users', 'threads', 'messages', 'runs', 'references', 'supply_catalog', 'api_keys', 'audit_logs']) AS tab;
CREATE ROLE guest_of_original;
GRANT USAGE ON SCHEMA original TO guest_of_original;
GRANT SELECT ON ALL TABLES IN SCHEMA original TO guest_of_original;

CREATE TEMPORARY TABLE queries AS SELECT * FROM pg_temp.named_queries(:'existing');
CREATE TEMPORARY TABLE report AS SELECT * FROM pg_temp.named_queries(:'report');
CREATE TEMPORARY TABLE answers AS
SELECT name, pg_temp.answer('guest_of_original', '{}', query, '2026-03-12 00:00+00', '2026-03-13 00:00+00') AS rows FROM queries;
SELECT is(jsonb_typeof(rows), 'array', name || ' runs for a guest') FROM answers ORDER BY name;
SELECT is(
  (SELECT string_agg(format('%s.%s', r ->> 'table_name', r ->> 'column_name'), ', ') FROM answers, jsonb_array_elements(rows) AS r WHERE name = 'recognise'),
  CASE current_setting('daybreak.test_server') WHEN 'full' THEN NULL ELSE 'references.embedding' END, 'recognise: the document''s database');
SELECT is(a.rows, pg_temp.answer('daybreak_reader', '{}', r.query, '2026-03-12 00:00+00', '2026-03-13 00:00+00'), a.name || ' says the same')
FROM answers AS a JOIN report AS r USING (name)
WHERE a.name IN ('activity', 'runs', 'run_hours', 'failures', 'tokens', 'audit', 'supply') ORDER BY a.name;
SELECT is(
  (SELECT jsonb_agg(r - 'tokens') FROM jsonb_array_elements(pg_temp.answer('daybreak_reader', '{}', query, '2026-03-12 00:00+00', '2026-03-13 00:00+00')) AS r),
  (SELECT rows FROM answers WHERE name = 'history'), 'history says the same') FROM report WHERE name = 'history';
DROP TABLE audit_logs;
SELECT is(
  (SELECT count(*) FROM jsonb_array_elements(pg_temp.answer('guest_of_original', '{}', (SELECT query FROM queries WHERE name = 'recognise'), now(), now())) AS r
   WHERE r ->> 'table_name' = 'audit_logs' AND r ->> 'found_type' IS NULL), 11::bigint, 'recognise: a table that is not there');

SELECT * FROM finish();
ROLLBACK;
