SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';
SET LOCAL ROLE daybreak_owner;
DROP TABLE netra.supply_catalog;
DROP FUNCTION netra.retire_orphaned_supply();
RESET ROLE;
