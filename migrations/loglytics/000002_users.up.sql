-- Users, and what belongs to a user rather than to a project.
--
-- Columns are as the originals have them, with the defaults that those lack.
-- squawk-ignore-file prefer-bigint-over-int, prefer-text-field
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;

CREATE TYPE loglytics.subscription_tier AS ENUM ('free', 'pro');
CREATE TYPE loglytics.llm_model AS ENUM ('local', 'maverick');
CREATE TYPE loglytics.message_role AS ENUM ('user', 'assistant', 'system');
CREATE TYPE loglytics.upload_status AS ENUM ('uploading', 'processing', 'completed', 'failed');
CREATE TYPE loglytics.log_level AS ENUM ('DEBUG', 'INFO', 'WARN', 'ERROR', 'CRITICAL');
CREATE TYPE loglytics.cloud_provider AS ENUM ('aws', 'azure', 'gcp');
CREATE TYPE loglytics.connection_status AS ENUM ('active', 'paused', 'error');
CREATE TYPE loglytics.alert_type AS ENUM ('error_threshold', 'anomaly', 'pattern_match');
CREATE TYPE loglytics.alert_severity AS ENUM ('low', 'medium', 'high', 'critical');
-- In rising order of rights: policies compare.
CREATE TYPE loglytics.share_role AS ENUM ('viewer', 'editor', 'admin');

CREATE TABLE loglytics.users (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  email varchar(255) NOT NULL UNIQUE CHECK (email <> ''),
  password_hash varchar(255) NOT NULL,
  full_name varchar(255),
  subscription_tier loglytics.subscription_tier NOT NULL DEFAULT 'free',
  selected_llm_model loglytics.llm_model NOT NULL DEFAULT 'local',
  is_active boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz DEFAULT now()
);
COMMENT ON TABLE loglytics.users IS 'Who signs in; the tenant of everything here.';
CREATE INDEX idx_users_active ON loglytics.users (id, email) WHERE is_active;
CREATE INDEX idx_users_activity ON loglytics.users (created_at, is_active);
CREATE INDEX ix_users_subscription_tier ON loglytics.users (subscription_tier);

CREATE TABLE loglytics.api_keys (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id uuid NOT NULL REFERENCES loglytics.users (id) ON DELETE CASCADE,
  -- SHA-256 of a random 256-bit secret, as hex.
  key_hash varchar(255) NOT NULL UNIQUE CHECK (key_hash ~ '^[0-9a-f]{64}$'),
  name varchar(255) NOT NULL CHECK (name <> ''),
  last_used_at timestamptz,
  expires_at timestamptz,
  is_active boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now(),
  -- What the originals lack. What finds the row: dbk_<id>, random and never derived from the name.
  key_prefix text NOT NULL UNIQUE DEFAULT ('dbk_' || replace(gen_random_uuid()::text, '-', ''))
    CHECK (key_prefix ~ '^dbk_[A-Za-z0-9]+$'),
  scopes text[] NOT NULL DEFAULT '{}' CHECK (array_position(scopes, NULL) IS NULL),
  -- NULL: valid; a time: revoked, and then is_active is false as well.
  deleted_at timestamptz
);
COMMENT ON TABLE loglytics.api_keys IS 'Keys for access by programs; only a digest is kept.';
CREATE INDEX idx_api_keys_user_active ON loglytics.api_keys (user_id, created_at DESC)
  WHERE is_active;
CREATE INDEX ix_api_keys_user_id ON loglytics.api_keys (user_id);
CREATE INDEX idx_api_keys_expires ON loglytics.api_keys (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE loglytics.audit_logs (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id uuid NOT NULL REFERENCES loglytics.users (id) ON DELETE CASCADE,
  action varchar(100) NOT NULL CHECK (action <> ''),
  resource_type varchar(100) NOT NULL,
  resource_id uuid,
  metadata jsonb,
  ip_address inet,
  created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE loglytics.audit_logs IS 'What users did. Written once: nobody changes a row.';
CREATE INDEX idx_audit_logs_user_action
  ON loglytics.audit_logs (user_id, action, created_at DESC);
CREATE INDEX idx_audit_logs_resource
  ON loglytics.audit_logs (resource_type, resource_id, created_at DESC);
-- The originals' idx_audit_logs_recent without its predicate: now() may not stand in one.
CREATE INDEX ix_audit_logs_created_at ON loglytics.audit_logs (created_at);

CREATE TABLE loglytics.usage_tracking (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id uuid NOT NULL REFERENCES loglytics.users (id) ON DELETE CASCADE,
  -- The day in UTC.
  date date NOT NULL,
  llm_tokens_used bigint NOT NULL DEFAULT 0 CHECK (llm_tokens_used >= 0),
  api_calls_count integer NOT NULL DEFAULT 0 CHECK (api_calls_count >= 0),
  storage_used_bytes bigint NOT NULL DEFAULT 0 CHECK (storage_used_bytes >= 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz DEFAULT now(),
  CONSTRAINT uq_usage_tracking_user_date UNIQUE (user_id, date)
);
COMMENT ON TABLE loglytics.usage_tracking IS 'What a user consumed on one day.';
CREATE INDEX ix_usage_tracking_date ON loglytics.usage_tracking (date);

-- The originals' programs ask is_active, ours deleted_at.
CREATE FUNCTION loglytics.deactivate_revoked_key() RETURNS trigger
LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NEW.deleted_at IS NOT NULL THEN
    NEW.is_active := false;
  END IF;
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION loglytics.deactivate_revoked_key() FROM PUBLIC;
CREATE TRIGGER deactivate_revoked_key BEFORE INSERT OR UPDATE OF deleted_at, is_active
  ON loglytics.api_keys FOR EACH ROW EXECUTE FUNCTION loglytics.deactivate_revoked_key();

SELECT loglytics.protect_table('loglytics.users', ARRAY['id']);
SELECT loglytics.protect_table('loglytics.api_keys', ARRAY['user_id', 'key_prefix']);
SELECT loglytics.protect_table('loglytics.audit_logs', ARRAY[]::text[]);
SELECT loglytics.protect_table('loglytics.usage_tracking', ARRAY['user_id', 'date']);

CREATE POLICY own_row ON loglytics.users TO daybreak_service, daybreak_reader
  USING (id = (SELECT auth.uid())) WITH CHECK (id = (SELECT auth.uid()));
CREATE POLICY own_rows ON loglytics.api_keys TO daybreak_service, daybreak_reader
  USING (user_id = (SELECT auth.uid())) WITH CHECK (user_id = (SELECT auth.uid()));
CREATE POLICY own_rows_read ON loglytics.audit_logs FOR SELECT TO daybreak_service, daybreak_reader
  USING (user_id = (SELECT auth.uid()));
CREATE POLICY own_rows_insert ON loglytics.audit_logs FOR INSERT TO daybreak_service
  WITH CHECK (user_id = (SELECT auth.uid()));
CREATE POLICY own_rows_read ON loglytics.usage_tracking FOR SELECT
  TO daybreak_service, daybreak_reader USING (user_id = (SELECT auth.uid()));
CREATE POLICY own_rows_insert ON loglytics.usage_tracking FOR INSERT TO daybreak_service
  WITH CHECK (user_id = (SELECT auth.uid()));
CREATE POLICY own_rows_update ON loglytics.usage_tracking FOR UPDATE TO daybreak_service
  USING (user_id = (SELECT auth.uid())) WITH CHECK (user_id = (SELECT auth.uid()));

-- Revoking a key is an update; what was audited or billed stays until retention takes it.
REVOKE DELETE ON loglytics.api_keys, loglytics.usage_tracking FROM daybreak_service;
REVOKE UPDATE, DELETE ON loglytics.audit_logs FROM daybreak_service;
-- Readers see neither a password's nor a key's digest.
REVOKE SELECT ON loglytics.users, loglytics.api_keys FROM daybreak_reader;
GRANT SELECT (id, email, full_name, subscription_tier, selected_llm_model, is_active, created_at,
  updated_at) ON loglytics.users TO daybreak_reader;
GRANT SELECT (id, user_id, name, key_prefix, scopes, last_used_at, expires_at, is_active, deleted_at,
  created_at) ON loglytics.api_keys TO daybreak_reader;

SELECT loglytics.allow_expiry(
  'loglytics.audit_logs', 'created_at < (SELECT loglytics.retention_cutoff())');
SELECT loglytics.allow_expiry('loglytics.usage_tracking',
  'date < (SELECT (loglytics.retention_cutoff() AT TIME ZONE ''UTC'')::date)');

-- The two questions that come before a user is known. Both run as the owner, who may read these two
-- tables for them and for the dashboards, and for nothing else: nobody logs in as the owner.
CREATE POLICY owner_reads ON loglytics.users FOR SELECT TO daybreak_owner USING (true);
CREATE POLICY owner_reads ON loglytics.api_keys FOR SELECT TO daybreak_owner
  USING (is_active AND deleted_at IS NULL);

-- The user of an address; NULL when there is none.
CREATE FUNCTION loglytics.user_named(wanted_email text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$ SELECT id FROM loglytics.users WHERE email = wanted_email AND is_active $$;

-- The keys that a presented key may be: the caller compares the digest, in constant time, and sets
-- the user of the one that agrees.
CREATE FUNCTION loglytics.api_key_candidates(presented_prefix text)
RETURNS TABLE (id uuid, user_id uuid, key_hash text, scopes text[], expires_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
  SELECT k.id, k.user_id, k.key_hash::text, k.scopes, k.expires_at
  FROM loglytics.api_keys AS k
  WHERE k.key_prefix = presented_prefix AND k.is_active AND k.deleted_at IS NULL
    AND (k.expires_at IS NULL OR k.expires_at > now())
$$;
REVOKE ALL ON FUNCTION loglytics.user_named(text), loglytics.api_key_candidates(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION loglytics.user_named(text), loglytics.api_key_candidates(text)
  TO daybreak_service;

RESET ROLE;
