-- What the report says of ANZx. One named query after another; each is read as daybreak_reader with
-- anzx.organization_id set.
-- Parameters, where a query has them: $1 the window's start, $2 its end (timestamptz, half-open).

-- name: activity
-- The window, and the same span one day and seven days before.
SELECT d.days_back,
  (SELECT count(*) FROM anzx.conversations AS c WHERE c.created_at >= s.start AND c.created_at < s.stop) AS conversations,
  m.messages, m.tokens, m.cost, m.mean_latency_ms, m.p95_latency_ms, m.mean_confidence
FROM (VALUES (0), (1), (7)) AS d (days_back),
  LATERAL (SELECT $1 - make_interval(days => d.days_back), $2 - make_interval(days => d.days_back)) AS s (start, stop),
  LATERAL (
    SELECT count(*) AS messages, coalesce(sum(tokens_input + tokens_output), 0)::bigint AS tokens,
      coalesce(sum(cost), 0) AS cost,
      round(avg(latency_ms) FILTER (WHERE role = 'assistant'))::double precision AS mean_latency_ms,
      percentile_cont(0.95) WITHIN GROUP (ORDER BY latency_ms) FILTER (WHERE role = 'assistant') AS p95_latency_ms,
      round(avg(confidence_score)::numeric, 3)::double precision AS mean_confidence
    FROM anzx.messages AS m WHERE m.created_at >= s.start AND m.created_at < s.stop
  ) AS m
ORDER BY d.days_back;

-- name: hours
-- Messages, latency and confidence hour by hour from the window's start.
SELECT h.start AS hour, count(m.id) AS messages,
  round(avg(m.latency_ms) FILTER (WHERE m.role = 'assistant'))::double precision AS mean_latency_ms,
  round(avg(m.confidence_score)::numeric, 3)::double precision AS mean_confidence
FROM generate_series($1, $2 - interval '1 microsecond', interval '1 hour') AS h (start)
LEFT JOIN anzx.messages AS m
  ON m.created_at >= h.start AND m.created_at < least(h.start + interval '1 hour', $2)
GROUP BY h.start ORDER BY h.start;

-- name: assistants
-- How each assistant did.
SELECT a.name, a.type, a.deployment_status AS status, count(DISTINCT c.id) AS conversations,
  count(DISTINCT c.id) FILTER (WHERE c.resolution_status = 'escalated') AS escalated,
  round(avg(c.satisfaction_rating), 2)::double precision AS mean_rating,
  round(avg(m.latency_ms) FILTER (WHERE m.role = 'assistant'))::double precision AS mean_latency_ms,
  round(avg(m.confidence_score)::numeric, 3)::double precision AS mean_confidence,
  coalesce(sum(m.cost), 0) AS cost
FROM anzx.assistants AS a
LEFT JOIN anzx.conversations AS c ON c.assistant_id = a.id AND c.created_at >= $1 AND c.created_at < $2
LEFT JOIN anzx.messages AS m ON m.conversation_id = c.id
GROUP BY a.id, a.name, a.type, a.deployment_status
ORDER BY conversations DESC, a.name COLLATE "C", a.id;

-- name: poor_answers
-- Answers of low confidence or after a long wait; no word of what was said.
SELECT m.created_at, a.name AS assistant, c.channel, m.model, m.confidence_score, m.latency_ms, m.feedback_rating
FROM anzx.messages AS m JOIN anzx.conversations AS c ON c.id = m.conversation_id
JOIN anzx.assistants AS a ON a.id = c.assistant_id
WHERE m.created_at >= $1 AND m.created_at < $2 AND m.role = 'assistant'
  AND (m.confidence_score < 0.5 OR m.latency_ms > 10000 OR m.feedback_rating <= 2)
ORDER BY m.confidence_score, m.latency_ms DESC, m.id LIMIT 20;

-- name: knowledge
-- Sources that failed or are not ready.
SELECT name, type, status, processing_progress, error_message, updated_at FROM anzx.knowledge_sources
WHERE status <> 'completed' ORDER BY status, name COLLATE "C", id;

-- name: audit
-- What was done, the riskiest first.
SELECT risk_level, event_type, action, outcome, count(*) AS events, count(DISTINCT user_id) AS people,
  min(created_at) AS first_at, max(created_at) AS last_at
FROM anzx.audit_logs WHERE created_at >= $1 AND created_at < $2
GROUP BY risk_level, event_type, action, outcome
ORDER BY array_position(ARRAY['critical', 'high', 'medium', 'low'], risk_level::text), events DESC,
  event_type COLLATE "C", action COLLATE "C", outcome COLLATE "C" LIMIT 30;

-- name: failed_sign_ins
-- Addresses from which signing in failed ten times or more.
SELECT ip_address, count(*) AS failures, min(created_at) AS first_at, max(created_at) AS last_at
FROM anzx.audit_logs
WHERE created_at >= $1 AND created_at < $2 AND action = 'login' AND outcome = 'failure' AND ip_address IS NOT NULL
GROUP BY ip_address HAVING count(*) >= 10 ORDER BY failures DESC, ip_address COLLATE "C";

-- name: consent
-- What people agreed to.
SELECT people, privacy_given, privacy_withdrawn, privacy_never, marketing_given, marketing_without_privacy,
  oldest_consent FROM anzx.consent_report WHERE organization_id IS NOT NULL;

-- name: limits
-- How much of the month's allowance is used.
SELECT name, subscription_plan AS plan, subscription_status AS status, monthly_message_count AS messages,
  monthly_message_limit AS message_limit, monthly_token_count AS tokens, monthly_token_limit AS token_limit
FROM anzx.organizations;

-- name: history
-- Conversations and cost of the 28 UTC days up to and with the window's first.
SELECT d.day::date AS day,
  (SELECT count(*) FROM anzx.conversations AS c WHERE c.created_at >= d.day AT TIME ZONE 'UTC'
    AND c.created_at < (d.day + interval '1 day') AT TIME ZONE 'UTC') AS conversations,
  (SELECT coalesce(sum(m.cost), 0) FROM anzx.messages AS m WHERE m.created_at >= d.day AT TIME ZONE 'UTC'
    AND m.created_at < (d.day + interval '1 day') AT TIME ZONE 'UTC') AS cost
FROM generate_series(($1 AT TIME ZONE 'UTC')::date - 27, ($1 AT TIME ZONE 'UTC')::date, interval '1 day')
  AS d (day)
ORDER BY d.day;
