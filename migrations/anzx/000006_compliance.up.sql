-- Consent, portability, erasure and retention.
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;

-- Dates a change of consent, whoever makes it.
CREATE FUNCTION anzx.stamp_consent() RETURNS trigger
LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.privacy_consent AND NEW.privacy_consent_date IS NULL THEN
      NEW.privacy_consent_date := now();
    END IF;
  ELSIF NEW.privacy_consent <> OLD.privacy_consent
    AND NEW.privacy_consent_date IS NOT DISTINCT FROM OLD.privacy_consent_date
  THEN
    NEW.privacy_consent_date := now();
  END IF;
  RETURN NEW;
END
$$;

-- Records a change of consent, with the rights of who makes it.
CREATE FUNCTION anzx.audit_consent() RETURNS trigger
LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  INSERT INTO anzx.audit_logs (
    event_type, action, outcome, user_id, organization_id, resource_type, resource_id, details,
    risk_level)
  VALUES (
    'privacy', 'consent_changed', 'success', NEW.id, NEW.organization_id, 'user', NEW.id::text,
    jsonb_build_object(
      'privacy_consent', NEW.privacy_consent, 'marketing_consent', NEW.marketing_consent),
    'medium');
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION anzx.stamp_consent(), anzx.audit_consent() FROM PUBLIC;
CREATE TRIGGER stamp_consent
  BEFORE INSERT OR UPDATE OF privacy_consent, privacy_consent_date ON anzx.users
  FOR EACH ROW EXECUTE FUNCTION anzx.stamp_consent();
CREATE TRIGGER audit_consent AFTER UPDATE ON anzx.users
  FOR EACH ROW WHEN (NEW.privacy_consent IS DISTINCT FROM OLD.privacy_consent
    OR NEW.marketing_consent IS DISTINCT FROM OLD.marketing_consent)
  EXECUTE FUNCTION anzx.audit_consent();

-- How an organization stands with its people's consent.
CREATE VIEW anzx.consent_report WITH (security_invoker = true, security_barrier = true) AS
SELECT organization_id, count(*) AS people,
  count(*) FILTER (WHERE privacy_consent) AS privacy_given,
  count(*) FILTER (WHERE NOT privacy_consent AND privacy_consent_date IS NOT NULL)
    AS privacy_withdrawn,
  count(*) FILTER (WHERE NOT privacy_consent AND privacy_consent_date IS NULL) AS privacy_never,
  count(*) FILTER (WHERE marketing_consent) AS marketing_given,
  count(*) FILTER (WHERE marketing_consent AND NOT privacy_consent) AS marketing_without_privacy,
  min(privacy_consent_date) FILTER (WHERE privacy_consent) AS oldest_consent
FROM anzx.users GROUP BY organization_id;
REVOKE ALL ON anzx.consent_report FROM PUBLIC;
GRANT SELECT ON anzx.consent_report TO daybreak_service, daybreak_reader;

-- Everything that is stored of one person, as far as the caller may see it; NULL for nobody.
CREATE FUNCTION anzx.export_user_data(user_uuid uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
  SELECT jsonb_build_object(
    'user', to_jsonb(u),
    'organization',
      (SELECT jsonb_build_object('id', o.id, 'name', o.name, 'region', o.region)
       FROM anzx.organizations AS o WHERE o.id = u.organization_id),
    'conversations', coalesce(
      (SELECT jsonb_agg(to_jsonb(c) || jsonb_build_object(
          'messages', coalesce(
            (SELECT jsonb_agg(to_jsonb(m) ORDER BY m.created_at, m.id)
             FROM anzx.messages AS m WHERE m.conversation_id = c.id), '[]'::jsonb))
        ORDER BY c.created_at, c.id)
       FROM anzx.conversations AS c WHERE c.user_id = u.id), '[]'::jsonb),
    'audit_logs', coalesce(
      (SELECT jsonb_agg(to_jsonb(a) ORDER BY a.created_at, a.id)
       FROM anzx.audit_logs AS a WHERE a.user_id = u.id), '[]'::jsonb))
  FROM anzx.users AS u WHERE u.id = user_uuid
$$;

-- Whom an erasure in this transaction is about. The policies below let the owner, as whom
-- erase_user_data() runs, reach this person's rows in the current organization, and nothing else.
CREATE FUNCTION anzx.erased_user_id() RETURNS uuid
LANGUAGE sql STABLE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$ SELECT nullif(current_setting('anzx.erased_user_id', true), '')::uuid $$;

CREATE POLICY erasure ON anzx.users FOR DELETE TO daybreak_owner
  USING (id = (SELECT anzx.erased_user_id())
    AND organization_id = (SELECT anzx.current_organization_id()));
CREATE POLICY erasure ON anzx.conversations TO daybreak_owner
  USING (user_id = (SELECT anzx.erased_user_id())
    AND organization_id = (SELECT anzx.current_organization_id()));
CREATE POLICY erasure ON anzx.messages TO daybreak_owner
  USING (organization_id = (SELECT anzx.current_organization_id())
    AND conversation_id IN (
      SELECT c.id FROM anzx.conversations AS c WHERE c.user_id = (SELECT anzx.erased_user_id())));
CREATE POLICY erasure ON anzx.audit_logs TO daybreak_owner
  USING (user_id = (SELECT anzx.erased_user_id())
    AND organization_id = (SELECT anzx.current_organization_id()))
  WITH CHECK ((SELECT anzx.erased_user_id()) IS NOT NULL
    AND organization_id = (SELECT anzx.current_organization_id()));

-- Erases a person of the current organization: conversations with their messages and the person go,
-- what was audited stays without name, address or details, and the erasure is audited itself. A dry
-- run counts and changes nothing. SECURITY DEFINER because the service may neither change nor delete
-- what was audited; it reaches nobody outside the current organization.
CREATE FUNCTION anzx.erase_user_data(user_uuid uuid, dry_run boolean DEFAULT true)
RETURNS TABLE (table_name text, action text, affected bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
DECLARE
  organization constant uuid := anzx.current_organization_id();
  counts jsonb;
BEGIN
  IF organization IS NULL OR NOT EXISTS (
    SELECT FROM anzx.users AS u WHERE u.id = user_uuid AND u.organization_id = organization)
  THEN
    RAISE EXCEPTION 'the current organization has no such person'
      USING ERRCODE = 'no_data_found',
      HINT = 'select set_config(''anzx.organization_id'', …, true) first';
  END IF;
  PERFORM set_config('anzx.erased_user_id', user_uuid::text, true);
  counts := jsonb_build_object(
    'messages', (SELECT count(*) FROM anzx.messages AS m WHERE m.conversation_id IN (
      SELECT c.id FROM anzx.conversations AS c WHERE c.user_id = user_uuid)),
    'conversations', (SELECT count(*) FROM anzx.conversations AS c WHERE c.user_id = user_uuid),
    'audit_logs', (SELECT count(*) FROM anzx.audit_logs AS a WHERE a.user_id = user_uuid));
  IF NOT dry_run THEN
    DELETE FROM anzx.messages AS m WHERE m.conversation_id IN (
      SELECT c.id FROM anzx.conversations AS c WHERE c.user_id = user_uuid);
    DELETE FROM anzx.conversations AS c WHERE c.user_id = user_uuid;
    UPDATE anzx.audit_logs AS a SET ip_address = NULL, user_agent = NULL, details = '{}'
    WHERE a.user_id = user_uuid;
    -- The foreign key takes the name out of what was audited.
    DELETE FROM anzx.users AS u WHERE u.id = user_uuid;
    INSERT INTO anzx.audit_logs (
      event_type, action, outcome, organization_id, resource_type, resource_id, details, risk_level)
    VALUES ('privacy', 'user_erased', 'success', organization, 'user', user_uuid::text, counts,
      'high');
  END IF;
  PERFORM set_config('anzx.erased_user_id', '', true);
  RETURN QUERY VALUES
    ('messages', 'delete', (counts ->> 'messages')::bigint),
    ('conversations', 'delete', (counts ->> 'conversations')::bigint),
    ('audit_logs', 'anonymise', (counts ->> 'audit_logs')::bigint),
    ('users', 'delete', 1::bigint);
END
$$;

-- Low-risk audit rows and closed conversations older than some days, for who operates by SQL: as
-- daybreak_owner, whom the policies let delete exactly this. Children go first.
CREATE FUNCTION anzx.cleanup_old_data(days integer DEFAULT 90)
RETURNS TABLE (table_name text, deleted bigint)
LANGUAGE plpgsql VOLATILE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  cutoff constant timestamptz := now() - make_interval(days => days);
  cutoff_before constant text := current_setting('daybreak.retention_before', true);
BEGIN
  IF days IS NULL OR days < 1 THEN
    RAISE EXCEPTION 'keep at least one day' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM set_config('daybreak.retention_before', cutoff::text, true);
  DELETE FROM anzx.messages AS m WHERE m.conversation_id IN (
    SELECT c.id FROM anzx.conversations AS c WHERE c.status = 'closed' AND c.ended_at < cutoff);
  GET DIAGNOSTICS deleted = ROW_COUNT;
  table_name := 'messages';
  RETURN NEXT;
  DELETE FROM anzx.conversations AS c WHERE c.status = 'closed' AND c.ended_at < cutoff;
  GET DIAGNOSTICS deleted = ROW_COUNT;
  table_name := 'conversations';
  RETURN NEXT;
  DELETE FROM anzx.audit_logs AS a WHERE a.risk_level = 'low' AND a.created_at < cutoff;
  GET DIAGNOSTICS deleted = ROW_COUNT;
  table_name := 'audit_logs';
  RETURN NEXT;
  PERFORM set_config('daybreak.retention_before', coalesce(cutoff_before, ''), true);
END
$$;

REVOKE ALL ON FUNCTION anzx.export_user_data(uuid), anzx.erased_user_id(),
  anzx.erase_user_data(uuid, boolean), anzx.cleanup_old_data(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION anzx.export_user_data(uuid), anzx.erase_user_data(uuid, boolean)
  TO daybreak_service;

RESET ROLE;
