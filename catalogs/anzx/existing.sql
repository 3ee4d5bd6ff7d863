-- Reading a database of ANZx's own, as it is: nothing of Daybreak is in it, and nothing is added. One named
-- query after another. Names are not qualified: SET LOCAL search_path TO the schema, usually public, and read
-- in a transaction that is READ ONLY. Its times have no zone and are UTC. Every query names the
-- organization: nothing there keeps them apart.
-- Parameters, where a query has them: $1 the window's start, $2 its end (timestamptz, half-open).

-- name: recognise
-- What differs from the tables of ANZx's own migration: a column that is missing, of another type, or more
-- than expected. No row: it is that database. A table of which every column is missing is not there.
WITH expected (table_name, column_name, type) AS (VALUES
  ('assistants', 'id', 'uuid'),
  ('assistants', 'name', 'character varying(255)'),
  ('assistants', 'description', 'text'),
  ('assistants', 'type', 'character varying(50)'),
  ('assistants', 'organization_id', 'uuid'),
  ('assistants', 'system_prompt', 'text'),
  ('assistants', 'model_config', 'json'),
  ('assistants', 'tools_config', 'json'),
  ('assistants', 'knowledge_sources', 'uuid[]'),
  ('assistants', 'is_active', 'boolean'),
  ('assistants', 'deployment_status', 'character varying(50)'),
  ('assistants', 'version', 'character varying(50)'),
  ('assistants', 'total_conversations', 'integer'),
  ('assistants', 'total_messages', 'integer'),
  ('assistants', 'average_response_time', 'double precision'),
  ('assistants', 'satisfaction_score', 'double precision'),
  ('assistants', 'created_at', 'timestamp without time zone'),
  ('assistants', 'updated_at', 'timestamp without time zone'),
  ('assistants', 'deployed_at', 'timestamp without time zone'),
  ('audit_logs', 'id', 'uuid'),
  ('audit_logs', 'event_type', 'character varying(100)'),
  ('audit_logs', 'action', 'character varying(255)'),
  ('audit_logs', 'outcome', 'character varying(50)'),
  ('audit_logs', 'user_id', 'uuid'),
  ('audit_logs', 'organization_id', 'uuid'),
  ('audit_logs', 'ip_address', 'character varying(45)'),
  ('audit_logs', 'user_agent', 'character varying(500)'),
  ('audit_logs', 'resource_type', 'character varying(100)'),
  ('audit_logs', 'resource_id', 'character varying(255)'),
  ('audit_logs', 'details', 'json'),
  ('audit_logs', 'risk_level', 'character varying(20)'),
  ('audit_logs', 'created_at', 'timestamp without time zone'),
  ('conversations', 'id', 'uuid'),
  ('conversations', 'title', 'character varying(255)'),
  ('conversations', 'organization_id', 'uuid'),
  ('conversations', 'user_id', 'uuid'),
  ('conversations', 'assistant_id', 'uuid'),
  ('conversations', 'channel', 'character varying(50)'),
  ('conversations', 'session_id', 'character varying(255)'),
  ('conversations', 'status', 'character varying(50)'),
  ('conversations', 'resolution_status', 'character varying(50)'),
  ('conversations', 'satisfaction_rating', 'integer'),
  ('conversations', 'message_count', 'integer'),
  ('conversations', 'total_tokens', 'integer'),
  ('conversations', 'total_cost', 'numeric(10,6)'),
  ('conversations', 'average_response_time', 'double precision'),
  ('conversations', 'metadata', 'json'),
  ('conversations', 'context', 'json'),
  ('conversations', 'created_at', 'timestamp without time zone'),
  ('conversations', 'updated_at', 'timestamp without time zone'),
  ('conversations', 'ended_at', 'timestamp without time zone'),
  ('documents', 'id', 'uuid'),
  ('documents', 'knowledge_source_id', 'uuid'),
  ('documents', 'content', 'text'),
  ('documents', 'chunk_index', 'integer'),
  ('documents', 'embedding', 'vector(768)'),
  ('documents', 'metadata', 'json'),
  ('documents', 'token_count', 'integer'),
  ('documents', 'content_hash', 'character varying(64)'),
  ('documents', 'created_at', 'timestamp without time zone'),
  ('knowledge_sources', 'id', 'uuid'),
  ('knowledge_sources', 'organization_id', 'uuid'),
  ('knowledge_sources', 'name', 'character varying(255)'),
  ('knowledge_sources', 'description', 'text'),
  ('knowledge_sources', 'type', 'character varying(50)'),
  ('knowledge_sources', 'source_url', 'character varying(1000)'),
  ('knowledge_sources', 'status', 'character varying(50)'),
  ('knowledge_sources', 'processing_progress', 'double precision'),
  ('knowledge_sources', 'error_message', 'text'),
  ('knowledge_sources', 'file_size', 'integer'),
  ('knowledge_sources', 'file_type', 'character varying(100)'),
  ('knowledge_sources', 'chunk_count', 'integer'),
  ('knowledge_sources', 'chunking_config', 'json'),
  ('knowledge_sources', 'embedding_model', 'character varying(100)'),
  ('knowledge_sources', 'created_at', 'timestamp without time zone'),
  ('knowledge_sources', 'updated_at', 'timestamp without time zone'),
  ('knowledge_sources', 'processed_at', 'timestamp without time zone'),
  ('messages', 'id', 'uuid'),
  ('messages', 'conversation_id', 'uuid'),
  ('messages', 'content', 'text'),
  ('messages', 'role', 'character varying(50)'),
  ('messages', 'model', 'character varying(100)'),
  ('messages', 'tokens_input', 'integer'),
  ('messages', 'tokens_output', 'integer'),
  ('messages', 'cost', 'numeric(10,6)'),
  ('messages', 'latency_ms', 'integer'),
  ('messages', 'tool_calls', 'json'),
  ('messages', 'tool_results', 'json'),
  ('messages', 'confidence_score', 'double precision'),
  ('messages', 'feedback_rating', 'integer'),
  ('messages', 'feedback_comment', 'text'),
  ('messages', 'citations', 'json'),
  ('messages', 'metadata', 'json'),
  ('messages', 'created_at', 'timestamp without time zone'),
  ('organizations', 'id', 'uuid'),
  ('organizations', 'name', 'character varying(255)'),
  ('organizations', 'description', 'text'),
  ('organizations', 'website', 'character varying(500)'),
  ('organizations', 'industry', 'character varying(100)'),
  ('organizations', 'region', 'character varying(10)'),
  ('organizations', 'timezone', 'character varying(50)'),
  ('organizations', 'subscription_plan', 'character varying(50)'),
  ('organizations', 'subscription_status', 'character varying(50)'),
  ('organizations', 'stripe_customer_id', 'character varying(255)'),
  ('organizations', 'monthly_message_limit', 'integer'),
  ('organizations', 'monthly_message_count', 'integer'),
  ('organizations', 'monthly_token_limit', 'integer'),
  ('organizations', 'monthly_token_count', 'integer'),
  ('organizations', 'settings', 'json'),
  ('organizations', 'branding', 'json'),
  ('organizations', 'created_at', 'timestamp without time zone'),
  ('organizations', 'updated_at', 'timestamp without time zone'),
  ('subscriptions', 'organization_id', 'uuid'),
  ('subscriptions', 'stripe_customer_id', 'character varying(255)'),
  ('subscriptions', 'stripe_subscription_id', 'character varying(255)'),
  ('subscriptions', 'stripe_price_id', 'character varying(255)'),
  ('subscriptions', 'plan', 'character varying(50)'),
  ('subscriptions', 'status', 'character varying(50)'),
  ('subscriptions', 'current_period_start', 'timestamp without time zone'),
  ('subscriptions', 'current_period_end', 'timestamp without time zone'),
  ('subscriptions', 'usage_counters', 'json'),
  ('subscriptions', 'usage_limits', 'json'),
  ('subscriptions', 'created_at', 'timestamp without time zone'),
  ('subscriptions', 'updated_at', 'timestamp without time zone'),
  ('users', 'id', 'uuid'),
  ('users', 'firebase_uid', 'character varying(255)'),
  ('users', 'email', 'character varying(255)'),
  ('users', 'email_verified', 'boolean'),
  ('users', 'display_name', 'character varying(255)'),
  ('users', 'first_name', 'character varying(255)'),
  ('users', 'last_name', 'character varying(255)'),
  ('users', 'avatar_url', 'character varying(500)'),
  ('users', 'phone', 'character varying(50)'),
  ('users', 'organization_id', 'uuid'),
  ('users', 'role', 'character varying(50)'),
  ('users', 'is_active', 'boolean'),
  ('users', 'last_login', 'timestamp without time zone'),
  ('users', 'login_count', 'integer'),
  ('users', 'preferences', 'json'),
  ('users', 'notification_settings', 'json'),
  ('users', 'privacy_consent', 'boolean'),
  ('users', 'privacy_consent_date', 'timestamp without time zone'),
  ('users', 'marketing_consent', 'boolean'),
  ('users', 'created_at', 'timestamp without time zone'),
  ('users', 'updated_at', 'timestamp without time zone')
), found AS (
  SELECT c.relname::text AS table_name, a.attname::text AS column_name,
    replace(replace(format_type(a.atttypid, a.atttypmod), 'public.', ''), current_schema() || '.', '') AS type
  FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
    AND c.relname IN (SELECT table_name FROM expected)
)
SELECT table_name, column_name, e.type AS expected_type, f.type AS found_type
FROM expected AS e FULL JOIN found AS f USING (table_name, column_name)
WHERE e.type IS DISTINCT FROM f.type
ORDER BY table_name, column_name;

-- name: metadata_columns
-- How the JSON columns are called: `metadata` after a migration, by table after create_all.
SELECT c.relname AS table_name, a.attname AS column_name
FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND NOT a.attisdropped
WHERE c.relnamespace = current_schema()::regnamespace AND c.relname IN ('documents', 'conversations', 'messages')
  AND a.attname IN ('metadata', 'doc_metadata', 'conv_metadata', 'msg_metadata')
ORDER BY c.relname;

-- name: organizations
-- Who is a tenant there.
SELECT o.id, o.name, o.region, o.timezone, o.subscription_plan AS plan,
  (SELECT count(*) FROM users AS u WHERE u.organization_id = o.id) AS people
FROM organizations AS o ORDER BY o.name COLLATE "C", o.id;

-- name: activity
-- Each organization's window.
SELECT o.name AS organization, coalesce(c.conversations, 0) AS conversations, coalesce(m.messages, 0) AS messages,
  coalesce(m.tokens, 0) AS tokens, coalesce(m.cost, 0) AS cost, m.mean_latency_ms, m.mean_confidence
FROM organizations AS o
LEFT JOIN (SELECT organization_id, count(*) AS conversations FROM conversations
  WHERE created_at >= $1 AT TIME ZONE 'UTC' AND created_at < $2 AT TIME ZONE 'UTC' GROUP BY organization_id) AS c
  ON c.organization_id = o.id
LEFT JOIN (SELECT v.organization_id, count(*) AS messages, sum(m.tokens_input + m.tokens_output)::bigint AS tokens,
    sum(m.cost) AS cost, round(avg(m.latency_ms) FILTER (WHERE m.role = 'assistant'))::double precision AS mean_latency_ms,
    round(avg(m.confidence_score)::numeric, 3)::double precision AS mean_confidence
  FROM messages AS m JOIN conversations AS v ON v.id = m.conversation_id
  WHERE m.created_at >= $1 AT TIME ZONE 'UTC' AND m.created_at < $2 AT TIME ZONE 'UTC' GROUP BY v.organization_id) AS m
  ON m.organization_id = o.id
ORDER BY conversations DESC, o.name COLLATE "C", o.id;

-- name: audit
-- What was done, the riskiest first.
SELECT o.name AS organization, coalesce(a.risk_level, 'low') AS risk_level, a.event_type, a.action, a.outcome, count(*) AS events
FROM audit_logs AS a LEFT JOIN organizations AS o ON o.id = a.organization_id
WHERE a.created_at >= $1 AT TIME ZONE 'UTC' AND a.created_at < $2 AT TIME ZONE 'UTC'
GROUP BY 1, 2, 3, 4, 5
ORDER BY array_position(ARRAY['critical', 'high', 'medium', 'low'], coalesce(a.risk_level, 'low')::text), events DESC, 1, 3, 4, 5
LIMIT 30;

-- name: expired
-- What retention would take there, were it asked: rows that ended 90 days before the window's end.
SELECT 'audit_logs' AS table_name, count(*) AS rows FROM audit_logs
WHERE risk_level = 'low' AND created_at < ($2 - interval '90 days') AT TIME ZONE 'UTC'
UNION ALL
SELECT 'conversations', count(*) FROM conversations
WHERE status = 'closed' AND ended_at < ($2 - interval '90 days') AT TIME ZONE 'UTC'
ORDER BY 1;

-- name: consent
-- What people agreed to; NULL counts as no.
SELECT o.name AS organization, count(u.id) AS people, count(u.id) FILTER (WHERE u.privacy_consent) AS privacy_given,
  count(u.id) FILTER (WHERE u.privacy_consent AND u.privacy_consent_date IS NULL) AS without_date,
  count(u.id) FILTER (WHERE u.marketing_consent) AS marketing_given
FROM organizations AS o LEFT JOIN users AS u ON u.organization_id = o.id
GROUP BY o.id, o.name ORDER BY o.name COLLATE "C", o.id;
