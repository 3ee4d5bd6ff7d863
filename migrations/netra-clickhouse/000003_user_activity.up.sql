-- What users did by day, kept for six months.
--
-- The document's SummingMergeTree deletes rows whose sums are zero and keeps any one of several metadata;
-- here a day without a duration stays, and metadata are collected.
CREATE TABLE netra_analytics.user_activity (
  date Date DEFAULT toDate(now('UTC')),
  user_id UInt32,
  action String,
  count SimpleAggregateFunction(sum, UInt64),
  total_duration_ms SimpleAggregateFunction(sum, UInt64),
  metadata SimpleAggregateFunction(groupUniqArrayArray, Array(String))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(date)
ORDER BY (date, user_id, action)
TTL date + INTERVAL 6 MONTH
SETTINGS non_replicated_deduplication_window = 100;
