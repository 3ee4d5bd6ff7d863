-- Searching passages by meaning and by words, with vectors or arrays alike.
\ir ../common/probe.sql
BEGIN;
SELECT no_plan();

INSERT INTO loglytics.users (id, email, password_hash) VALUES
  ('00000000-0000-4000-8000-000000000001', 'olga@search.test', 'x'),
  ('00000000-0000-4000-8000-000000000003', 'sam@search.test', 'x');
INSERT INTO loglytics.projects (id, user_id, name) VALUES
  ('a0000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000001', 'p'),
  ('a0000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-000000000003', 'q');

-- A vector in the plane of the first two axes, at an angle in degrees.
CREATE FUNCTION pg_temp.at(angle double precision) RETURNS real[] LANGUAGE sql AS $$
  SELECT (ARRAY[cosd(angle)::real, sind(angle)::real] || array_fill(0::real, ARRAY[382]))::real[]
$$;
INSERT INTO loglytics.rag_vectors (project_id, user_id, content, embedding) VALUES
  ('a0000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000001', 'connection timed out', pg_temp.at(0)),
  ('a0000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000001', 'disk is full', pg_temp.at(60)),
  ('a0000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000001', 'user signed in', pg_temp.at(90)),
  ('a0000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-000000000003', 'connection timed out', pg_temp.at(0));

CREATE FUNCTION pg_temp.answer(person integer, query text) RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.value_for('daybreak_service', jsonb_build_object('app.current_user_id',
    '00000000-0000-4000-8000-00000000000' || person), query)
$$;
SELECT is(pg_temp.answer(1, $$SELECT string_agg(content || ' ' || round(similarity::numeric, 3), ', ')
    FROM loglytics.search_rag_vectors('a0000000-0000-4000-8000-000000000001', pg_temp.at(0))$$),
  'connection timed out 1.000, disk is full 0.500', 'nearest first, and nothing below the threshold');
SELECT is(pg_temp.answer(1, $$SELECT count(*) FROM loglytics.search_rag_vectors(
    'a0000000-0000-4000-8000-000000000001', pg_temp.at(0), 1)$$), '1', 'the limit holds');
SELECT is(pg_temp.answer(1, $$SELECT count(*) FROM loglytics.search_rag_vectors(
    'a0000000-0000-4000-8000-000000000002', pg_temp.at(0))$$), '0', 'another''s project is empty');
SELECT is(pg_temp.answer(1, $$SELECT string_agg(content || ' ' || round(combined_score::numeric, 3), ', ')
    FROM loglytics.hybrid_search_rag_vectors('a0000000-0000-4000-8000-000000000001', 'disk is full', pg_temp.at(0))$$),
  'connection timed out 0.700, disk is full 0.650', 'hybrid: 0.7 of the meaning and 0.3 of the words');
SELECT is(pg_temp.answer(3, $$SELECT count(*) FROM loglytics.hybrid_search_rag_vectors(
    'a0000000-0000-4000-8000-000000000001', 'disk is full', pg_temp.at(0))$$), '0', 'and nothing for a stranger');
SELECT throws_ok($$INSERT INTO loglytics.rag_vectors (project_id, user_id, content, embedding) VALUES
    ('a0000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000001', 'x', array_fill(0.1::real, ARRAY[383]))$$,
  NULL, NULL, 'a vector of another length is refused');
SELECT throws_ok($$INSERT INTO loglytics.rag_vectors (project_id, user_id, content, embedding, embedding_model) VALUES
    ('a0000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000001', 'x', pg_temp.at(1), 'another')$$,
  '23514', NULL, 'a vector of another model is refused');

-- Beyond 50000 passages it is the index that answers: the same function with a bound of one, so that
-- three passages are many.
DO $$
BEGIN
  EXECUTE replace(replace(pg_get_functiondef(
    'loglytics.search_rag_vectors(uuid, real[], integer, double precision)'::regprocedure), '50001', '2'), '50000', '1');
END
$$;
SELECT is(pg_temp.answer(1, $$SELECT string_agg(content || ' ' || round(similarity::numeric, 3), ', ')
    FROM loglytics.search_rag_vectors('a0000000-0000-4000-8000-000000000001', pg_temp.at(0))$$),
  'connection timed out 1.000, disk is full 0.500', 'the same of many passages');
SELECT is(pg_temp.answer(1, $$SELECT count(*) FROM loglytics.search_rag_vectors(
    'a0000000-0000-4000-8000-000000000002', pg_temp.at(0))$$), '0', 'and still nothing of another''s project');
SELECT matches(
  (SELECT string_agg(line, ' ') FROM pg_temp.plan_of(
    'SELECT id FROM loglytics.rag_vectors ORDER BY embedding OPERATOR(public.<=>) '
    'array_fill(0.1::real, ARRAY[384])::public.vector(384) LIMIT 10') AS line),
  'idx_rag_vectors_embedding', 'ordering by the operator itself can use the index')
FROM (SELECT set_config('enable_seqscan', 'off', true)) AS s WHERE current_setting('daybreak.test_server') = 'full';

SELECT is(
  (SELECT a.amname FROM pg_class AS c JOIN pg_am AS a ON a.oid = c.relam WHERE c.relname = 'idx_rag_vectors_embedding'),
  'hnsw', 'an index that needs no rows to be built well')
WHERE current_setting('daybreak.test_server') = 'full';

-- Both ways of computing agree.
SELECT is(round(loglytics.text_similarity(a, b)::numeric, 5), round(loglytics.trigram_similarity(a, b)::numeric, 5),
  format('similarity of %s and %s', quote_literal(a), quote_literal(b)))
FROM (VALUES ('word', 'two words'), ('Connection TIMED out', 'connection timed-out!'), ('', ''), ('a', 'a'),
  ('db_1 is down', 'db 1 down'), ('same', 'same'), ('ünïcode wörds', 'unicode wörds'), ('x y z', 'z y x')) AS t (a, b);
SELECT is(loglytics.trigram_similarity('word', 'two words')::numeric(7, 6), 0.363636::numeric(7, 6),
  'as PostgreSQL''s documentation has it');
SELECT is(round(loglytics.cosine_distance(pg_temp.at(0), pg_temp.at(60))::numeric, 6), 0.5, 'cosine of 60 degrees');
SELECT is(loglytics.cosine_distance(array_fill(0::real, ARRAY[3]), ARRAY[1, 2, 3]::real[]), 'NaN'::float8,
  'nothing has no direction');
SELECT throws_ok($$SELECT loglytics.cosine_distance(ARRAY[1]::real[], ARRAY[1, 2]::real[])$$, '22000', NULL,
  'lengths must agree');

SELECT * FROM finish();
ROLLBACK;
