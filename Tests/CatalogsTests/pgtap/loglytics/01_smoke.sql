BEGIN;
SELECT plan(1);
SELECT has_table('loglytics'::name, 'users'::name);
SELECT * FROM finish();
ROLLBACK;
