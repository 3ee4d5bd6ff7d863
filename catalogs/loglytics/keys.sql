-- Keys of the API, one named query after another; each runs as the service, in a transaction that has set
-- the tenant. A digest goes in and is compared; none comes out.

-- name: list
-- A key that Loglytics itself switched off has no time of that: the moment it was made stands in.
SELECT id::text AS id, name::text AS name, key_prefix AS prefix, scopes, created_at, expires_at, last_used_at,
  CASE WHEN deleted_at IS NOT NULL THEN deleted_at WHEN NOT is_active THEN created_at END AS revoked_at,
  false AS is_bcrypt
FROM loglytics.api_keys ORDER BY name::text COLLATE "C", created_at, id;

-- name: create
-- $1 id, $2 user, $3 name, $4 prefix, $5 digest, $6 scopes, $7 expiry.
INSERT INTO loglytics.api_keys (id, user_id, name, key_prefix, key_hash, scopes, expires_at)
VALUES ($1::uuid, $2::uuid, $3, $4, $5, $6, $7);

-- name: revoke
-- $1 id.
UPDATE loglytics.api_keys SET deleted_at = now() WHERE id = $1::uuid AND is_active;

-- name: use
-- $1 id, $2 the digest that agreed.
UPDATE loglytics.api_keys SET last_used_at = now()
WHERE id = $1::uuid AND key_hash = $2 AND is_active;
