SET LOCAL ROLE daybreak_owner;
DROP FUNCTION daybreak.tenant_names();
DROP TABLE daybreak.saved_filters;
DROP TABLE daybreak.api_keys;
DROP TABLE daybreak.tenants;
RESET ROLE;
