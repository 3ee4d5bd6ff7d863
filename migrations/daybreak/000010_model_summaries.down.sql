SET LOCAL ROLE daybreak_owner;
DROP TABLE daybreak.model_answers;
ALTER TABLE daybreak.analysis_results
  DROP CONSTRAINT analysis_results_call_check,
  DROP COLUMN prompt_digest,
  DROP COLUMN input_tokens,
  DROP COLUMN output_tokens,
  DROP COLUMN cost_usd,
  DROP COLUMN latency_milliseconds,
  DROP COLUMN model_confidence,
  DROP COLUMN note;
RESET ROLE;
