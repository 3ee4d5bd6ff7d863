-- Threads, what was said in them, and what agents did for them.
-- squawk-ignore-file prefer-text-field, prefer-bigint-over-int
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;

CREATE TABLE netra.threads (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id integer NOT NULL REFERENCES netra.users (id) ON DELETE CASCADE,
  title varchar(255),
  status varchar(50) NOT NULL DEFAULT 'active',
  created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  metadata jsonb NOT NULL DEFAULT '{}',
  CONSTRAINT check_status CHECK (status::text IN ('active', 'archived', 'deleted'))
);
COMMENT ON TABLE netra.threads IS 'Conversation threads; their users delete them.';
CREATE INDEX idx_threads_user_id ON netra.threads (user_id);
CREATE INDEX idx_threads_created_at ON netra.threads (created_at);
CREATE INDEX idx_threads_status ON netra.threads (status);
CREATE INDEX idx_threads_metadata ON netra.threads USING gin (metadata jsonb_path_ops);

CREATE TABLE netra.messages (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  thread_id uuid NOT NULL REFERENCES netra.threads (id) ON DELETE CASCADE,
  role varchar(50) NOT NULL,
  content text NOT NULL,
  tokens_used integer CHECK (tokens_used >= 0),
  -- The model that answered; NULL for what a person wrote.
  model varchar(100),
  created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  -- Not in the document, which keeps the time of change of four tables only.
  updated_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  metadata jsonb NOT NULL DEFAULT '{}',
  CONSTRAINT check_role CHECK (role::text IN ('user', 'assistant', 'system', 'tool'))
);
COMMENT ON TABLE netra.messages IS 'Messages within threads.';
CREATE INDEX idx_messages_thread_id ON netra.messages (thread_id);
CREATE INDEX idx_messages_created_at ON netra.messages (created_at);
CREATE INDEX idx_messages_role ON netra.messages (role);
CREATE INDEX idx_messages_metadata ON netra.messages USING gin (metadata jsonb_path_ops);

CREATE TABLE netra.runs (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  thread_id uuid REFERENCES netra.threads (id) ON DELETE SET NULL,
  user_id integer NOT NULL REFERENCES netra.users (id) ON DELETE CASCADE,
  status varchar(50) NOT NULL DEFAULT 'pending',
  agent_type varchar(100),
  input_data jsonb NOT NULL,
  output_data jsonb,
  error_message text,
  started_at timestamptz,
  completed_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  metadata jsonb NOT NULL DEFAULT '{}',
  CONSTRAINT check_status
    CHECK (status::text IN ('pending', 'processing', 'completed', 'failed', 'cancelled'))
);
COMMENT ON TABLE netra.runs IS 'Executions of agents.';
CREATE INDEX idx_runs_user_id ON netra.runs (user_id);
CREATE INDEX idx_runs_thread_id ON netra.runs (thread_id);
CREATE INDEX idx_runs_status ON netra.runs (status);
CREATE INDEX idx_runs_created_at ON netra.runs (created_at);
CREATE INDEX idx_runs_agent_type ON netra.runs (agent_type);
CREATE INDEX idx_runs_metadata ON netra.runs USING gin (metadata jsonb_path_ops);

SELECT netra.protect_table('netra.threads');
SELECT netra.protect_table('netra.messages');
SELECT netra.protect_table('netra.runs');

-- A superuser administers; what users say is not administered.
SELECT netra.allow_own_rows('netra.threads', 'user_id = (SELECT netra.current_user_id())');
SELECT netra.allow_own_rows('netra.messages',
  'thread_id IN (SELECT t.id FROM netra.threads AS t '
  'WHERE t.user_id = (SELECT netra.current_user_id()))');
-- The foreign key alone would let a run point at another's thread: keys are checked past policies.
SELECT netra.allow_own_rows('netra.runs',
  'user_id = (SELECT netra.current_user_id()) AND (thread_id IS NULL OR thread_id IN '
  '(SELECT t.id FROM netra.threads AS t WHERE t.user_id = (SELECT netra.current_user_id())))');
CREATE POLICY superuser_reads ON netra.runs FOR SELECT TO daybreak_service, daybreak_reader
  USING ((SELECT netra.is_superuser()));

-- For the summaries of a later migration, which are made over all users and name none.
CREATE POLICY owner_reads ON netra.threads FOR SELECT TO daybreak_owner USING (true);
CREATE POLICY owner_reads ON netra.messages FOR SELECT TO daybreak_owner USING (true);
CREATE POLICY owner_reads ON netra.runs FOR SELECT TO daybreak_owner USING (true);

RESET ROLE;
