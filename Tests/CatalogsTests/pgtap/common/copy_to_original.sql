-- Copies the example data of a catalog into the tables of an original, column by column as far as both have
-- them. `extra` gives expressions for what the original wants besides.
CREATE FUNCTION pg_temp.copy_to_original(catalog name, tab name, extra jsonb DEFAULT '{}') RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  columns text;
  expressions text;
BEGIN
  SELECT string_agg(quote_ident(o.attname), ', ' ORDER BY o.attnum),
    string_agg(coalesce(extra ->> o.attname::text,
      CASE WHEN o.atttypid = 'timestamp'::regtype THEN format('%I AT TIME ZONE ''UTC''', o.attname)
        ELSE format('%I::text::%s', o.attname, format_type(o.atttypid, o.atttypmod)) END), ', ' ORDER BY o.attnum)
  INTO columns, expressions
  FROM pg_attribute AS o LEFT JOIN pg_attribute AS n
    ON n.attrelid = format('%I.%I', catalog, tab)::regclass AND n.attname = o.attname AND NOT n.attisdropped
  WHERE o.attrelid = format('existing.%I', tab)::regclass AND o.attnum > 0
    AND (n.attname IS NOT NULL OR extra ? o.attname::text);
  EXECUTE format('INSERT INTO existing.%I (%s) SELECT %s FROM %I.%I', tab, columns, expressions, catalog, tab);
END
$$;
