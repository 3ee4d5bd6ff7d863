-- Two probe tenants by catalogs/<catalog>/probe.sql, and what each sees of every table. Expects the
-- psql variables schema, setting and probe (the file's text), inside a transaction with a plan.
SET LOCAL ROLE daybreak_service;
SELECT set_config('daybreak.probe_id', 'fffffff0-0000-4000-8000-000000000001', true),
  set_config(:'setting', 'fffffff0-0000-4000-8000-000000000001', true);
:probe
SELECT set_config('daybreak.probe_id', 'fffffff0-0000-4000-8000-000000000002', true),
  set_config(:'setting', 'fffffff0-0000-4000-8000-000000000002', true),
  set_config('daybreak.probe_friend', '', true);
:probe
RESET ROLE;
SELECT is(
  pg_temp.value_for(role, jsonb_build_object(:'setting', tenant),
    format('SELECT count(*) FROM %I.%I', :'schema', c.relname)),
  CASE WHEN tenant = '' OR c.relname = 'project_shares' THEN '0' ELSE '1' END,
  format('%s: %s of a probe tenant''s rows for %s', c.relname, CASE tenant WHEN '' THEN 'none' ELSE 'one''s own' END, role))
FROM pg_class AS c, unnest(ARRAY['daybreak_service', 'daybreak_reader']) AS role,
  unnest(ARRAY['', 'fffffff0-0000-4000-8000-000000000001', 'fffffff0-0000-4000-8000-000000000002']) AS tenant
WHERE c.relnamespace = (:'schema')::regnamespace AND c.relkind IN ('r', 'p') AND c.relname !~ '^schema_migrations'
ORDER BY c.relname, role, tenant;
