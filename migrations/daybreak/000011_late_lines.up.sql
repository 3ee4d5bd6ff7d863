-- Lines of earlier nights, told apart from those of nights to come.
SET LOCAL ROLE daybreak_owner;
ALTER TABLE daybreak.source_coverage
  -- NULL: read before they were told apart.
  ADD COLUMN lines_before_window bigint CHECK (lines_before_window >= 0),
  ADD CONSTRAINT source_coverage_before_window_check
    CHECK (lines_before_window <= lines_outside_window);
RESET ROLE;
