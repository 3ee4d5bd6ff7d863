-- Search by meaning: exact, the nearest first, and among the rows of the transaction's user alone.
\ir ../common/probe.sql
BEGIN;
SELECT no_plan();

INSERT INTO netra.users (id, email) VALUES (900001, 'one@search.test'), (900002, 'two@search.test');
-- Vectors of two coordinates that count; the angle to (1, 0) grows from near to far.
CREATE FUNCTION pg_temp.direction(x real, y real) RETURNS real[] LANGUAGE sql AS
$$ SELECT ARRAY[x, y] || array_fill(0::real, ARRAY[1534]) $$;
INSERT INTO netra."references" (id, user_id, name, type, embedding)
SELECT ('c3000000-0000-4000-8000-00000000000' || n)::uuid, person, name, 'document', pg_temp.direction(x, y)
FROM (VALUES (1, 900001, 'near', 1.0::real, 0.1::real), (2, 900001, 'far', 0.1, 1.0),
  (3, 900001, 'opposite', -1.0, 0.0), (4, 900002, 'of another', 1.0, 0.0)) AS t (n, person, name, x, y);
INSERT INTO netra."references" (id, user_id, name, type) VALUES
  ('c3000000-0000-4000-8000-000000000005', 900001, 'without', 'document');

CREATE FUNCTION pg_temp.found(settings jsonb, query text, wanted text DEFAULT '10', as_role text DEFAULT 'daybreak_service')
RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.value_for(as_role, settings, format(
    'SELECT string_agg(name, '', '' ORDER BY place) FROM netra.search_references(%s, %s)
     WITH ORDINALITY AS f (id, name, type, similarity, place)', query, wanted))
$$;
GRANT EXECUTE ON FUNCTION pg_temp.direction(real, real) TO PUBLIC;
SELECT is(pg_temp.found('{"netra.user_id": "900001"}', 'pg_temp.direction(1, 0)'), 'near, far, opposite',
  'the nearest first, none of another''s, none without an embedding');
SELECT is(pg_temp.found('{"netra.user_id": "900001"}', 'pg_temp.direction(0, 1)'), 'far, near, opposite',
  'nearest to another vector');
SELECT is(pg_temp.found('{"netra.user_id": "900001"}', 'pg_temp.direction(1, 0)', '2'), 'near, far', 'as many as wanted');
SELECT is(pg_temp.found('{"netra.user_id": "900001"}', 'pg_temp.direction(1, 0)', wanted), 'NULL', 'none for ' || wanted)
FROM unnest(ARRAY['0', '-3']) AS wanted;
SELECT is(pg_temp.found('{"netra.user_id": "900002"}', 'pg_temp.direction(1, 0)'), 'of another', 'another finds his own');
SELECT is(pg_temp.found(settings, 'pg_temp.direction(1, 0)'), 'NULL', 'nothing ' || what)
FROM (VALUES ('{"netra.user_id": ""}'::jsonb, 'for nobody'),
  ('{"netra.user_id": "", "netra.acts_as_system": "on"}', 'for the system'),
  ('{"netra.user_id": "900003"}', 'for a user without references')) AS t (settings, what);
SELECT is(pg_temp.found('{"netra.user_id": "900001"}', 'pg_temp.direction(1, 0)', '10', 'daybreak_reader'),
  'near, far, opposite', 'readers search as well');
SELECT is(pg_temp.found('{"netra.user_id": "900001"}', query), 'NULL', 'nothing is near ' || what)
FROM (VALUES ('pg_temp.direction(0, 0)', 'a vector without direction'), ('ARRAY[1, 0]::real[]', 'a vector of two dimensions'),
  ('NULL', 'no vector')) AS t (query, what);
SELECT is(
  pg_temp.value_for('daybreak_service', '{"netra.user_id": "900001"}',
    'SELECT round(similarity::numeric, 4) FROM netra.search_references(pg_temp.direction(2, 0), 1)'),
  '0.9950', 'similarity is the cosine, whatever the length');

SELECT is(round(netra.cosine_similarity(a, b)::numeric, 6), outcome::numeric, what)
FROM (VALUES
  (ARRAY[1, 0]::real[], ARRAY[1, 0]::real[], 1, 'cosine of a vector and itself'),
  (ARRAY[1, 0]::real[], ARRAY[0, 3]::real[], 0, 'cosine of a right angle'),
  (ARRAY[1, 1]::real[], ARRAY[-2, -2]::real[], -1, 'cosine of opposites'),
  (ARRAY[3, 4]::real[], ARRAY[4, 3]::real[], 0.96, 'cosine of 3, 4 and 4, 3'),
  (ARRAY[0, 0]::real[], ARRAY[1, 0]::real[], NULL, 'no cosine of a zero vector'),
  (ARRAY[1, 0]::real[], ARRAY[1, 0, 0]::real[], NULL, 'no cosine of unequal lengths')) AS t (a, b, outcome, what);

-- On the example data: what shares a topic is found first, for every user.
SELECT is(
  pg_temp.value_for('daybreak_service', jsonb_build_object('netra.user_id', person), format(
    'SELECT bool_and(f.id = %L) FROM netra.search_references((SELECT embedding::real[] FROM netra."references" WHERE id = %L), 1) AS f',
    id, id)), 'true', format('user %s finds the reference it asks with', person))
FROM (SELECT DISTINCT ON (user_id) user_id AS person, id FROM netra."references"
  WHERE user_id < 900000 AND embedding IS NOT NULL ORDER BY user_id, id LIMIT 8) AS samples;

SELECT * FROM finish();
ROLLBACK;
