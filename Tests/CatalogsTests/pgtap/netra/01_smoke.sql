BEGIN;
SELECT plan(1);
SELECT has_table('netra'::name, 'users'::name);
SELECT * FROM finish();
ROLLBACK;
