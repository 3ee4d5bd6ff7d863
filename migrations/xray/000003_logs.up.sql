-- The log records, one partition a UTC day.
-- squawk-ignore-file prefer-text-field, prefer-bigint-over-int, prefer-identity, require-concurrent-index-creation
-- A partition cannot take over an identity column on PostgreSQL 15, so id has a sequence, as in the
-- document; an index of a partitioned table cannot be made concurrently, and this one is empty.
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;

-- No key, as in the document: the same line may well be logged twice. What is loaded once only is a
-- range of a file; xray.imports keeps that.
CREATE TABLE xray.logs (
  id bigserial,
  "timestamp" timestamptz NOT NULL,
  source_ip inet NOT NULL,
  -- 0 where the address came from X-Forwarded-For or a PROXY header.
  source_port integer NOT NULL CHECK (source_port BETWEEN 0 AND 65535),
  -- accepted or rejected.
  action varchar(50),
  protocol_id integer REFERENCES xray.protocols (id),
  -- NULL for rejected connections, which never said where to.
  destination_id integer REFERENCES xray.endpoints (id),
  destination_port integer CHECK (destination_port BETWEEN 0 AND 65535),
  inbound_tag_id integer REFERENCES xray.tags (id),
  outbound_tag_id integer REFERENCES xray.tags (id),
  -- NULL where the line has no email.
  user_id integer REFERENCES xray.users (id)
) PARTITION BY RANGE ("timestamp");
COMMENT ON TABLE xray.logs IS 'Connections that an Xray server accepted or rejected.';

-- All of the document's, the optional ones too: BTREE for order and narrow ranges, BRIN, which takes
-- three pages a day, for wide ones.
CREATE INDEX idx_logs_timestamp ON xray.logs ("timestamp");
CREATE INDEX idx_logs_timestamp_brin ON xray.logs USING brin ("timestamp")
  WITH (pages_per_range = 256);
CREATE INDEX idx_logs_user_id ON xray.logs (user_id);
CREATE INDEX idx_logs_user_ts ON xray.logs (user_id, "timestamp");
CREATE INDEX idx_logs_source_ip ON xray.logs (source_ip);
CREATE INDEX idx_logs_destination_id ON xray.logs (destination_id);

-- For lines of days that nobody made a partition for: nothing is lost, and xray.logs_partitions tells.
-- It has to stay empty, since every new partition is checked against it.
CREATE TABLE xray.logs_default PARTITION OF xray.logs DEFAULT;

-- Rights stand on the table alone; nobody reaches into a part of it.
REVOKE ALL ON xray.logs, xray.logs_default FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON xray.logs TO daybreak_service;
GRANT USAGE ON SEQUENCE xray.logs_id_seq TO daybreak_service;
GRANT SELECT ON xray.logs TO daybreak_reader;

-- Makes the daily partitions from first_moment up to and with end_moment that are not there yet, and
-- says how many. Call it before a load, for the load's range, and every night for the days ahead.
--
-- CREATE TABLE … PARTITION OF would wait for every reader of logs; LIKE and ATTACH wait for none of
-- them but readers of the default partition, and for those not longer than lock_timeout. The advisory
-- lock keeps two that prepare the same day from failing on each other. A CHECK with the day's bounds
-- spares ATTACH the scan of the new partition. Rows of such a day that lie in the default partition
-- move. Bounds carry +00, so that no session's time zone shifts them. SECURITY DEFINER because only the
-- owner may attach, and who loads is not the owner; the range is bounded, and nothing is returned but a
-- number.
CREATE FUNCTION xray.prepare_logs(first_moment timestamptz, end_moment timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET lock_timeout = '5s'
AS $$
DECLARE
  day date;
  partition_name name;
  day_start text;
  day_end text;
  made integer := 0;
BEGIN
  IF first_moment IS NULL OR end_moment IS NULL OR NOT isfinite(first_moment)
    OR NOT isfinite(end_moment) OR end_moment < first_moment
    OR end_moment - first_moment > interval '400 days'
  THEN
    RAISE EXCEPTION 'partitions are made for at most 400 days at once'
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  FOR day IN
    SELECT generate_series(first_moment::date, end_moment::date, interval '1 day')::date
  LOOP
    partition_name := 'logs_' || to_char(day, 'YYYY_MM_DD');
    CONTINUE WHEN EXISTS (
      SELECT FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
      WHERE i.inhparent = 'xray.logs'::regclass AND c.relname = partition_name);
    PERFORM pg_advisory_xact_lock(hashtextextended('xray.logs partitions', 0));
    -- Somebody may have made it while this session waited.
    CONTINUE WHEN EXISTS (
      SELECT FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
      WHERE i.inhparent = 'xray.logs'::regclass AND c.relname = partition_name);
    day_start := day::text || ' 00:00:00+00';
    day_end := (day + 1)::text || ' 00:00:00+00';
    EXECUTE format(
      'CREATE TABLE xray.%I (LIKE xray.logs INCLUDING DEFAULTS INCLUDING CONSTRAINTS, '
      'CONSTRAINT within_day CHECK ("timestamp" >= %L AND "timestamp" < %L))',
      partition_name, day_start, day_end);
    EXECUTE format(
      'WITH moved AS (DELETE FROM xray.logs_default '
      'WHERE "timestamp" >= %L AND "timestamp" < %L RETURNING *) '
      'INSERT INTO xray.%I SELECT * FROM moved', day_start, day_end, partition_name);
    EXECUTE format('ALTER TABLE xray.logs ATTACH PARTITION xray.%I FOR VALUES FROM (%L) TO (%L)',
      partition_name, day_start, day_end);
    -- The partition's bound says the same from here on.
    EXECUTE format('ALTER TABLE xray.%I DROP CONSTRAINT within_day', partition_name);
    made := made + 1;
  END LOOP;
  RETURN made;
END
$$;

-- Makes partitions for the days of all rows that lie in the default partition, which is empty
-- afterwards. Rows of more than 400 days are left for the next call.
CREATE FUNCTION xray.empty_default_logs() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET lock_timeout = '5s'
AS $$
DECLARE
  day date;
  made integer := 0;
BEGIN
  FOR day IN
    SELECT DISTINCT "timestamp"::date AS found FROM xray.logs_default
    WHERE isfinite("timestamp") ORDER BY found LIMIT 400
  LOOP
    made := made + xray.prepare_logs(day::timestamp AT TIME ZONE 'UTC', day::timestamp AT TIME ZONE 'UTC');
  END LOOP;
  RETURN made;
END
$$;

-- Drops the partitions that end at or before a moment, oldest first, and says how many. One that is in
-- use for longer than lock_timeout ends the work; the next call takes it up again. For the owner alone:
-- it deletes.
CREATE FUNCTION xray.drop_logs(before timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET lock_timeout = '5s'
AS $$
DECLARE
  expired name;
  dropped integer := 0;
BEGIN
  IF before IS NULL OR NOT isfinite(before) OR before > now() THEN
    RAISE EXCEPTION 'only days that are over can be dropped'
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('xray.logs partitions', 0));
  FOR expired IN
    SELECT partition_name FROM xray.logs_partitions
    WHERE range_end <= before ORDER BY range_end
  LOOP
    BEGIN
      EXECUTE format('DROP TABLE xray.%I', expired);
      dropped := dropped + 1;
    EXCEPTION WHEN lock_not_available THEN
      EXIT;
    END;
  END LOOP;
  RETURN dropped;
END
$$;

-- Every part of logs with its bounds and sizes. For days the number of rows is the planner's estimate
-- (-1: never analyzed); for the default partition it is exact, and has to be 0.
CREATE VIEW xray.logs_partitions WITH (security_invoker = true) AS
SELECT c.relname AS partition_name,
  bound.limits[1]::timestamptz AS range_start, bound.limits[2]::timestamptz AS range_end,
  bound.limits IS NULL AS is_default,
  c.reltuples::bigint AS estimated_rows, pg_catalog.pg_total_relation_size(c.oid) AS bytes
FROM pg_catalog.pg_inherits AS i
JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid,
LATERAL (SELECT regexp_match(pg_catalog.pg_get_expr(c.relpartbound, c.oid),
  'FROM \(''([^'']+)''\) TO \(''([^'']+)''\)') AS limits) AS bound
WHERE i.inhparent = 'xray.logs'::pg_catalog.regclass;

-- How many rows lie in the default partition, and the days of the first and the last of them.
-- SECURITY DEFINER because nobody has rights on a part; a count and two times are all it tells.
CREATE FUNCTION xray.default_logs()
RETURNS TABLE (stray_rows bigint, first_at timestamptz, last_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$ SELECT count(*), min("timestamp"), max("timestamp") FROM xray.logs_default $$;

-- What is there of the days ahead: for how many whole days after a moment a partition is ready.
CREATE FUNCTION xray.days_ahead(moment timestamptz) RETURNS integer
LANGUAGE sql STABLE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
  SELECT count(*)::integer FROM (
    SELECT range_start,
      range_start - make_interval(days => (row_number() OVER (ORDER BY range_start))::integer) AS island
    FROM xray.logs_partitions
    WHERE range_start > date_trunc('day', moment, 'UTC')
  ) AS days
  WHERE island = date_trunc('day', moment, 'UTC')
$$;

REVOKE ALL ON xray.logs_partitions FROM PUBLIC;
GRANT SELECT ON xray.logs_partitions TO daybreak_service, daybreak_reader;
REVOKE ALL ON FUNCTION xray.prepare_logs(timestamptz, timestamptz), xray.empty_default_logs(),
  xray.drop_logs(timestamptz), xray.default_logs(), xray.days_ahead(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION xray.prepare_logs(timestamptz, timestamptz), xray.empty_default_logs()
  TO daybreak_service;
GRANT EXECUTE ON FUNCTION xray.default_logs(), xray.days_ahead(timestamptz)
  TO daybreak_service, daybreak_reader;

RESET ROLE;
