-- Example data for Netra's ClickHouse part: the same rows every time, on every server.
--
-- Parameters: scale (1 is about 1 500 events a day over four weeks), and end, the day after the last one, in
-- UTC. What is older than 90 days expires, so end should be today. Into empty tables. In the last night,
-- from 02:10 to 03:05 UTC, workload-3 fails; workload-6 falls silent.
INSERT INTO netra_analytics.workload_events
  (event_id, timestamp, user_id, workload_id, event_type, event_category, metrics.name, metrics.value,
   metrics.unit, dimensions, metadata)
SELECT
  toUUID(UUIDNumToString(MD5(key))) AS event_id,
  addMilliseconds(toDateTime64({end:Date}, 3, 'UTC') - toIntervalDay(28 - day), at) AS timestamp,
  1 + sipHash64(key, 'user') % 24 AS user_id,
  concat('workload-', toString(1 + user_id % 7)) AS workload_id,
  multiIf(
    outage AND user_id % 7 = 2, 'error',
    share < 0.05, 'start', share < 0.10, 'stop', share < 0.115, 'error', share < 0.20, 'checkpoint',
    'metric') AS event_type,
  ['compute', 'storage', 'network', 'inference'][1 + sipHash64(key, 'category') % 4] AS event_category,
  if(event_type = 'metric', ['cpu_percent', 'memory_mb', 'cost_usd'], []) AS names,
  if(event_type = 'metric', [
    round(20 + 60 * sipHash64(key, 'cpu') / 18446744073709551615, 1),
    round(512 + 7000 * sipHash64(key, 'memory') / 18446744073709551615, 0),
    round(0.01 + 2 * pow(sipHash64(key, 'cost') / 18446744073709551615, 3), 4)], []) AS numbers,
  if(event_type = 'metric', ['%', 'MB', 'USD'], []) AS units,
  map('region', if(sipHash64(key, 'region') % 3 = 0, 'us', 'eu'), 'tier', if(user_id % 5 = 0, 'batch', 'online')) AS dimensions,
  if(event_type = 'error', '{"class": "TimeoutError"}', '{}') AS metadata
FROM (
  SELECT n.number % 28 AS day, concat('netra event ', toString(n.number)) AS key,
    sipHash64(key, 'share') / 18446744073709551615 AS share,
    -- The mean of two draws: busiest at noon. In the outage's night one event in nine lies in it.
    day = 27 AND sipHash64(key, 'outage') % 9 = 0 AS outage,
    toInt64(if(outage,
      7800000 + sipHash64(key, 'at') % 3300000,
      (sipHash64(key, 'at') % 86400000 + sipHash64(key, 'more') % 86400000) / 2)) AS at
  FROM numbers(toUInt64(42000 * {scale:Float64})) AS n
)
WHERE NOT (day = 27 AND workload_id = 'workload-6')
ORDER BY timestamp, event_id;

INSERT INTO netra_analytics.user_activity (date, user_id, action, count, total_duration_ms, metadata)
SELECT {end:Date} - 28 + intDiv(number, 96) AS date, 1 + number % 24 AS user_id,
  ['login', 'run', 'search', 'export'][1 + intDiv(number, 24) % 4] AS action,
  sipHash64(number, 'count') % 12 AS count,
  if(action = 'login', 0, count * (200 + sipHash64(number, 'duration') % 5000)) AS total_duration_ms,
  [concat('client-', toString(sipHash64(number, 'client') % 3))] AS metadata
FROM numbers(28 * 96)
ORDER BY date, user_id, action;
