-- Events of workloads, kept for 90 days.
--
-- Names are qualified throughout, since over HTTP `USE` needs a session. The time has its zone in the
-- type and milliseconds in its default; the document's index of user_id, which would cover 67 million
-- rows a granule of a column that leads the sort key anyway, is left out. The last hundred insertions
-- are remembered, so that one sent again with the same insert_deduplication_token counts once.
CREATE DATABASE IF NOT EXISTS netra_analytics ENGINE = Atomic;

CREATE TABLE netra_analytics.workload_events (
  event_id UUID DEFAULT generateUUIDv4(),
  timestamp DateTime64(3, 'UTC') DEFAULT now64(3),
  user_id UInt32,
  workload_id String,
  event_type String,
  event_category String,
  metrics Nested(name String, value Float64, unit String),
  dimensions Map(String, String),
  metadata String,
  INDEX idx_workload_id workload_id TYPE bloom_filter GRANULARITY 1,
  INDEX idx_event_type event_type TYPE set(100) GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(timestamp)
ORDER BY (user_id, timestamp, event_id)
TTL toDateTime(timestamp) + INTERVAL 90 DAY
SETTINGS non_replicated_deduplication_window = 100;
