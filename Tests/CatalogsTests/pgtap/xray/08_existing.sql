-- A database that xray-logs made, rebuilt by the document's own statements in a session in Tehran, with the
-- example data of one night in it: recognised, and read as it is.
\ir ../common/named_queries.sql
\set existing `cat catalogs/xray/existing.sql`
\set report `cat catalogs/xray/report.sql`
BEGIN;
SELECT no_plan();

CREATE SCHEMA original;
SET LOCAL search_path TO original, tap, public;
SET LOCAL timezone = 'Asia/Tehran';
CREATE TABLE users (id SERIAL PRIMARY KEY, email VARCHAR(255) UNIQUE NOT NULL);
CREATE TABLE protocols (id SERIAL PRIMARY KEY, name VARCHAR(10) UNIQUE NOT NULL);
CREATE TABLE endpoints (id SERIAL PRIMARY KEY, address VARCHAR(255) UNIQUE NOT NULL);
CREATE TABLE tags (id SERIAL PRIMARY KEY, name VARCHAR(100) UNIQUE NOT NULL);
CREATE TABLE logs (id BIGSERIAL, "timestamp" TIMESTAMPTZ NOT NULL, source_ip INET NOT NULL, source_port INTEGER NOT NULL,
  action VARCHAR(50), protocol_id INTEGER REFERENCES protocols(id), destination_id INTEGER REFERENCES endpoints(id),
  destination_port INTEGER, inbound_tag_id INTEGER REFERENCES tags(id), outbound_tag_id INTEGER REFERENCES tags(id),
  user_id INTEGER REFERENCES users(id)) PARTITION BY RANGE ("timestamp");
CREATE TABLE logs_2026_03_11 PARTITION OF logs FOR VALUES FROM ('2026-03-11') TO ('2026-03-12');
CREATE TABLE logs_2026_03_12 PARTITION OF logs FOR VALUES FROM ('2026-03-12') TO ('2026-03-13');
CREATE TABLE logs_2026_03_13 PARTITION OF logs FOR VALUES FROM ('2026-03-13 00:00:00+03:30') TO ('2026-03-14 00:00:00+00');
INSERT INTO users SELECT * FROM xray.users;
INSERT INTO protocols SELECT * FROM xray.protocols;
INSERT INTO endpoints SELECT * FROM xray.endpoints;
INSERT INTO tags SELECT * FROM xray.tags;
INSERT INTO logs SELECT * FROM xray.logs WHERE "timestamp" >= '2026-03-11 00:00+00' AND "timestamp" < '2026-03-13 00:00+00';
CREATE ROLE guest_of_original;
GRANT USAGE ON SCHEMA original TO guest_of_original;
GRANT SELECT ON ALL TABLES IN SCHEMA original TO guest_of_original;

CREATE TEMPORARY TABLE queries AS SELECT * FROM pg_temp.named_queries(:'existing');
CREATE TEMPORARY TABLE report AS SELECT * FROM pg_temp.named_queries(:'report');
CREATE TEMPORARY TABLE answers AS
SELECT name, pg_temp.answer('guest_of_original', '{}', query, '2026-03-12 00:00+00', '2026-03-13 00:00+00') AS rows FROM queries;
SELECT is(jsonb_typeof(rows), 'array', name || ' runs for a guest') FROM answers ORDER BY name;
SELECT is(rows, '[]', 'recognise: the document''s database has no differences') FROM answers WHERE name = 'recognise';
SELECT is(
  (SELECT string_agg(format('%s %s', r ->> 'partition_name', r ->> 'whole_utc_day'), ', ') FROM answers, jsonb_array_elements(rows) AS r WHERE name = 'partitions'),
  'logs_2026_03_11 false, logs_2026_03_12 false, logs_2026_03_13 false', 'partitions: whose days are not UTC''s');
-- What needs no history, and no table of Daybreak's, says the same as in Daybreak's own schema.
SELECT is(a.rows, pg_temp.answer('daybreak_reader', '{}', r.query, '2026-03-12 00:00+00', '2026-03-13 00:00+00'), a.name || ' says the same')
FROM answers AS a JOIN report AS r USING (name)
WHERE a.name IN ('totals', 'hours', 'many_sources', 'sessions', 'destinations', 'blocked', 'rejected_sources', 'routes', 'protocols', 'silences')
ORDER BY a.name;
SELECT is((SELECT count(*) FROM answers, jsonb_array_elements(rows) WHERE name = 'history'), 28::bigint, 'history: 28 days');

-- Differences are named.
ALTER TABLE logs ADD COLUMN node text;
ALTER TABLE users ALTER COLUMN email TYPE text;
ALTER TABLE logs DROP COLUMN action;
SELECT is(
  (SELECT string_agg(concat_ws(' ', r ->> 'table_name', r ->> 'column_name', coalesce(r ->> 'expected_type', '-'), coalesce(r ->> 'found_type', '-')), ', ')
   FROM jsonb_array_elements(pg_temp.answer('guest_of_original', '{}', (SELECT query FROM queries WHERE name = 'recognise'), now(), now())) AS r),
  'logs action character varying(50) -, logs node - text, users email character varying(255) text', 'recognise: a column less, one more, one of another type');

SELECT * FROM finish();
ROLLBACK;
