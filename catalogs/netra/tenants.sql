-- Who shares the database, one named query after another. `list` is asked as the owner; `create` runs as the
-- service for nobody ($1 the e-mail address: Netra gives the id); `rename` for the user; `delete` and `restore`
-- for a superuser: $1 is the user's id, $2 the address.

-- name: list
SELECT id::text AS id, email::text AS name, NOT is_active AS is_deleted, created_at
FROM netra.users ORDER BY email::text COLLATE "C", id;

-- name: create
INSERT INTO netra.users (email) VALUES ($1);

-- name: rename
UPDATE netra.users SET email = $2 WHERE id = $1::integer;

-- name: delete
UPDATE netra.users SET is_active = false WHERE id = $1::integer AND is_active;

-- name: restore
UPDATE netra.users SET is_active = true WHERE id = $1::integer AND NOT is_active;
