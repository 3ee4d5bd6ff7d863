-- What asking a model took, and the answers that were paid for.
SET LOCAL ROLE daybreak_owner;

ALTER TABLE daybreak.analysis_results
  -- NULL in all of these: no model spoke.
  ADD COLUMN prompt_digest text CHECK (prompt_digest ~ '^[0-9a-f]{64}$'),
  ADD COLUMN input_tokens bigint CHECK (input_tokens >= 0),
  ADD COLUMN output_tokens bigint CHECK (output_tokens >= 0),
  -- US dollars by the job's prices; NULL also where the job names none.
  ADD COLUMN cost_usd double precision CHECK (cost_usd >= 0),
  ADD COLUMN latency_milliseconds bigint CHECK (latency_milliseconds >= 0),
  -- What the model says of itself; NULL also where it says nothing. Never the shown confidence.
  ADD COLUMN model_confidence double precision CHECK (model_confidence BETWEEN 0 AND 1),
  -- Why the model that the job names did not speak; NULL: it did, or the job names none.
  ADD COLUMN note text CHECK (note <> ''),
  ADD CONSTRAINT analysis_results_call_check CHECK (
    num_nulls(prompt_digest, input_tokens, output_tokens, latency_milliseconds) IN (0, 4)
    AND (prompt_digest IS NOT NULL OR cost_usd IS NULL)
    AND (prompt_digest IS NULL OR provider <> 'extractive'));

-- Written as answers come, and not with the end of the stage: a run that is killed has not paid for
-- nothing, and one that is repeated does not pay again.
CREATE TABLE daybreak.model_answers (
  tenant_id uuid NOT NULL REFERENCES daybreak.tenants (id) ON DELETE CASCADE,
  -- What it is about: cluster:FINGERPRINT or incident:ID.
  subject text NOT NULL CHECK (subject <> ''),
  prompt_digest text NOT NULL CHECK (prompt_digest ~ '^[0-9a-f]{64}$'),
  provider text NOT NULL CHECK (provider IN ('ollama', 'vllm', 'openai', 'anthropic')),
  model text NOT NULL CHECK (model <> ''),
  -- The end of the night that it was asked for, which retention goes by.
  window_end timestamptz NOT NULL,
  -- As the model gave it, redacted, before it is checked against the samples.
  answer jsonb NOT NULL CHECK (jsonb_typeof(answer) = 'object'),
  input_tokens bigint NOT NULL CHECK (input_tokens >= 0),
  output_tokens bigint NOT NULL CHECK (output_tokens >= 0),
  cost_usd double precision CHECK (cost_usd >= 0),
  latency_milliseconds bigint NOT NULL CHECK (latency_milliseconds >= 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, provider, model, prompt_digest, subject)
);
COMMENT ON TABLE daybreak.model_answers IS
  'Answers of models, to be used again for the same prompt.';
CREATE INDEX model_answers_window_end_idx ON daybreak.model_answers (tenant_id, window_end);

SELECT daybreak.protect_table('daybreak.model_answers');

RESET ROLE;
