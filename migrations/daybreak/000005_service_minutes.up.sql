-- Events by service and minute: what baselines are made of. Minutes without an event are not stored;
-- runs.has_observations and runs.missing_minutes tell zero from unknown.
--
-- Where TimescaleDB is installed and loaded the table is a hypertable, elsewhere it has one native
-- partition a UTC day. Either way its parts live in a schema that nobody but the owner may enter:
-- row-level security stands on the table, not on its parts, and TimescaleDB hands the table's rights
-- down to its chunks, which in its own schema anybody could then read past the policies.
-- Where the setting daybreak.partitions is 'native' (ALTER DATABASE … SET …), partitions are native
-- in any case. Compression stays off: TimescaleDB refuses it on a table with row-level security.
CREATE SCHEMA daybreak_partitions AUTHORIZATION daybreak_owner;
REVOKE ALL ON SCHEMA daybreak_partitions FROM PUBLIC;

-- TimescaleDB must be in shared_preload_libraries before it can be created; who may not read that
-- setting uses the extension only where somebody has created it already.
DO $$
BEGIN
  IF current_setting('daybreak.partitions', true) IS DISTINCT FROM 'native'
    AND EXISTS (SELECT FROM pg_catalog.pg_available_extensions WHERE name = 'timescaledb')
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'timescaledb')
    AND EXISTS (
      SELECT FROM pg_catalog.pg_settings
      WHERE name = 'shared_preload_libraries' AND setting LIKE '%timescaledb%')
  THEN
    CREATE EXTENSION timescaledb SCHEMA public;
  END IF;
EXCEPTION WHEN OTHERS THEN
  RAISE NOTICE 'TimescaleDB cannot be used: %', SQLERRM;
END
$$;

SET LOCAL ROLE daybreak_owner;
DO $migration$
DECLARE
  -- created_at and updated_at are left out on purpose: millions of rows, replaced and never changed.
  definition constant text := $sql$
    CREATE TABLE daybreak.service_minutes (
      tenant_id uuid NOT NULL REFERENCES daybreak.tenants (id) ON DELETE CASCADE,
      namespace text NOT NULL,
      service text NOT NULL,
      minute timestamptz NOT NULL CHECK (date_trunc('minute', minute, 'UTC') = minute),
      unknown_count bigint NOT NULL CHECK (unknown_count >= 0),
      trace_count bigint NOT NULL CHECK (trace_count >= 0),
      debug_count bigint NOT NULL CHECK (debug_count >= 0),
      info_count bigint NOT NULL CHECK (info_count >= 0),
      warn_count bigint NOT NULL CHECK (warn_count >= 0),
      error_count bigint NOT NULL CHECK (error_count >= 0),
      critical_count bigint NOT NULL CHECK (critical_count >= 0),
      fatal_count bigint NOT NULL CHECK (fatal_count >= 0),
      PRIMARY KEY (tenant_id, namespace, service, minute)
    )
  $sql$;
  extension_schema name;
BEGIN
  SELECT nspname INTO extension_schema
  FROM pg_catalog.pg_extension AS e JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
  WHERE extname = 'timescaledb'
    AND current_setting('daybreak.partitions', true) IS DISTINCT FROM 'native';
  IF extension_schema IS NOT NULL THEN
    BEGIN
      EXECUTE definition;
      EXECUTE format(
        'SELECT %I.create_hypertable(''daybreak.service_minutes'', ''minute'', '
        'chunk_time_interval => interval ''7 days'', create_default_indexes => false, '
        'associated_schema_name => ''daybreak_partitions'', '
        'associated_table_prefix => ''service_minutes'')', extension_schema);
      RETURN;
    EXCEPTION WHEN OTHERS THEN
      RAISE NOTICE 'service_minutes becomes a partitioned table, no hypertable: %', SQLERRM;
    END;
  END IF;
  EXECUTE definition || ' PARTITION BY RANGE (minute)';
END
$migration$;
COMMENT ON TABLE daybreak.service_minutes IS 'Events of one service in one minute, by level.';
SELECT daybreak.protect_table('daybreak.service_minutes');

-- Makes the daily partitions for [first_moment, end_moment) that are not there yet; a hypertable makes
-- its own. SECURITY DEFINER because only the owner may, and the nightly run is not the owner; it reads
-- no row, and the range is bounded. LIKE and ATTACH under an advisory lock: two runs at once neither
-- collide nor wait for readers. Bounds carry +00, so that no session's time zone moves them.
CREATE FUNCTION daybreak.prepare_service_minutes(first_moment timestamptz, end_moment timestamptz)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
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
  IF (SELECT relkind FROM pg_class WHERE oid = 'daybreak.service_minutes'::regclass) <> 'p' THEN
    RETURN 0;
  END IF;
  FOR day IN
    SELECT generate_series(first_moment::date, end_moment::date, interval '1 day')::date
  LOOP
    partition_name := 'service_minutes_' || to_char(day, 'YYYYMMDD');
    CONTINUE WHEN EXISTS (
      SELECT FROM pg_class
      WHERE relname = partition_name AND relnamespace = 'daybreak_partitions'::regnamespace);
    PERFORM pg_advisory_xact_lock(hashtextextended('daybreak.service_minutes partitions', 0));
    -- Somebody may have made it while this session waited. A query sees that; to_regclass may not,
    -- since it asks a cache that nothing has refreshed since.
    CONTINUE WHEN EXISTS (
      SELECT FROM pg_class
      WHERE relname = partition_name AND relnamespace = 'daybreak_partitions'::regnamespace);
    EXECUTE format(
      'CREATE TABLE daybreak_partitions.%I (LIKE daybreak.service_minutes '
      'INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)', partition_name);
    EXECUTE format(
      'ALTER TABLE daybreak.service_minutes ATTACH PARTITION daybreak_partitions.%I '
      'FOR VALUES FROM (%L) TO (%L)',
      partition_name, day::text || ' 00:00:00+00', (day + 1)::text || ' 00:00:00+00');
    made := made + 1;
  END LOOP;
  RETURN made;
END
$$;

-- Drops the parts that end before a moment and hold no row any more: retention deletes rows tenant by
-- tenant under row-level security, and only what nobody owns goes here. SECURITY DEFINER for the same
-- reason as above; a caller can make nobody lose a row. A part in use is left for the next night.
CREATE FUNCTION daybreak.drop_empty_service_minutes(before timestamptz) RETURNS integer
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
  PERFORM pg_advisory_xact_lock(hashtextextended('daybreak.service_minutes partitions', 0));
  FOR part IN
    SELECT inhrelid::regclass FROM pg_inherits
    WHERE inhparent = 'daybreak.service_minutes'::regclass ORDER BY inhrelid
  LOOP
    -- A native partition says its range in its bound, a chunk in a check constraint.
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
      LOCK TABLE ONLY daybreak.service_minutes IN ACCESS EXCLUSIVE MODE;
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
REVOKE ALL ON FUNCTION daybreak.prepare_service_minutes(timestamptz, timestamptz),
  daybreak.drop_empty_service_minutes(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION daybreak.prepare_service_minutes(timestamptz, timestamptz),
  daybreak.drop_empty_service_minutes(timestamptz) TO daybreak_service;

RESET ROLE;
