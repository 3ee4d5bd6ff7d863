SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';
SET LOCAL ROLE daybreak_owner;
DROP FUNCTION loghunter.api_key_candidates(text);
DROP FUNCTION loghunter.tenant_named(text);
DROP TABLE loghunter.saved_filters;
DROP TABLE loghunter.api_keys;
DROP TABLE loghunter.tenants;
RESET ROLE;
