BEGIN;
SELECT plan(1);
SELECT has_table('loghunter'::name, 'tenants'::name);
SELECT * FROM finish();
ROLLBACK;
