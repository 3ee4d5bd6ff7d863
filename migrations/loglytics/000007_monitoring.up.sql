-- Where live logs come from, what was noticed in them, and who is told.
--
-- Lengths are the originals'.
-- squawk-ignore-file prefer-text-field
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;

CREATE TABLE loglytics.live_log_connections (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  project_id uuid NOT NULL REFERENCES loglytics.projects (id) ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES loglytics.users (id) ON DELETE CASCADE,
  connection_name varchar(255) NOT NULL CHECK (connection_name <> ''),
  cloud_provider loglytics.cloud_provider NOT NULL,
  -- An envelope, never the settings themselves: {"alg": "AES-256-GCM", "nonce", "ct"} in base64, with
  -- the tag at the end of ct and, where keys are rotated, "key": which one.
  connection_config jsonb NOT NULL,
  status loglytics.connection_status NOT NULL DEFAULT 'active',
  last_sync_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz DEFAULT now(),
  UNIQUE (project_id, id),
  CONSTRAINT live_log_connections_config_is_encrypted CHECK (
    jsonb_typeof(connection_config) = 'object'
    AND connection_config - ARRAY['alg', 'nonce', 'ct', 'key'] = '{}'
    AND coalesce(connection_config ->> 'alg' = 'AES-256-GCM', false)
    AND coalesce(connection_config ->> 'nonce' ~ '^[A-Za-z0-9+/]{16}$', false)
    AND coalesce(connection_config ->> 'ct' ~ '^[A-Za-z0-9+/]{22,}={0,2}$', false))
);
COMMENT ON TABLE loglytics.live_log_connections IS 'Cloud providers that logs are read from.';
CREATE INDEX idx_live_connections_project_status
  ON loglytics.live_log_connections (project_id, status);
CREATE INDEX ix_live_log_connections_user_id ON loglytics.live_log_connections (user_id);

CREATE TABLE loglytics.alerts (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  -- Who is alerted: one row a person.
  user_id uuid NOT NULL REFERENCES loglytics.users (id) ON DELETE CASCADE,
  project_id uuid NOT NULL REFERENCES loglytics.projects (id) ON DELETE CASCADE,
  live_connection_id uuid,
  alert_type loglytics.alert_type NOT NULL,
  severity loglytics.alert_severity NOT NULL,
  message text NOT NULL,
  metadata jsonb,
  is_read boolean NOT NULL DEFAULT false,
  notified_via jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (project_id, live_connection_id)
    REFERENCES loglytics.live_log_connections (project_id, id)
    ON DELETE SET NULL (live_connection_id)
);
COMMENT ON TABLE loglytics.alerts IS 'What somebody has to know now.';
CREATE INDEX idx_alerts_unread ON loglytics.alerts (user_id, created_at DESC) WHERE NOT is_read;
CREATE INDEX idx_alerts_user_read ON loglytics.alerts (user_id, is_read, created_at DESC);
CREATE INDEX idx_alerts_severity_project ON loglytics.alerts (project_id, severity, created_at DESC);
CREATE INDEX ix_alerts_live_connection_id ON loglytics.alerts (project_id, live_connection_id)
  WHERE live_connection_id IS NOT NULL;

CREATE TABLE loglytics.webhooks (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id uuid NOT NULL REFERENCES loglytics.users (id) ON DELETE CASCADE,
  project_id uuid NOT NULL REFERENCES loglytics.projects (id) ON DELETE CASCADE,
  url text NOT NULL CHECK (url ~ '^https?://'),
  events jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(events) = 'array'),
  is_active boolean NOT NULL DEFAULT true,
  -- Signs what is sent: whoever reads it can forge, so only admins read webhooks.
  secret_key varchar(255),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz DEFAULT now()
);
COMMENT ON TABLE loglytics.webhooks IS 'Addresses that are told of events.';
CREATE INDEX idx_webhooks_active ON loglytics.webhooks (project_id, created_at DESC)
  WHERE is_active;
CREATE INDEX ix_webhooks_project_id ON loglytics.webhooks (project_id);
CREATE INDEX ix_webhooks_user_id ON loglytics.webhooks (user_id);

SELECT loglytics.protect_table('loglytics.live_log_connections', ARRAY['project_id', 'user_id']);
SELECT loglytics.protect_table('loglytics.alerts', ARRAY['project_id', 'user_id']);
SELECT loglytics.protect_table('loglytics.webhooks', ARRAY['project_id', 'user_id']);
SELECT loglytics.share_with_project('loglytics.live_log_connections', 'viewer', 'admin');
SELECT loglytics.share_with_project('loglytics.webhooks', 'admin', 'admin');

CREATE POLICY own_rows_read ON loglytics.alerts FOR SELECT TO daybreak_service, daybreak_reader
  USING (user_id = (SELECT auth.uid()));
CREATE POLICY own_rows_insert ON loglytics.alerts FOR INSERT TO daybreak_service
  WITH CHECK (user_id = (SELECT auth.uid())
    AND project_id = ANY (ARRAY(SELECT loglytics.project_ids('viewer'))));
CREATE POLICY own_rows_update ON loglytics.alerts FOR UPDATE TO daybreak_service
  USING (user_id = (SELECT auth.uid())) WITH CHECK (user_id = (SELECT auth.uid()));
CREATE POLICY own_rows_delete ON loglytics.alerts FOR DELETE TO daybreak_service
  USING (user_id = (SELECT auth.uid()));

-- Readers see neither envelopes nor secrets.
REVOKE SELECT ON loglytics.live_log_connections, loglytics.webhooks FROM daybreak_reader;
GRANT SELECT (id, project_id, user_id, connection_name, cloud_provider, status, last_sync_at,
  created_at, updated_at) ON loglytics.live_log_connections TO daybreak_reader;
GRANT SELECT (id, user_id, project_id, url, events, is_active, created_at, updated_at)
  ON loglytics.webhooks TO daybreak_reader;

RESET ROLE;
