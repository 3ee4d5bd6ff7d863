-- Searching documents by meaning, and by meaning and words, with vectors or arrays alike.
\ir ../common/probe.sql
BEGIN;
SELECT no_plan();

INSERT INTO anzx.organizations (id, name) VALUES
  ('10000000-0000-4000-8000-000000000001', 'search one'), ('10000000-0000-4000-8000-000000000002', 'search two');
INSERT INTO anzx.knowledge_sources (id, organization_id, name, type, embedding_model) VALUES
  ('50000000-0000-4000-8000-000000000001', '10000000-0000-4000-8000-000000000001', 'manual', 'text', 'text-embedding-004'),
  ('50000000-0000-4000-8000-000000000002', '10000000-0000-4000-8000-000000000001', 'other model', 'text', 'other'),
  ('50000000-0000-4000-8000-000000000003', '10000000-0000-4000-8000-000000000002', 'secret', 'text', 'text-embedding-004'),
  ('50000000-0000-4000-8000-000000000004', '10000000-0000-4000-8000-000000000001', 'second', 'text', 'text-embedding-004');
-- A vector in the plane of the first two axes, at an angle in degrees.
CREATE FUNCTION pg_temp.at(angle double precision) RETURNS real[] LANGUAGE sql AS $$
  SELECT (ARRAY[cosd(angle)::real, sind(angle)::real] || array_fill(0::real, ARRAY[766]))::real[]
$$;
INSERT INTO anzx.documents (knowledge_source_id, content, chunk_index, embedding) VALUES
  ('50000000-0000-4000-8000-000000000001', 'customer support hours', 0, pg_temp.at(0)),
  ('50000000-0000-4000-8000-000000000001', 'how to reset a password', 1, pg_temp.at(30)),
  ('50000000-0000-4000-8000-000000000001', 'refund policy', 2, pg_temp.at(60)),
  ('50000000-0000-4000-8000-000000000001', 'customer support', 3, NULL),
  ('50000000-0000-4000-8000-000000000002', 'another model', 0, pg_temp.at(0)),
  ('50000000-0000-4000-8000-000000000003', 'customer support hours', 0, pg_temp.at(0)),
  ('50000000-0000-4000-8000-000000000004', 'opening hours', 0, pg_temp.at(10));

CREATE FUNCTION pg_temp.answer(organization text, query text, as_role text DEFAULT 'daybreak_service')
RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.value_for(as_role, jsonb_build_object('anzx.organization_id',
    '10000000-0000-4000-8000-00000000000' || organization), query)
$$;
SELECT is(pg_temp.answer('1', $$SELECT string_agg(content || ' ' || round(similarity::numeric, 3), ', ')
    FROM anzx.similarity_search('10000000-0000-4000-8000-000000000001', pg_temp.at(0))$$, role),
  'customer support hours 1.000, opening hours 0.985, how to reset a password 0.866',
  'nearest first, nothing below 0.7, nothing of another model, as ' || role)
FROM unnest(ARRAY['daybreak_service', 'daybreak_reader']) AS role;
SELECT is(pg_temp.answer('1', $$SELECT count(*) FROM anzx.similarity_search('10000000-0000-4000-8000-000000000001',
    pg_temp.at(0), 1)$$), '1', 'the limit holds');
SELECT is(pg_temp.answer('1', $$SELECT count(*) FROM anzx.similarity_search('10000000-0000-4000-8000-000000000001',
    pg_temp.at(0), 10, -1)$$), '4', 'the threshold is the caller''s; documents without an embedding are left out');
SELECT is(pg_temp.answer('1', $$SELECT string_agg(content, ', ') FROM anzx.similarity_search(
    '10000000-0000-4000-8000-000000000001', pg_temp.at(0), 10, 0.7, ARRAY['50000000-0000-4000-8000-000000000004']::uuid[])$$),
  'opening hours', 'only in the sources asked for');
SELECT is(pg_temp.answer('1', $$SELECT content FROM anzx.similarity_search('10000000-0000-4000-8000-000000000001',
    pg_temp.at(0), 10, 0.7, NULL, 'other')$$), 'another model', 'another model by its name');
SELECT is(pg_temp.answer('2', $$SELECT count(*) FROM anzx.similarity_search('10000000-0000-4000-8000-000000000001',
    pg_temp.at(0))$$), '0', 'another organization''s id finds nothing');
SELECT is(pg_temp.answer('2', $$SELECT count(*) FROM anzx.hybrid_search('10000000-0000-4000-8000-000000000001',
    'customer support', pg_temp.at(0))$$), '0', 'nor by words');
-- 'refund policy' by meaning: 0.7 * 0.5 = 0.35; by words 1: 0.3 more.
SELECT is(pg_temp.answer('1', $$SELECT round(vector_score::numeric, 3) || ' ' || round(text_score::numeric, 3) || ' '
      || round(combined_score::numeric, 3)
    FROM anzx.hybrid_search('10000000-0000-4000-8000-000000000001', 'refund policy', pg_temp.at(0))
    WHERE content = 'refund policy'$$), '0.500 1.000 0.650', '0.7 of the meaning and 0.3 of the words');
SELECT is(pg_temp.answer('1', $$SELECT content FROM anzx.hybrid_search('10000000-0000-4000-8000-000000000001',
    'refund policy', pg_temp.at(0), 10, 0.0, 1.0)$$), 'refund policy', 'weights are the caller''s');
SELECT is(pg_temp.answer('1', $$SELECT round(combined_score::numeric, 3) FROM anzx.hybrid_search(
    '10000000-0000-4000-8000-000000000001', 'customer support', pg_temp.at(0)) WHERE content = 'customer support'$$),
  '0.300', 'a document without an embedding is found by its words');
SELECT is(pg_temp.answer('1', $$SELECT count(*) FROM anzx.hybrid_search('10000000-0000-4000-8000-000000000001',
    'xyzzy', pg_temp.at(270))$$), '0', 'what fits neither way is not kept');
SELECT is(pg_temp.answer('1', $$SELECT count(*) FROM (SELECT combined_score, lag(combined_score) OVER () AS before
    FROM anzx.hybrid_search('10000000-0000-4000-8000-000000000001', 'customer support', pg_temp.at(0))) AS r
    WHERE combined_score > before$$), '0', 'the best come first');

SELECT throws_ok($$INSERT INTO anzx.documents (knowledge_source_id, content, chunk_index, embedding) VALUES
    ('50000000-0000-4000-8000-000000000001', 'x', 9, array_fill(0.1::real, ARRAY[384]))$$, NULL, NULL,
  'a vector of another length is refused');
SELECT throws_ok($$INSERT INTO anzx.documents (knowledge_source_id, content, chunk_index) VALUES
    ('50000000-0000-4000-8000-000000000001', 'x', 0)$$, '23505', NULL, 'a chunk is there once');
SELECT is(round(anzx.text_similarity(a, b)::numeric, 5), round(anzx.trigram_similarity(a, b)::numeric, 5),
  format('similarity of %s and %s, both ways', quote_literal(a), quote_literal(b)))
FROM (VALUES ('customer support', 'Customer Support!'), ('word', 'two words'), ('', 'x'), ('refund', 'refunds of refunds'),
  ('état', 'etat'), ('a1 b2', 'b2 a1')) AS t (a, b);
SELECT is(round(anzx.cosine_distance(pg_temp.at(0), pg_temp.at(angle))::numeric, 4), round((1 - cosd(angle))::numeric, 4),
  format('cosine distance of %s degrees', angle))
FROM unnest(ARRAY[0, 45, 90, 180]) AS angle;

-- Beyond 50000 documents it is the index that answers: the same functions with a bound of one, so that
-- seven documents are many. hybrid_search() then looks at candidates alone.
DO $$
DECLARE
  searching regprocedure;
BEGIN
  FOR searching IN SELECT oid FROM pg_proc
    WHERE pronamespace = 'anzx'::regnamespace AND proname IN ('similarity_search', 'hybrid_search')
  LOOP
    EXECUTE replace(replace(pg_get_functiondef(searching), '50001', '2'), '50000', '1');
  END LOOP;
END
$$;
SELECT is(pg_temp.answer('1', $$SELECT string_agg(content || ' ' || round(similarity::numeric, 3), ', ')
    FROM anzx.similarity_search('10000000-0000-4000-8000-000000000001', pg_temp.at(0))$$),
  'customer support hours 1.000, opening hours 0.985, how to reset a password 0.866', 'the same of many documents');
SELECT is(pg_temp.answer('1', $$SELECT string_agg(content, ', ') FROM anzx.hybrid_search(
    '10000000-0000-4000-8000-000000000001', 'customer support', pg_temp.at(0), 2)$$),
  'customer support hours, opening hours', 'hybrid search of many documents');
SELECT is(pg_temp.answer('1', $$SELECT count(*) FROM anzx.hybrid_search(
    '10000000-0000-4000-8000-000000000001', 'customer support', pg_temp.at(0)) WHERE content = 'customer support'$$),
  CASE current_setting('daybreak.test_server') WHEN 'full' THEN '1' ELSE '0' END,
  'words have candidates of their own where pg_trgm is there');
SELECT is(pg_temp.answer('2', $$SELECT count(*) FROM anzx.similarity_search('10000000-0000-4000-8000-000000000001',
    pg_temp.at(0))$$), '0', 'and still nothing of another organization');
SELECT is(
  (SELECT a.amname FROM pg_class AS c JOIN pg_am AS a ON a.oid = c.relam WHERE c.relname = 'idx_documents_embedding_cosine'),
  'hnsw', 'an index that needs no rows to be built well')
WHERE current_setting('daybreak.test_server') = 'full';
SELECT matches(
  (SELECT string_agg(line, ' ') FROM pg_temp.plan_of(
    'SELECT id FROM anzx.documents ORDER BY embedding OPERATOR(public.<=>) '
    'array_fill(0.1::real, ARRAY[768])::public.vector(768) LIMIT 10') AS line),
  'idx_documents_embedding_cosine', 'ordering by the operator itself can use the index')
FROM (SELECT set_config('enable_seqscan', 'off', true)) AS s WHERE current_setting('daybreak.test_server') = 'full';
SELECT matches(
  pg_get_indexdef(c.oid), 'organization_id, content (public\.)?gin_trgm_ops',
  'btree_gin lets the organization lead the index of words')
FROM pg_class AS c WHERE relname = 'idx_documents_content_trgm';

SELECT * FROM finish();
ROLLBACK;
