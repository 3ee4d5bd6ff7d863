SET LOCAL ROLE daybreak_owner;
ALTER TABLE daybreak.source_coverage
  DROP CONSTRAINT source_coverage_before_window_check,
  DROP COLUMN lines_before_window;
RESET ROLE;
