-- Loading one range of an access log. Named statements, in this order; those from `begin_range` on share one
-- transaction, so that a range is there with all its rows and counts, or not at all.
-- Run as a role that has the rights of daybreak_service.

-- name: known_range
-- Whether these bytes were loaded before, under whatever name. $1 SHA-256 as hex, $2 length in bytes.
SELECT id, path, imported_at FROM xray.imports
WHERE content_sha256 = $1 AND byte_end - byte_start = $2;

-- name: last_range
-- How far a file was read. $1 device, $2 inode. A file that is shorter than this was emptied by
-- copytruncate: begin at 0 again.
SELECT max(byte_end) AS byte_end FROM xray.imports WHERE device = $1 AND inode = $2;

-- name: prepare
-- The days of the load, in a transaction of its own that ends at once: it takes locks on the tables that
-- logs refer to. $1 first time, $2 last time.
SELECT xray.prepare_logs($1, $2) AS days_made;

-- name: begin_range
-- The ledger's row comes first: a second load of the same bytes waits for this one, then finds the key
-- taken, gets no row back, and has to roll back. $1 path, $2 device, $3 inode, $4 byte_start, $5 byte_end,
-- $6 SHA-256, $7 time zone, $8 first time, $9 last time, $10 lines, $11 rows, $12 unplaced lines.
INSERT INTO xray.imports (path, device, inode, byte_start, byte_end, content_sha256, time_zone, first_at,
  last_at, lines, rows_loaded, lines_unplaced)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT DO NOTHING RETURNING id;

-- name: stage
CREATE TEMPORARY TABLE staged_logs (
  "timestamp" timestamptz NOT NULL, source_ip inet NOT NULL, source_port integer NOT NULL, action text,
  protocol text, destination text, destination_port integer, inbound_tag text, outbound_tag text,
  email text
) ON COMMIT DROP;

-- name: copy
COPY staged_logs FROM STDIN (FORMAT binary);

-- name: names
-- What is new among the names, each made once and in order, so that loads that meet do not deadlock.
SELECT xray.add_names('users', (SELECT array_agg(DISTINCT email) FROM staged_logs)) AS new_users,
  xray.add_names('protocols', (SELECT array_agg(DISTINCT protocol) FROM staged_logs)) AS new_protocols,
  xray.add_names('endpoints', (SELECT array_agg(DISTINCT destination) FROM staged_logs)) AS new_endpoints,
  xray.add_names('tags', (SELECT array_agg(DISTINCT tag) FROM staged_logs,
    LATERAL (VALUES (inbound_tag), (outbound_tag)) AS t (tag))) AS new_tags;

-- name: insert
-- In order of time, which the BRIN index lives on.
INSERT INTO xray.logs ("timestamp", source_ip, source_port, action, protocol_id, destination_id,
  destination_port, inbound_tag_id, outbound_tag_id, user_id)
SELECT s."timestamp", s.source_ip, s.source_port, s.action, p.id, e.id, s.destination_port, i.id, o.id, u.id
FROM staged_logs AS s
LEFT JOIN xray.protocols AS p ON p.name = s.protocol
LEFT JOIN xray.endpoints AS e ON e.address = s.destination
LEFT JOIN xray.tags AS i ON i.name = s.inbound_tag
LEFT JOIN xray.tags AS o ON o.name = s.outbound_tag
LEFT JOIN xray.users AS u ON u.email = s.email
ORDER BY s."timestamp";

-- name: unplaced
-- Lines that logs cannot hold. $1 id of the import, $2 minutes (NULL: no stamp), $3 reasons, $4 counts.
INSERT INTO xray.unplaced_lines (import_id, minute, reason, lines)
SELECT $1, minute, reason, lines
FROM unnest($2::timestamptz[], $3::text[], $4::bigint[]) AS counted (minute, reason, lines);

-- name: rejections
-- Reasons of rejected connections, as templates. $1 id of the import, $2 minutes, $3 reasons, $4 counts.
INSERT INTO xray.rejections (import_id, minute, reason, lines)
SELECT $1, minute, reason, lines
FROM unnest($2::timestamptz[], $3::text[], $4::bigint[]) AS counted (minute, reason, lines);
