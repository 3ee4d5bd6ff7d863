-- Example data for Xray: the same rows every time, on every server.
--
-- Settings, all optional:
--   daybreak.scale     how much: 1 is 40 users, four weeks, 1 500 connections a day   (default 1)
--   daybreak.seed_end  the day after the last one, as a date, in UTC                  (2026-03-13)
-- Runs in one transaction as a role that has the rights of daybreak_service, into an empty catalog.
-- In the last night: a burst of rejected connections from 03:10 to 03:25 UTC, one user who makes very
-- many connections from 14:20 to 14:40, silence from 19:30 to 20:15, and a new user, who comes from four
-- addresses and goes where nobody went before.

CREATE OR REPLACE FUNCTION pg_temp.seed_scale() RETURNS numeric LANGUAGE sql STABLE AS
$$ SELECT least(greatest(
  coalesce(nullif(current_setting('daybreak.scale', true), ''), '1')::numeric, 0.1), 1000) $$;
CREATE OR REPLACE FUNCTION pg_temp.seed_end() RETURNS timestamptz LANGUAGE sql STABLE AS
$$ SELECT coalesce(nullif(current_setting('daybreak.seed_end', true), ''), '2026-03-13')::date::timestamp
  AT TIME ZONE 'UTC' $$;
-- A number from 0 up to 1 that depends on a text alone.
CREATE OR REPLACE FUNCTION pg_temp.seed_share(key text) RETURNS double precision LANGUAGE sql IMMUTABLE AS
$$ SELECT ('x' || left(md5(key), 8))::bit(32)::bigint / 4294967296.0 $$;
-- One of the eight numbers that a hash of 32 digits holds.
CREATE OR REPLACE FUNCTION pg_temp.seed_part(hash text, place integer) RETURNS double precision
LANGUAGE sql IMMUTABLE AS
$$ SELECT ('x' || substr(hash, 4 * place + 1, 4))::bit(16)::integer / 65536.0 $$;
-- One of several, by the same rule as seed_share.
CREATE OR REPLACE FUNCTION pg_temp.seed_pick(key text, choices text[]) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT choices[1 + floor(pg_temp.seed_share(key) * cardinality(choices))::integer] $$;

DO $$
BEGIN
  IF EXISTS (SELECT FROM xray.logs) OR EXISTS (SELECT FROM xray.imports) THEN
    RAISE EXCEPTION 'xray holds rows already'
      USING ERRCODE = 'unique_violation', HINT = 'daybreak db reset --catalog xray';
  END IF;
END
$$;

-- Two days ahead as the nightly run leaves them.
SELECT xray.prepare_logs(pg_temp.seed_end() - interval '28 days', pg_temp.seed_end() + interval '2 days');

SELECT xray.add_names('users', (
  SELECT array_agg(CASE n % 3 WHEN 0 THEN format('user%s', lpad(n::text, 3, '0'))
    WHEN 1 THEN format('%s.team%s', n, n % 5) ELSE format('u%s@example.com', n) END)
  FROM generate_series(0, greatest(10, round(40 * least(pg_temp.seed_scale(), 50)))::integer - 1) AS n));
SELECT xray.add_names('users', '{newcomer@example.com}');
SELECT xray.add_names('protocols', '{tcp,udp}');
SELECT xray.add_names('tags',
  '{VLESS TCP REALITY,vless-in,trojan-ws,Shadowsocks TCP,socks,inbound-443,http,api,DIRECT,direct,proxy,warp,block,BLOCK,balancer-eu-1}');
SELECT xray.add_names('endpoints',
  '{www.google.com,www.youtube.com,i.ytimg.com,github.com,avatars.githubusercontent.com,www.instagram.com,web.telegram.org,api.telegram.org,www.wikipedia.org,cdn.jsdelivr.net,gateway.icloud.com,graph.facebook.com,mtalk.google.com,update.googleapis.com,api.x.com,rr3---sn-4g5e6nze.googlevideo.com,xn--80ak6aa92e.com,ads.example.net,tracker.example.org,149.154.167.41,91.108.56.123,1.1.1.1,8.8.8.8,140.82.112.22,2606:4700:4700::1111,2a00:1450:4001:80e::200e,2001:4860:4860::8888,127.0.0.1,launch.example.dev}');

CREATE TEMPORARY TABLE seed_names ON COMMIT DROP AS
SELECT
  (SELECT array_agg(id ORDER BY email COLLATE "C") FROM xray.users
    WHERE email <> 'newcomer@example.com') AS users,
  (SELECT id FROM xray.users WHERE email = 'newcomer@example.com') AS newcomer,
  (SELECT id FROM xray.endpoints WHERE address = 'launch.example.dev') AS launch,
  (SELECT array_agg(id ORDER BY address COLLATE "C") FROM xray.endpoints
    WHERE address NOT IN ('127.0.0.1', 'ads.example.net', 'tracker.example.org', 'launch.example.dev')) AS endpoints,
  (SELECT array_agg(id ORDER BY address COLLATE "C") FROM xray.endpoints
    WHERE address IN ('ads.example.net', 'tracker.example.org')) AS advertisers,
  (SELECT id FROM xray.endpoints WHERE address = '127.0.0.1') AS loopback,
  (SELECT id FROM xray.protocols WHERE name = 'tcp') AS tcp,
  (SELECT id FROM xray.protocols WHERE name = 'udp') AS udp,
  (SELECT id FROM xray.tags WHERE name = 'api') AS api,
  (SELECT array_agg(id ORDER BY name COLLATE "C") FROM xray.tags WHERE name IN
    ('VLESS TCP REALITY', 'vless-in', 'trojan-ws', 'Shadowsocks TCP', 'socks', 'inbound-443')) AS inbound,
  (SELECT array_agg(id ORDER BY name COLLATE "C") FROM xray.tags WHERE name IN
    ('DIRECT', 'direct', 'proxy', 'warp', 'balancer-eu-1')) AS outbound,
  (SELECT array_agg(id ORDER BY name COLLATE "C") FROM xray.tags WHERE name IN ('block', 'BLOCK')) AS blocking;

-- Every connection is made from its day and number; what happened in the last night is added or left out.
INSERT INTO xray.logs ("timestamp", source_ip, source_port, action, protocol_id, destination_id,
  destination_port, inbound_tag_id, outbound_tag_id, user_id)
WITH numbered AS (
  -- A day shape: quiet at 04:00, busy at 20:00, by rejection.
  SELECT format('xray %s/%s', d, k) AS key, pg_temp.seed_end() - make_interval(days => 28 - d) AS span_start,
    86399.999 AS span, 'common' AS kind
  FROM generate_series(0, 27) AS d, generate_series(1, round(2550 * pg_temp.seed_scale())::integer) AS k
  UNION ALL
  SELECT format('xray burst %s', k), pg_temp.seed_end() - interval '20 hours 50 minutes', 899, 'burst'
  FROM generate_series(1, round(600 * pg_temp.seed_scale())::integer) AS k
  UNION ALL
  SELECT format('xray spike %s', k), pg_temp.seed_end() - interval '9 hours 40 minutes', 1199, 'spike'
  FROM generate_series(1, round(900 * pg_temp.seed_scale())::integer) AS k
  UNION ALL
  SELECT format('xray guest %s', k), pg_temp.seed_end() - interval '3 hours', 1500, 'guest'
  FROM generate_series(1, 24) AS k
), hashed AS MATERIALIZED (
  SELECT span_start, span, kind, key, md5(key) AS a, md5(key || '/b') AS b FROM numbered
), timed AS MATERIALIZED (
  SELECT kind, key, a, b, ('x' || left(a, 8))::bit(32)::bigint / 4294967296.0 AS share,
    date_trunc('milliseconds', span_start + make_interval(secs => span * ('x' || left(a, 8))::bit(32)::bigint / 4294967296.0)) AS at
  FROM hashed
), drawn AS MATERIALIZED (
  SELECT key, a, b, at,
    CASE WHEN kind <> 'common' THEN kind WHEN pg_temp.seed_part(a, 2) < 0.015 THEN 'api'
      WHEN pg_temp.seed_part(a, 2) < 0.055 THEN 'block' ELSE 'common' END AS kind,
    kind = 'burst' OR (kind = 'common' AND pg_temp.seed_part(a, 2) >= 0.015 AND pg_temp.seed_part(a, 3) < 0.03) AS rejected,
    CASE kind WHEN 'spike' THEN 1 ELSE floor(cardinality(n.users) * pg_temp.seed_part(a, 4) ^ 2.2)::integer END AS who,
    pg_temp.seed_part(a, 5) < 0.22 AS is_udp
  FROM timed, seed_names AS n
  WHERE (kind <> 'common'
      OR pg_temp.seed_part(a, 6) < 0.25 + 0.75 * (0.5 - 0.5 * cos(2 * pi() * (share - 4 / 24.0))))
    AND NOT (at >= pg_temp.seed_end() - interval '4 hours 30 minutes'
      AND at < pg_temp.seed_end() - interval '3 hours 45 minutes')
)
SELECT at,
  CASE
    WHEN kind = 'burst' THEN format('185.220.101.%s', 1 + floor(pg_temp.seed_part(b, 0) * 6))
    WHEN kind = 'guest' THEN format('198.51.100.%s', 1 + floor(pg_temp.seed_part(b, 0) * 4))
    WHEN rejected THEN format('%s.%s.%s.%s', 20 + floor(pg_temp.seed_part(b, 0) * 180), floor(pg_temp.seed_part(b, 1) * 250),
      floor(pg_temp.seed_part(b, 2) * 250), 1 + floor(pg_temp.seed_part(b, 3) * 250))
    WHEN kind = 'api' THEN '127.0.0.1'
    WHEN who % 10 = 9 THEN format('2001:db8:%s::%s', to_hex(who), to_hex(who * 7 + 1))
    ELSE format('%s.%s.%s.%s', 5 + who * 37 % 200, who * 53 % 250, who * 11 % 250, 1 + who * 29 % 250)
  END::inet,
  CASE WHEN rejected AND pg_temp.seed_part(b, 4) < 0.3 THEN 0 ELSE 1024 + floor(pg_temp.seed_part(b, 5) * 64000)::integer END,
  CASE WHEN rejected THEN 'rejected' ELSE 'accepted' END,
  CASE WHEN rejected THEN NULL WHEN is_udp AND kind <> 'api' THEN n.udp ELSE n.tcp END,
  CASE WHEN rejected THEN NULL WHEN kind = 'api' THEN n.loopback WHEN kind = 'guest' THEN n.launch
    WHEN kind = 'block' THEN n.advertisers[1 + floor(pg_temp.seed_part(b, 6) * cardinality(n.advertisers))::integer]
    ELSE n.endpoints[1 + floor(cardinality(n.endpoints) * pg_temp.seed_part(b, 6) ^ 1.6)::integer] END,
  CASE WHEN rejected THEN NULL WHEN kind = 'api' THEN 62789
    WHEN is_udp THEN CASE WHEN pg_temp.seed_part(b, 7) < 0.5 THEN 53 ELSE 443 END
    WHEN pg_temp.seed_part(b, 7) < 0.8 THEN 443 WHEN pg_temp.seed_part(b, 7) < 0.93 THEN 80
    WHEN pg_temp.seed_part(b, 7) < 0.97 THEN 8443 ELSE 22 END,
  CASE WHEN rejected THEN NULL WHEN kind = 'api' THEN n.api
    WHEN pg_temp.seed_part(b, 0) < 0.04 THEN NULL
    ELSE n.inbound[1 + floor(pg_temp.seed_part(b, 1) * cardinality(n.inbound))::integer] END,
  CASE WHEN rejected THEN NULL WHEN kind = 'api' THEN n.api
    WHEN kind = 'block' THEN n.blocking[1 + floor(pg_temp.seed_part(b, 2) * cardinality(n.blocking))::integer]
    ELSE n.outbound[1 + floor(cardinality(n.outbound) * pg_temp.seed_part(b, 2) ^ 1.5)::integer] END,
  CASE WHEN kind = 'guest' THEN n.newcomer
    WHEN rejected OR kind = 'api' OR pg_temp.seed_part(b, 3) < 0.1 THEN NULL ELSE n.users[who + 1] END
FROM drawn, seed_names AS n
ORDER BY at, key;

-- One file a day, as logrotate leaves them, with some lines that are no connections.
INSERT INTO xray.imports (path, device, inode, byte_start, byte_end, content_sha256, time_zone, first_at,
  last_at, lines, rows_loaded, lines_unplaced, imported_at)
SELECT format('/var/log/xray/access.log-%s', to_char(day AT TIME ZONE 'UTC', 'YYYYMMDD')), 2049,
  800000 + extract(epoch FROM day)::bigint / 86400, 0, 118 * counted.rows + 97 * (counted.rows / 70),
  encode(sha256(convert_to(format('xray file %s', extract(epoch FROM day)), 'UTF8')), 'hex'), 'UTC',
  counted.first_at, counted.last_at, counted.rows + 2 * (counted.rows / 140), counted.rows,
  2 * (counted.rows / 140), day + interval '1 day 2 hours'
FROM generate_series(pg_temp.seed_end() - interval '28 days', pg_temp.seed_end() - interval '1 day', interval '1 day') AS day,
  LATERAL (SELECT count(*) AS rows, min("timestamp") AS first_at, max("timestamp") AS last_at
    FROM xray.logs WHERE "timestamp" >= day AND "timestamp" < day + interval '1 day') AS counted
ORDER BY day;

INSERT INTO xray.unplaced_lines (import_id, minute, reason, lines)
SELECT i.id, date_trunc('minute', i.first_at, 'UTC') + make_interval(hours => part * 11), kind,
  i.lines_unplaced / 2
FROM xray.imports AS i, (VALUES (0, 'dns_source'), (1, 'dns_answer')) AS kinds (part, kind)
WHERE i.lines_unplaced > 0
ORDER BY i.id, part;

INSERT INTO xray.rejections (import_id, minute, reason, lines)
SELECT i.id, date_trunc('minute', l."timestamp", 'UTC'), reason, count(*)
FROM xray.logs AS l
JOIN xray.imports AS i ON l."timestamp" BETWEEN i.first_at AND i.last_at,
  LATERAL (SELECT CASE
    WHEN l."timestamp" >= pg_temp.seed_end() - interval '1 day' + interval '03:10'
      AND l."timestamp" < pg_temp.seed_end() - interval '1 day' + interval '03:25'
    THEN 'proxy/vless/encoding: invalid request user id: <uuid>'
    ELSE pg_temp.seed_pick(extract(epoch FROM l."timestamp")::text || l.source_port, ARRAY['proxy/trojan: not a valid user',
      'proxy/vless/encoding: failed to read request version > websocket: close <num> (normal)',
      'proxy/shadowsocks: failed to match an user > EOF', 'proxy/socks: unknown Socks version: <num>']) END AS reason) AS r
WHERE l.action = 'rejected'
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;

DROP FUNCTION pg_temp.seed_part(text, integer);
DROP FUNCTION pg_temp.seed_pick(text, text[]);
DROP FUNCTION pg_temp.seed_share(text);
DROP FUNCTION pg_temp.seed_end();
DROP FUNCTION pg_temp.seed_scale();

SELECT xray.refresh_traffic_hourly();
SELECT xray.refresh_user_daily();
