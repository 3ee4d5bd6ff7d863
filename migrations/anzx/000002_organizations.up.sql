-- Organizations, what they pay for, their people, and what was done.
--
-- Columns are as the originals have them, but moments have a zone, JSON is jsonb, what has a default
-- is never NULL, and vocabularies that stood in comments are checked.
-- squawk-ignore-file prefer-bigint-over-int, prefer-text-field
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;

CREATE TABLE anzx.organizations (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name varchar(255) NOT NULL CHECK (name <> ''),
  description text,
  website varchar(500),
  industry varchar(100),
  region varchar(10) NOT NULL DEFAULT 'AU' CHECK (region::text IN ('AU', 'NZ', 'US')),
  timezone varchar(50) NOT NULL DEFAULT 'Australia/Sydney',
  subscription_plan varchar(50) NOT NULL DEFAULT 'freemium'
    CHECK (subscription_plan::text IN ('freemium', 'pro', 'enterprise')),
  subscription_status varchar(50) NOT NULL DEFAULT 'active'
    CHECK (subscription_status::text IN ('active', 'cancelled', 'suspended')),
  stripe_customer_id varchar(255),
  monthly_message_limit integer NOT NULL DEFAULT 1000 CHECK (monthly_message_limit >= 0),
  monthly_message_count integer NOT NULL DEFAULT 0 CHECK (monthly_message_count >= 0),
  monthly_token_limit integer NOT NULL DEFAULT 100000 CHECK (monthly_token_limit >= 0),
  monthly_token_count integer NOT NULL DEFAULT 0 CHECK (monthly_token_count >= 0),
  settings jsonb NOT NULL DEFAULT '{}',
  branding jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE anzx.organizations IS 'A customer: the tenant of everything here.';
CREATE INDEX idx_organizations_region ON anzx.organizations (region);
CREATE INDEX idx_organizations_stripe_customer ON anzx.organizations (stripe_customer_id);
CREATE INDEX idx_organizations_subscription_status ON anzx.organizations (subscription_status);

CREATE TABLE anzx.subscriptions (
  organization_id uuid PRIMARY KEY REFERENCES anzx.organizations (id) ON DELETE CASCADE,
  stripe_customer_id varchar(255) NOT NULL,
  stripe_subscription_id varchar(255),
  stripe_price_id varchar(255),
  plan varchar(50) NOT NULL CHECK (plan::text IN ('freemium', 'pro', 'enterprise')),
  status varchar(50) NOT NULL DEFAULT 'active',
  current_period_start timestamptz,
  current_period_end timestamptz,
  usage_counters jsonb NOT NULL DEFAULT '{}',
  usage_limits jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CHECK (current_period_start <= current_period_end)
);
COMMENT ON TABLE anzx.subscriptions IS 'What an organization pays for; one row each.';
CREATE INDEX idx_subscriptions_status ON anzx.subscriptions (status);
CREATE INDEX idx_subscriptions_stripe_customer ON anzx.subscriptions (stripe_customer_id);
CREATE INDEX idx_subscriptions_stripe_subscription ON anzx.subscriptions (stripe_subscription_id);

CREATE TABLE anzx.users (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  firebase_uid varchar(255) NOT NULL UNIQUE CHECK (firebase_uid <> ''),
  email varchar(255) NOT NULL UNIQUE CHECK (email <> ''),
  email_verified boolean NOT NULL DEFAULT false,
  display_name varchar(255),
  first_name varchar(255),
  last_name varchar(255),
  avatar_url varchar(500),
  phone varchar(50),
  -- NULL: signed up, and in no organization yet.
  organization_id uuid REFERENCES anzx.organizations (id) ON DELETE CASCADE,
  role varchar(50) NOT NULL DEFAULT 'user' CHECK (role::text IN ('user', 'admin', 'super_admin')),
  is_active boolean NOT NULL DEFAULT true,
  last_login timestamptz,
  login_count integer NOT NULL DEFAULT 0 CHECK (login_count >= 0),
  preferences jsonb NOT NULL DEFAULT '{}',
  notification_settings jsonb NOT NULL DEFAULT '{}',
  privacy_consent boolean NOT NULL DEFAULT false,
  -- When consent was given, or withdrawn last; NULL: neither.
  privacy_consent_date timestamptz,
  marketing_consent boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (organization_id, id),
  CONSTRAINT users_consent_has_date CHECK (NOT privacy_consent OR privacy_consent_date IS NOT NULL)
);
COMMENT ON TABLE anzx.users IS 'People, and what they agreed to.';
CREATE INDEX idx_users_email_active ON anzx.users (email, is_active);
CREATE INDEX idx_users_organization_role ON anzx.users (organization_id, role);

CREATE TABLE anzx.audit_logs (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  event_type varchar(100) NOT NULL CHECK (event_type <> ''),
  action varchar(255) NOT NULL CHECK (action <> ''),
  outcome varchar(50) NOT NULL CHECK (outcome <> ''),
  -- NULL: nobody known, or somebody whose data was erased since.
  user_id uuid,
  -- NULL: of no organization, such as a sign-in that failed.
  organization_id uuid REFERENCES anzx.organizations (id) ON DELETE SET NULL,
  ip_address varchar(45),
  user_agent varchar(500),
  resource_type varchar(100),
  resource_id varchar(255),
  details jsonb NOT NULL DEFAULT '{}',
  risk_level varchar(20) NOT NULL DEFAULT 'low'
    CHECK (risk_level::text IN ('low', 'medium', 'high', 'critical')),
  created_at timestamptz NOT NULL DEFAULT now(),
  -- Not in the originals: kept until then whatever retention says. NULL: no such duty.
  retain_until timestamptz,
  FOREIGN KEY (organization_id, user_id) REFERENCES anzx.users (organization_id, id)
    ON DELETE SET NULL (user_id)
);
COMMENT ON TABLE anzx.audit_logs IS 'What was done. Written once: the service changes no row.';
CREATE INDEX idx_audit_logs_organization ON anzx.audit_logs (organization_id, created_at);
CREATE INDEX idx_audit_logs_user ON anzx.audit_logs (organization_id, user_id);
CREATE INDEX idx_audit_logs_event_type ON anzx.audit_logs (event_type);
CREATE INDEX idx_audit_logs_outcome ON anzx.audit_logs (outcome);
CREATE INDEX idx_audit_logs_created_at ON anzx.audit_logs (created_at);
-- What retention asks.
CREATE INDEX idx_audit_logs_risk_level ON anzx.audit_logs (risk_level, created_at);

SELECT anzx.protect_table('anzx.organizations');
SELECT anzx.protect_table('anzx.subscriptions');
SELECT anzx.protect_table('anzx.users');
SELECT anzx.protect_table('anzx.audit_logs');

SELECT anzx.isolate_organizations('anzx.organizations', 'id');
-- An organization goes with everything it has: not by a slip of the service.
REVOKE DELETE ON anzx.organizations FROM daybreak_service;
SELECT anzx.isolate_organizations('anzx.subscriptions');

-- Besides the organization's people, somebody who signs up: nobody else sees that row until it is
-- taken into an organization.
CREATE POLICY organization_isolation ON anzx.users TO daybreak_service, daybreak_reader
  USING (organization_id = (SELECT anzx.current_organization_id())
    OR (organization_id IS NULL AND id = (SELECT anzx.current_user_id())))
  WITH CHECK (organization_id = (SELECT anzx.current_organization_id())
    OR (organization_id IS NULL AND id = (SELECT anzx.current_user_id())));

CREATE POLICY organization_reads ON anzx.audit_logs FOR SELECT TO daybreak_service, daybreak_reader
  USING (organization_id = (SELECT anzx.current_organization_id()));
-- Events of no organization can be written by all and read by none.
CREATE POLICY organization_inserts ON anzx.audit_logs FOR INSERT TO daybreak_service
  WITH CHECK (organization_id IS NULL
    OR organization_id = (SELECT anzx.current_organization_id()));
REVOKE UPDATE, DELETE ON anzx.audit_logs FROM daybreak_service;
SELECT anzx.allow_expiry('anzx.audit_logs',
  'risk_level = ''low'' AND created_at < (SELECT anzx.retention_cutoff()) '
  'AND (retain_until IS NULL OR retain_until < now())');

-- The two questions that come before an organization is known. Both run as the owner, who may read
-- these two tables for them: nobody logs in as the owner.
CREATE POLICY owner_reads ON anzx.organizations FOR SELECT TO daybreak_owner USING (true);
CREATE POLICY owner_reads ON anzx.users FOR SELECT TO daybreak_owner USING (true);

-- The organization of a name; NULL when there is none, or more than one.
CREATE FUNCTION anzx.organization_named(wanted_name text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
  SELECT (array_agg(id))[1] FROM anzx.organizations WHERE name = wanted_name HAVING count(*) = 1
$$;

-- Who signs in: the person and the organization to set for what follows.
CREATE FUNCTION anzx.user_signed_in(presented_firebase_uid text)
RETURNS TABLE (user_id uuid, organization_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
  SELECT u.id, u.organization_id FROM anzx.users AS u
  WHERE u.firebase_uid = presented_firebase_uid AND u.is_active
$$;
REVOKE ALL ON FUNCTION anzx.organization_named(text), anzx.user_signed_in(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION anzx.organization_named(text), anzx.user_signed_in(text)
  TO daybreak_service;

RESET ROLE;
