-- The queries of a file such as catalogs/<catalog>/report.sql, which psql has read into a variable.
CREATE FUNCTION pg_temp.named_queries(file text) RETURNS TABLE (name text, query text)
LANGUAGE sql AS $$
  SELECT split_part(part, E'\n', 1), substr(part, strpos(part, E'\n') + 1)
  FROM regexp_split_to_table(file, '(^|\n)-- name: ') WITH ORDINALITY AS parts (part, place)
  WHERE place > 1
$$;
-- Runs a named query over a window as a role; its rows as one JSON array, or the error's code as text.
CREATE FUNCTION pg_temp.answer(as_role text, settings jsonb, query text, window_start timestamptz,
  window_end timestamptz) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  answer jsonb;
  setting record;
BEGIN
  BEGIN
    FOR setting IN SELECT key, value FROM jsonb_each_text(settings) LOOP
      PERFORM set_config(setting.key, setting.value, true);
    END LOOP;
    EXECUTE format('SET LOCAL ROLE %I', as_role);
    -- A query need not use both moments, but says nothing of their type where it uses none.
    EXECUTE format('WITH span AS (SELECT $1::timestamptz, $2::timestamptz) '
      'SELECT coalesce(jsonb_agg(to_jsonb(q)), ''[]'') FROM (%s) AS q',
      rtrim(regexp_replace(query, '--[^\n]*', '', 'g'), E' \n;'))
    INTO answer USING window_start, window_end;
    RAISE EXCEPTION USING ERRCODE = 'P0DBK', MESSAGE = answer::text;
  EXCEPTION
    WHEN SQLSTATE 'P0DBK' THEN RETURN SQLERRM::jsonb;
    WHEN OTHERS THEN RETURN to_jsonb(SQLSTATE || ' ' || SQLERRM);
  END;
END
$$;
