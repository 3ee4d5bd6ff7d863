-- Who shares the database, one named query after another. `list` is asked as the owner; the others run as the
-- service, in a transaction that has set the organization: $1 is its id, $2 its name.

-- name: list
SELECT id::text AS id, name::text AS name, subscription_status::text = 'cancelled' AS is_deleted, created_at
FROM anzx.organizations ORDER BY name::text COLLATE "C", id;

-- name: create
INSERT INTO anzx.organizations (id, name) VALUES ($1::uuid, $2);

-- name: rename
UPDATE anzx.organizations SET name = $2 WHERE id = $1::uuid;

-- name: delete
-- ANZx knows no other mark.
UPDATE anzx.organizations SET subscription_status = 'cancelled'
WHERE id = $1::uuid AND subscription_status::text <> 'cancelled';

-- name: restore
UPDATE anzx.organizations SET subscription_status = 'active'
WHERE id = $1::uuid AND subscription_status::text = 'cancelled';
