-- Keys of the API, one named query after another; each runs as the service, in a transaction that has set
-- the tenant. A digest goes in and is compared; none comes out.

-- name: list
-- A key that Netra itself switched off has no time of that: its last change stands in. Netra's own keys have no
-- prefix; what stands there is that of their row.
SELECT id::text AS id, name::text AS name, 'dbk_' || replace(id::text, '-', '') AS prefix,
  CASE WHEN jsonb_typeof(metadata -> 'scopes') = 'array'
    THEN ARRAY(SELECT jsonb_array_elements_text(metadata -> 'scopes')) ELSE '{}' END AS scopes,
  created_at, expires_at, last_used_at, CASE WHEN NOT is_active THEN updated_at END AS revoked_at,
  false AS is_bcrypt
FROM netra.api_keys
WHERE user_id = netra.current_user_id() ORDER BY name::text COLLATE "C", created_at, id;

-- name: create
-- $1 id, $2 user, $3 name, $4 prefix (the id's own), $5 digest, $6 scopes, $7 expiry.
INSERT INTO netra.api_keys (id, user_id, name, key_hash, metadata, expires_at)
SELECT $1::uuid, $2::integer, $3, $5, jsonb_build_object('scopes', to_jsonb($6::text[])), $7
WHERE $4 = 'dbk_' || replace($1, '-', '');

-- name: revoke
-- $1 id.
UPDATE netra.api_keys SET is_active = false WHERE id = $1::uuid AND is_active;

-- name: use
-- $1 id, $2 the digest that agreed.
UPDATE netra.api_keys SET last_used_at = now() WHERE id = $1::uuid AND key_hash = $2 AND is_active;

-- name: by_digest
-- $1 the digest of a whole key that Netra made.
SELECT k.key_id::text AS id, k.user_id::text AS tenant, $1 AS key_hash, '{}'::text[] AS scopes, k.expires_at
FROM netra.user_for_api_key($1) AS k;
