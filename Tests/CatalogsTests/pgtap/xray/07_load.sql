-- Loading a range as catalogs/xray/load.sql says, by the service: once, whole, with every name made once.
\ir ../common/named_queries.sql
\set load `cat catalogs/xray/load.sql`
BEGIN;
SELECT no_plan();

CREATE TEMPORARY TABLE statements AS SELECT * FROM pg_temp.named_queries(:'load');
GRANT SELECT ON statements TO daybreak_service;
SELECT is(ARRAY(SELECT name FROM statements), ARRAY['known_range', 'last_range', 'prepare', 'begin_range', 'stage',
  'copy', 'names', 'insert', 'unplaced', 'rejections'], 'the statements');
CREATE FUNCTION pg_temp.begin_range(path text, digest text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  made bigint;
BEGIN
  EXECUTE (SELECT query FROM statements WHERE name = 'begin_range') INTO made
  USING path, 2049::bigint, 77::bigint, 0::bigint, 1000::bigint, digest, 'UTC'::text, '2031-03-01 00:00+00'::timestamptz,
    '2031-03-01 23:00+00'::timestamptz, 6::bigint, 4::bigint, 2::bigint;
  RETURN made;
END
$$;
CREATE FUNCTION pg_temp.counted(statement text, import bigint, minutes timestamptz[], reasons text[], counts bigint[])
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  touched bigint;
BEGIN
  EXECUTE (SELECT query FROM statements WHERE name = statement) USING import, minutes, reasons, counts;
  GET DIAGNOSTICS touched = ROW_COUNT;
  RETURN touched;
END
$$;
CREATE FUNCTION pg_temp.plain(statement text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  touched bigint;
BEGIN
  EXECUTE (SELECT query FROM statements WHERE name = statement);
  GET DIAGNOSTICS touched = ROW_COUNT;
  RETURN touched;
END
$$;
CREATE FUNCTION pg_temp.prepared() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  made integer;
BEGIN
  EXECUTE (SELECT query FROM statements WHERE name = 'prepare') INTO made
  USING '2031-03-01 00:00+00'::timestamptz, '2031-03-01 23:00+00'::timestamptz;
  RETURN made;
END
$$;
CREATE FUNCTION pg_temp.last_range() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  answer bigint;
BEGIN
  EXECUTE (SELECT query FROM statements WHERE name = 'last_range') INTO answer USING 2049::bigint, 77::bigint;
  RETURN answer;
END
$$;
CREATE FUNCTION pg_temp.known_range(digest text, length bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  answer record;
BEGIN
  EXECUTE (SELECT query FROM statements WHERE name = 'known_range') INTO answer USING digest, length;
  RETURN answer.path;
END
$$;

SET LOCAL ROLE daybreak_service;
SELECT is(pg_temp.last_range(), NULL, 'nothing of the file was read');
SELECT is(pg_temp.prepared(), 1, 'one day');
SELECT isnt(pg_temp.begin_range('/load/a', repeat('e', 64)), NULL, 'a range begins');
SELECT is(pg_temp.begin_range('/load/b', repeat('e', 64)), NULL, 'the same bytes under another name do not');
SELECT is(pg_temp.known_range(repeat('e', 64), 1000), '/load/a', 'they are known');
SELECT is(pg_temp.known_range(repeat('e', 64), 999), NULL, 'by digest and length');
SELECT is(pg_temp.last_range(), 1000::bigint, 'how far the file was read');
SELECT is(pg_temp.plain('stage'), 0::bigint, 'a place to copy to');
-- In place of COPY, which wants a client.
INSERT INTO staged_logs VALUES
  ('2031-03-01 12:00:01+00', '192.0.2.1', 1000, 'accepted', 'tcp', 'load-a.test', 443, 'load in', 'load out', 'load@xray.test'),
  ('2031-03-01 12:00:00+00', '2001:db8::1', 0, 'accepted', 'udp', 'load-a.test', 53, NULL, 'load out', NULL),
  ('2031-03-01 12:00:02+00', '192.0.2.1', 1001, 'rejected', NULL, NULL, NULL, NULL, NULL, NULL),
  ('2031-03-01 12:00:03+00', '192.0.2.1', 1002, 'accepted', 'tcp', 'load-b.test', 80, 'load in', '', 'load@xray.test');
SELECT is(pg_temp.plain('names'), 1::bigint, 'names');
SELECT is(pg_temp.plain('insert'), 4::bigint, 'four records');
SELECT is(pg_temp.counted('unplaced', (SELECT id FROM xray.imports WHERE path = '/load/a'), ARRAY[NULL, '2031-03-01 12:00+00']::timestamptz[],
  ARRAY['unreadable', 'dns_source'], ARRAY[1, 1]), 2::bigint, 'two lines that records cannot hold');
SELECT is(pg_temp.counted('rejections', (SELECT id FROM xray.imports WHERE path = '/load/a'), ARRAY['2031-03-01 12:00+00']::timestamptz[],
  ARRAY['proxy/trojan: not a valid user'], ARRAY[1]), 1::bigint, 'a reason');
RESET ROLE;

SELECT is(
  (SELECT string_agg(concat_ws(' ', host(source_ip), source_port, action, protocol, destination, destination_port, inbound_tag, outbound_tag, email), '; ' ORDER BY id)
   FROM xray.log_records WHERE "timestamp" >= '2031-03-01 00:00+00' AND "timestamp" < '2031-03-02 00:00+00'),
  '2001:db8::1 0 accepted udp load-a.test 53 load out; 192.0.2.1 1000 accepted tcp load-a.test 443 load in load out load@xray.test; '
  '192.0.2.1 1001 rejected; 192.0.2.1 1002 accepted tcp load-b.test 80 load in load@xray.test', 'the records, in order of time');
SELECT is((SELECT count(*) FROM xray.users WHERE email LIKE 'load%'), 1::bigint, 'a user is made once');
SELECT is((SELECT count(*) FROM xray.endpoints WHERE address LIKE 'load-%'), 2::bigint, 'destinations are made once');
SELECT is((SELECT count(*) FROM xray.tags WHERE name LIKE 'load %' OR name = ''), 2::bigint, 'tags are made once, the empty one not');
SELECT is((SELECT lines FROM xray.imports WHERE path = '/load/a'),
  (SELECT count(*) FROM xray.logs WHERE "timestamp" >= '2031-03-01 00:00+00' AND "timestamp" < '2031-03-02 00:00+00')
    + (SELECT sum(n.lines)::bigint FROM xray.unplaced_lines AS n JOIN xray.imports AS i ON i.id = n.import_id WHERE i.path = '/load/a'),
  'every line is a record or is counted');

SELECT * FROM finish();
ROLLBACK;
