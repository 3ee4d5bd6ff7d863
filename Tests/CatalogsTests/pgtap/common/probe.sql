-- What a role may do, as a value to compare: runs one statement as a role and with settings, takes
-- everything back, and says how many rows it touched or which error it met.
CREATE FUNCTION pg_temp.probe(as_role text, settings jsonb, statement text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  touched bigint;
  setting record;
BEGIN
  BEGIN
    FOR setting IN SELECT key, value FROM jsonb_each_text(settings) LOOP
      PERFORM set_config(setting.key, setting.value, true);
    END LOOP;
    EXECUTE format('SET LOCAL ROLE %I', as_role);
    EXECUTE statement;
    GET DIAGNOSTICS touched = ROW_COUNT;
    RAISE EXCEPTION USING ERRCODE = 'P0DBK', MESSAGE = touched::text;
  EXCEPTION
    WHEN SQLSTATE 'P0DBK' THEN RETURN SQLERRM || CASE SQLERRM WHEN '1' THEN ' row' ELSE ' rows' END;
    WHEN OTHERS THEN RETURN SQLSTATE;
  END;
END
$$;
-- The first column of the first row that a query gives to a role; the error's code where it fails.
CREATE FUNCTION pg_temp.value_for(as_role text, settings jsonb, query text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  answer text;
  setting record;
BEGIN
  BEGIN
    FOR setting IN SELECT key, value FROM jsonb_each_text(settings) LOOP
      PERFORM set_config(setting.key, setting.value, true);
    END LOOP;
    EXECUTE format('SET LOCAL ROLE %I', as_role);
    EXECUTE query INTO answer;
    RAISE EXCEPTION USING ERRCODE = 'P0DBK', MESSAGE = coalesce(answer, 'NULL');
  EXCEPTION
    WHEN SQLSTATE 'P0DBK' THEN RETURN SQLERRM;
    WHEN OTHERS THEN RETURN SQLSTATE;
  END;
END
$$;
-- The lines of a query's plan.
CREATE FUNCTION pg_temp.plan_of(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || query;
END
$$;
