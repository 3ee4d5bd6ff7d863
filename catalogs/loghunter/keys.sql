-- Keys of the API, one named query after another; each runs as the service, in a transaction that has set
-- the tenant. A digest goes in and is compared; none comes out.

-- name: list
SELECT id::text AS id, name, key_prefix AS prefix, scopes, created_at, expires_at, last_used_at,
  deleted_at AS revoked_at, key_hash LIKE '$2%' AS is_bcrypt
FROM loghunter.api_keys ORDER BY name COLLATE "C", created_at, id;

-- name: create
-- $1 id, $2 tenant, $3 name, $4 prefix, $5 digest, $6 scopes, $7 expiry.
INSERT INTO loghunter.api_keys (id, tenant_id, name, key_prefix, key_hash, scopes, expires_at)
VALUES ($1::uuid, $2::uuid, $3, $4, $5, $6, $7);

-- name: revoke
-- $1 id.
UPDATE loghunter.api_keys SET deleted_at = now() WHERE id = $1::uuid AND deleted_at IS NULL;

-- name: use
-- $1 id, $2 the digest that agreed.
UPDATE loghunter.api_keys SET last_used_at = now()
WHERE id = $1::uuid AND key_hash = $2 AND deleted_at IS NULL;

-- name: rehash
-- $1 id, $2 the bcrypt hash that agreed, $3 the digest in its place.
UPDATE loghunter.api_keys SET key_hash = $3, last_used_at = now()
WHERE id = $1::uuid AND key_hash = $2 AND deleted_at IS NULL;
