-- Who shares the database, one named query after another. `list` is asked as the owner; the others run as the
-- service, in a transaction that has set the tenant: $1 is its id, $2 its name.

-- name: list
SELECT id::text AS id, name, deleted_at IS NOT NULL AS is_deleted, created_at
FROM loghunter.tenants ORDER BY name COLLATE "C", id;

-- name: create
INSERT INTO loghunter.tenants (id, name, loki_org_id) VALUES ($1::uuid, $2, $2);

-- name: rename
UPDATE loghunter.tenants SET name = $2 WHERE id = $1::uuid;

-- name: delete
UPDATE loghunter.tenants SET deleted_at = now() WHERE id = $1::uuid AND deleted_at IS NULL;

-- name: restore
UPDATE loghunter.tenants SET deleted_at = NULL WHERE id = $1::uuid AND deleted_at IS NOT NULL;
