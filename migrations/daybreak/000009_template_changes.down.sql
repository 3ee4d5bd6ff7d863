SET LOCAL ROLE daybreak_owner;
DROP TABLE daybreak.template_changes;
RESET ROLE;
