-- The probe tenants of `daybreak db verify`: a row in every table each, and nothing of the other's.
\set schema loglytics
\set setting app.current_user_id
\set probe `cat catalogs/loglytics/probe.sql`
\ir ../common/probe.sql
BEGIN;
SELECT no_plan();
\ir ../common/probe_tenants.sql
SELECT * FROM finish();
ROLLBACK;
