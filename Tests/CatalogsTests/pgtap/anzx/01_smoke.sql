BEGIN;
SELECT plan(1);
SELECT has_table('anzx'::name, 'users'::name);
SELECT * FROM finish();
ROLLBACK;
