SET LOCAL ROLE daybreak_owner;
DROP TABLE daybreak.quarantine;
DROP TABLE daybreak.source_coverage;
DROP TABLE daybreak.stage_runs;
DROP TABLE daybreak.runs;
RESET ROLE;
