-- Log lines by day: a hypertable where TimescaleDB is there, native partitions of one UTC day elsewhere.
--
-- The parts live in a schema that nobody but the owner may enter: row-level security stands on the
-- table and not on its parts, and TimescaleDB hands the table's rights down to its chunks, which in
-- its own schema anybody could then read past the policies. Compression stays off: TimescaleDB refuses
-- it on a table with row-level security. The key holds the time as well as the id, because a unique
-- index of a table in parts must; so nothing can refer to an entry by its id alone.
--
-- The tables of these indexes were made a moment ago.
-- squawk-ignore-file require-concurrent-index-creation
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

CREATE SCHEMA loglytics_partitions AUTHORIZATION daybreak_owner;
REVOKE ALL ON SCHEMA loglytics_partitions FROM PUBLIC;

SET LOCAL ROLE daybreak_owner;
DO $migration$
DECLARE
  definition constant text := $sql$
    CREATE TABLE loglytics.log_entries (
      id uuid NOT NULL DEFAULT gen_random_uuid(),
      log_file_id uuid NOT NULL,
      project_id uuid NOT NULL,
      user_id uuid NOT NULL REFERENCES loglytics.users (id) ON DELETE CASCADE,
      "timestamp" timestamptz NOT NULL,
      log_level loglytics.log_level,
      message text NOT NULL,
      source varchar(255),
      metadata jsonb,
      raw_content text,
      created_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (id, "timestamp"),
      FOREIGN KEY (project_id, log_file_id) REFERENCES loglytics.log_files (project_id, id)
        ON DELETE CASCADE
    )
  $sql$;
  timescaledb constant name := loglytics.extension_schema('timescaledb');
BEGIN
  IF timescaledb IS NOT NULL
    AND current_setting('daybreak.partitions', true) IS DISTINCT FROM 'native'
  THEN
    BEGIN
      EXECUTE definition;
      -- TimescaleDB would warn of varchar, which the originals have.
      PERFORM set_config('client_min_messages', 'error', true);
      EXECUTE format(
        'SELECT %I.create_hypertable(''loglytics.log_entries'', ''timestamp'', '
        'chunk_time_interval => interval ''1 day'', create_default_indexes => false, '
        'associated_schema_name => ''loglytics_partitions'', '
        'associated_table_prefix => ''log_entries'')', timescaledb);
      RETURN;
    EXCEPTION WHEN OTHERS THEN
      RAISE NOTICE 'log_entries becomes a partitioned table, no hypertable: %', SQLERRM;
    END;
  END IF;
  EXECUTE definition || ' PARTITION BY RANGE ("timestamp")';
  -- A line of a day that nobody foresaw is kept here, until prepare_log_entries() makes its day.
  CREATE TABLE loglytics_partitions.log_entries_default
    PARTITION OF loglytics.log_entries DEFAULT;
END
$migration$;
COMMENT ON TABLE loglytics.log_entries IS 'Parsed log lines; raw_content is the line as it was.';

CREATE INDEX idx_log_entries_project_timestamp
  ON loglytics.log_entries (project_id, "timestamp" DESC);
CREATE INDEX idx_log_entries_errors
  ON loglytics.log_entries (project_id, log_level, "timestamp" DESC)
  WHERE log_level IN ('ERROR', 'CRITICAL');
CREATE INDEX idx_log_entries_file ON loglytics.log_entries (log_file_id, "timestamp");
CREATE INDEX ix_log_entries_user_id ON loglytics.log_entries (user_id);
-- date_trunc of a moment depends on the session's time zone and may not be indexed; of UTC it may.
CREATE INDEX idx_log_entries_daily_volume
  ON loglytics.log_entries (project_id, date_trunc('day', "timestamp" AT TIME ZONE 'UTC'));
-- With pg_trgm a search for part of a message reads an index, else the project's lines.
DO $$
DECLARE
  trigrams constant name := loglytics.extension_schema('pg_trgm');
BEGIN
  IF trigrams IS NOT NULL THEN
    EXECUTE format('CREATE INDEX idx_log_entries_message_trgm ON loglytics.log_entries '
      'USING gin (message %I.gin_trgm_ops)', trigrams);
  END IF;
END
$$;

SELECT loglytics.protect_table('loglytics.log_entries', ARRAY['project_id', 'user_id', 'log_file_id']);
SELECT loglytics.share_with_project('loglytics.log_entries', 'viewer', 'editor');
-- What the dashboards read, as the owner.
CREATE POLICY owner_reads ON loglytics.log_entries FOR SELECT TO daybreak_owner USING (true);
SELECT loglytics.allow_expiry('loglytics.log_entries',
  'log_file_id IN (SELECT f.id FROM loglytics.log_files AS f '
  'WHERE f.upload_status = ''completed'' AND f.created_at < (SELECT loglytics.retention_cutoff()))');

-- The level of a word as log lines have it; the word itself belongs into metadata ->> 'raw_level' where
-- it is another. NULL for a word that is no level.
CREATE FUNCTION loglytics.to_log_level(word text) RETURNS loglytics.log_level
LANGUAGE sql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE upper(btrim(word))
    WHEN 'TRACE' THEN 'DEBUG' WHEN 'DEBUG' THEN 'DEBUG'
    WHEN 'INFO' THEN 'INFO' WHEN 'NOTICE' THEN 'INFO'
    WHEN 'WARN' THEN 'WARN' WHEN 'WARNING' THEN 'WARN'
    WHEN 'ERROR' THEN 'ERROR' WHEN 'ERR' THEN 'ERROR' WHEN 'SEVERE' THEN 'ERROR'
    WHEN 'CRITICAL' THEN 'CRITICAL' WHEN 'CRIT' THEN 'CRITICAL' WHEN 'ALERT' THEN 'CRITICAL'
    WHEN 'FATAL' THEN 'CRITICAL' WHEN 'PANIC' THEN 'CRITICAL' WHEN 'EMERG' THEN 'CRITICAL'
  END::loglytics.log_level
$$;

-- Makes the daily partitions for [first_moment, end_moment) that are not there yet, and moves lines
-- that wait in the default partition for their day; a hypertable makes its own. SECURITY DEFINER
-- because only the owner may, and who loads is not the owner; it returns no row, and the range is
-- bounded. LIKE and ATTACH under an advisory lock, so that two loads at once do not collide. ATTACH locks
-- the default partition for a moment: behind a reader of all days it gives up after two seconds, rather
-- than let everybody queue behind it, and is to be asked again. Bounds carry +00, so that no session's
-- time zone moves them.
CREATE FUNCTION loglytics.prepare_log_entries(first_moment timestamptz, end_moment timestamptz)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET lock_timeout = '2s'
AS $$
DECLARE
  day date;
  partition_name name;
  made integer := 0;
BEGIN
  IF first_moment IS NULL OR end_moment IS NULL OR NOT isfinite(first_moment)
    OR NOT isfinite(end_moment) OR end_moment < first_moment
    OR end_moment - first_moment > interval '100 days'
  THEN
    RAISE EXCEPTION 'partitions are made for at most 100 days at once'
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF (SELECT relkind FROM pg_class WHERE oid = 'loglytics.log_entries'::regclass) <> 'p' THEN
    RETURN 0;
  END IF;
  FOR day IN
    SELECT generate_series(
      first_moment::date, (greatest(end_moment - interval '1 microsecond', first_moment))::date,
      interval '1 day')::date
  LOOP
    partition_name := 'log_entries_' || to_char(day, 'YYYYMMDD');
    CONTINUE WHEN EXISTS (
      SELECT FROM pg_class
      WHERE relname = partition_name AND relnamespace = 'loglytics_partitions'::regnamespace);
    PERFORM pg_advisory_xact_lock(hashtextextended('loglytics.log_entries partitions', 0));
    -- Somebody may have made it while this session waited. A query sees that; to_regclass may not,
    -- since it asks a cache that nothing has refreshed since.
    CONTINUE WHEN EXISTS (
      SELECT FROM pg_class
      WHERE relname = partition_name AND relnamespace = 'loglytics_partitions'::regnamespace);
    EXECUTE format(
      'CREATE TABLE loglytics_partitions.%I (LIKE loglytics.log_entries '
      'INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)', partition_name);
    EXECUTE format(
      'WITH moved AS (DELETE FROM loglytics_partitions.log_entries_default '
      'WHERE "timestamp" >= %L AND "timestamp" < %L RETURNING *) '
      'INSERT INTO loglytics_partitions.%I SELECT * FROM moved',
      day::text || ' 00:00:00+00', (day + 1)::text || ' 00:00:00+00', partition_name);
    EXECUTE format(
      'ALTER TABLE loglytics.log_entries ATTACH PARTITION loglytics_partitions.%I '
      'FOR VALUES FROM (%L) TO (%L)',
      partition_name, day::text || ' 00:00:00+00', (day + 1)::text || ' 00:00:00+00');
    made := made + 1;
  END LOOP;
  RETURN made;
END
$$;

-- Drops the parts that end before a moment and hold no row any more: retention deletes rows with their
-- files, and only what nobody owns goes here. SECURITY DEFINER for the same reason as above; a caller
-- can make nobody lose a row. A part in use is left for the next time.
CREATE FUNCTION loglytics.drop_empty_log_entries(before timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET lock_timeout = '2s'
AS $$
DECLARE
  part regclass;
  is_empty boolean;
  dropped integer := 0;
  part_end timestamptz;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('loglytics.log_entries partitions', 0));
  FOR part IN
    SELECT inhrelid::regclass FROM pg_inherits
    WHERE inhparent = 'loglytics.log_entries'::regclass ORDER BY inhrelid
  LOOP
    -- A native partition says its range in its bound, a chunk in a check constraint; the default
    -- partition has none and stays.
    SELECT max(bound[1]::timestamptz) INTO part_end
    FROM (
      SELECT pg_get_expr(relpartbound, oid) AS definition FROM pg_class WHERE oid = part
      UNION ALL
      SELECT pg_get_constraintdef(oid) FROM pg_constraint
      WHERE conrelid = part AND contype = 'c' AND conname LIKE 'constraint\_%'
    ) AS ranges,
    regexp_matches(definition, '''(\d{4,}-\d\d-\d\d \d\d:\d\d:\d\d\+\d\d)''', 'g') AS bound;
    CONTINUE WHEN part_end IS NULL OR part_end > before;
    EXECUTE format('SELECT NOT EXISTS (SELECT FROM %s)', part) INTO is_empty;
    CONTINUE WHEN NOT is_empty;
    BEGIN
      -- The table before its part, as every reader locks them; then look again under the lock.
      LOCK TABLE ONLY loglytics.log_entries IN ACCESS EXCLUSIVE MODE;
      EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', part);
      EXECUTE format('SELECT NOT EXISTS (SELECT FROM %s)', part) INTO is_empty;
      IF is_empty THEN
        EXECUTE format('DROP TABLE %s', part);
        dropped := dropped + 1;
      END IF;
    EXCEPTION WHEN lock_not_available THEN
      EXIT;
    END;
  END LOOP;
  RETURN dropped;
END
$$;
REVOKE ALL ON FUNCTION loglytics.to_log_level(text),
  loglytics.prepare_log_entries(timestamptz, timestamptz),
  loglytics.drop_empty_log_entries(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION loglytics.to_log_level(text) TO daybreak_service, daybreak_reader;
GRANT EXECUTE ON FUNCTION loglytics.prepare_log_entries(timestamptz, timestamptz),
  loglytics.drop_empty_log_entries(timestamptz) TO daybreak_service;

RESET ROLE;
