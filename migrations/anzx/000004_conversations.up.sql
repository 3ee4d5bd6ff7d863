-- What people and assistants said to each other.
-- squawk-ignore-file prefer-bigint-over-int, prefer-text-field
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;

CREATE TABLE anzx.conversations (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  title varchar(255),
  organization_id uuid NOT NULL REFERENCES anzx.organizations (id) ON DELETE CASCADE,
  -- NULL: a visitor of the widget, whom nobody knows.
  user_id uuid,
  assistant_id uuid NOT NULL,
  channel varchar(50) NOT NULL DEFAULT 'widget',
  session_id varchar(255),
  status varchar(50) NOT NULL DEFAULT 'active' CHECK (status <> ''),
  resolution_status varchar(50),
  satisfaction_rating integer CHECK (satisfaction_rating BETWEEN 1 AND 5),
  message_count integer NOT NULL DEFAULT 0 CHECK (message_count >= 0),
  total_tokens integer NOT NULL DEFAULT 0 CHECK (total_tokens >= 0),
  total_cost numeric(10, 6) NOT NULL DEFAULT 0 CHECK (total_cost >= 0),
  average_response_time double precision NOT NULL DEFAULT 0,
  metadata jsonb NOT NULL DEFAULT '{}',
  context jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  -- Set by itself when the status becomes closed: retention counts from here.
  ended_at timestamptz,
  -- Not in the originals: kept until then whatever retention says. NULL: no such duty.
  retain_until timestamptz,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, user_id) REFERENCES anzx.users (organization_id, id)
    ON DELETE SET NULL (user_id),
  FOREIGN KEY (organization_id, assistant_id) REFERENCES anzx.assistants (organization_id, id)
    ON DELETE CASCADE
);
COMMENT ON TABLE anzx.conversations IS 'Conversations, what they cost and how they ended.';
CREATE INDEX idx_conversations_org_status_created
  ON anzx.conversations (organization_id, status, created_at);
CREATE INDEX idx_conversations_user ON anzx.conversations (organization_id, user_id);
CREATE INDEX idx_conversations_assistant ON anzx.conversations (organization_id, assistant_id);
CREATE INDEX idx_conversations_channel ON anzx.conversations (channel);
CREATE INDEX idx_conversations_created_at ON anzx.conversations (created_at);
-- What retention asks.
CREATE INDEX idx_conversations_closed ON anzx.conversations (ended_at) WHERE status = 'closed';

CREATE TABLE anzx.messages (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  conversation_id uuid NOT NULL,
  content text NOT NULL,
  role varchar(50) NOT NULL CHECK (role <> ''),
  model varchar(100),
  tokens_input integer NOT NULL DEFAULT 0 CHECK (tokens_input >= 0),
  tokens_output integer NOT NULL DEFAULT 0 CHECK (tokens_output >= 0),
  cost numeric(10, 6) NOT NULL DEFAULT 0 CHECK (cost >= 0),
  latency_ms integer NOT NULL DEFAULT 0 CHECK (latency_ms >= 0),
  tool_calls jsonb NOT NULL DEFAULT '[]',
  tool_results jsonb NOT NULL DEFAULT '[]',
  confidence_score double precision CHECK (confidence_score BETWEEN 0 AND 1),
  feedback_rating integer,
  feedback_comment text,
  citations jsonb NOT NULL DEFAULT '[]',
  metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  -- Not in the originals: see documents.
  organization_id uuid NOT NULL,
  FOREIGN KEY (organization_id, conversation_id)
    REFERENCES anzx.conversations (organization_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE anzx.messages IS 'What was said, by which model, at which cost.';
CREATE INDEX idx_messages_conversation_created ON anzx.messages (conversation_id, created_at);
CREATE INDEX idx_messages_organization_created ON anzx.messages (organization_id, created_at);
CREATE INDEX idx_messages_created_at ON anzx.messages (created_at);
CREATE INDEX idx_messages_model ON anzx.messages (model);
CREATE TRIGGER fill_organization BEFORE INSERT ON anzx.messages
  FOR EACH ROW EXECUTE FUNCTION anzx.fill_organization('conversations', 'conversation_id');

CREATE FUNCTION anzx.stamp_closing() RETURNS trigger
LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NEW.status = 'closed' AND NEW.ended_at IS NULL THEN
    NEW.ended_at := now();
  END IF;
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION anzx.stamp_closing() FROM PUBLIC;
CREATE TRIGGER stamp_closing BEFORE INSERT OR UPDATE OF status, ended_at ON anzx.conversations
  FOR EACH ROW EXECUTE FUNCTION anzx.stamp_closing();

SELECT anzx.protect_table('anzx.conversations');
SELECT anzx.protect_table('anzx.messages');
SELECT anzx.isolate_organizations('anzx.conversations');
SELECT anzx.isolate_organizations('anzx.messages');
SELECT anzx.allow_expiry('anzx.conversations',
  'status = ''closed'' AND ended_at < (SELECT anzx.retention_cutoff()) '
  'AND (retain_until IS NULL OR retain_until < now())');
SELECT anzx.allow_expiry('anzx.messages',
  'conversation_id IN (SELECT c.id FROM anzx.conversations AS c WHERE c.status = ''closed'' '
  'AND c.ended_at < (SELECT anzx.retention_cutoff()) '
  'AND (c.retain_until IS NULL OR c.retain_until < now()))');

RESET ROLE;
