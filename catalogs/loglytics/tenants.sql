-- Who shares the database, one named query after another. `list` is asked as the owner; the others run as the
-- service, in a transaction that has set the user: $1 is the id, $2 the e-mail address.

-- name: list
SELECT id::text AS id, email::text AS name, NOT is_active AS is_deleted, created_at
FROM loglytics.users ORDER BY email::text COLLATE "C", id;

-- name: create
-- `!` is no hash of any password: the user signs in when somebody has set one.
INSERT INTO loglytics.users (id, email, password_hash) VALUES ($1::uuid, $2, '!');

-- name: rename
UPDATE loglytics.users SET email = $2 WHERE id = $1::uuid;

-- name: delete
UPDATE loglytics.users SET is_active = false WHERE id = $1::uuid AND is_active;

-- name: restore
UPDATE loglytics.users SET is_active = true WHERE id = $1::uuid AND NOT is_active;
