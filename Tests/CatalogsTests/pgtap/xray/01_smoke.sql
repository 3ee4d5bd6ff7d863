BEGIN;
SELECT plan(1);
SELECT has_table('xray'::name, 'users'::name);
SELECT * FROM finish();
ROLLBACK;
