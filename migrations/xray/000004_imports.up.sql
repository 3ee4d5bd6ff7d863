-- What was read, and what of it has no place in logs. Not in the document, whose program empties the
-- log file after reading and forgets the lines it did not understand.
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';

SET LOCAL ROLE daybreak_owner;

-- One range of one file, loaded in one transaction with its rows. The digest and the length decide:
-- the same bytes under another name, or in a file that logrotate has moved, are the same range.
CREATE TABLE xray.imports (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  path text NOT NULL CHECK (path <> ''),
  device bigint NOT NULL,
  inode bigint NOT NULL,
  byte_start bigint NOT NULL CHECK (byte_start >= 0),
  byte_end bigint NOT NULL,
  -- SHA-256 of the bytes, lower-case hex.
  content_sha256 text NOT NULL CHECK (content_sha256 ~ '^[0-9a-f]{64}$'),
  -- The time zone that stamps were read in: a line has none.
  time_zone text NOT NULL CHECK (time_zone <> ''),
  first_at timestamptz,
  last_at timestamptz,
  lines bigint NOT NULL CHECK (lines >= 0),
  rows_loaded bigint NOT NULL CHECK (rows_loaded >= 0),
  lines_unplaced bigint NOT NULL CHECK (lines_unplaced >= 0),
  imported_at timestamptz NOT NULL DEFAULT now(),
  CHECK (byte_start < byte_end),
  CHECK (first_at <= last_at),
  -- Every line is a row or is counted.
  CHECK (lines = rows_loaded + lines_unplaced)
);
COMMENT ON TABLE xray.imports IS 'Ranges of log files that were loaded.';
CREATE UNIQUE INDEX imports_content_key
  ON xray.imports (content_sha256, (byte_end - byte_start));
CREATE INDEX imports_file_idx ON xray.imports (device, inode, byte_end);
CREATE INDEX imports_last_at_idx ON xray.imports (last_at);

-- Lines that logs cannot hold, counted by minute: never their text.
CREATE TABLE xray.unplaced_lines (
  import_id bigint NOT NULL REFERENCES xray.imports (id) ON DELETE CASCADE,
  -- NULL: the line has no stamp that could be read.
  minute timestamptz CHECK (date_trunc('minute', minute, 'UTC') = minute),
  reason text NOT NULL CHECK (reason IN (
    -- A source that is no address: masked, the resolver itself, a unix socket, none.
    'masked_source', 'dns_source', 'socket_source', 'no_source',
    -- The resolver's answers, which are no connections.
    'dns_answer',
    -- A destination, tag, protocol or email longer than its column.
    'long_value',
    -- Not an access line at all.
    'unreadable')),
  lines bigint NOT NULL CHECK (lines > 0)
);
COMMENT ON TABLE xray.unplaced_lines IS 'How many lines have no place in logs, and why.';
CREATE UNIQUE INDEX unplaced_lines_key ON xray.unplaced_lines (import_id, minute, reason)
  NULLS NOT DISTINCT;
CREATE INDEX unplaced_lines_minute_idx ON xray.unplaced_lines (minute);

-- Why connections were rejected: the reason with what varies taken out, as a template of Daybreak's.
CREATE TABLE xray.rejections (
  import_id bigint NOT NULL REFERENCES xray.imports (id) ON DELETE CASCADE,
  minute timestamptz NOT NULL CHECK (date_trunc('minute', minute, 'UTC') = minute),
  reason text NOT NULL CHECK (octet_length(reason) BETWEEN 1 AND 500),
  lines bigint NOT NULL CHECK (lines > 0),
  PRIMARY KEY (import_id, minute, reason)
);
COMMENT ON TABLE xray.rejections IS 'Reasons of rejected connections, counted by minute.';
CREATE INDEX rejections_minute_idx ON xray.rejections (minute);

REVOKE ALL ON xray.imports, xray.unplaced_lines, xray.rejections FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON xray.imports, xray.unplaced_lines, xray.rejections
  TO daybreak_service;
GRANT SELECT ON xray.imports, xray.unplaced_lines, xray.rejections TO daybreak_reader;

RESET ROLE;
