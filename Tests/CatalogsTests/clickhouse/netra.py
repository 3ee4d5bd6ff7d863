#!/usr/bin/env python3
"""Proves Netra's ClickHouse part on chDB, which is ClickHouse's own engine as a library.

Migrations up, seed, down, up again; the repaired forms against what the document's forms get wrong; the
readers on both; every query of the report. Prints TAP. Run by script/clickhouse from the project's root.
"""
import glob
import json
import re
import sys
import tempfile

from chdb import session as chdb_session

session = chdb_session.Session(tempfile.mkdtemp(prefix="dbk-chdb."))
ran = failed = 0


def check(name, have, want=True):
    global ran, failed
    ran += 1
    if have == want:
        print(f"ok {ran} - {name}")
    else:
        failed += 1
        print(f"not ok {ran} - {name}\n#   have: {have!r}\n#   want: {want!r}")


def statements(text):
    """Cuts a script at semicolons outside quotes, without its comments."""
    text = re.sub(r"'(?:[^'\\]|\\.)*'|--[^\n]*", lambda m: m[0] if m[0][0] == "'" else "", text)
    parts, start, quoted = [], 0, False
    for i, c in enumerate(text):
        if c == "'" and text[i - 1] != "\\":
            quoted = not quoted
        elif c == ";" and not quoted:
            parts.append(text[start:i])
            start = i + 1
    parts.append(text[start:])
    return [p.strip() for p in parts if p.strip()]


def run(sql, **parameters):
    for key, value in parameters.items():
        session.query(f"SET param_{key} = '{value}'")
    session.query(sql)


def rows(sql, **parameters):
    for key, value in parameters.items():
        session.query(f"SET param_{key} = '{value}'")
    text = bytes(session.query(sql, "JSONEachRow").bytes()).decode()
    return [json.loads(line) for line in text.splitlines()]


def one(sql, **parameters):
    return list(rows(sql, **parameters)[0].values())


def migrate(direction):
    files = sorted(glob.glob(f"migrations/netra-clickhouse/*.{direction}.sql"))
    for path in reversed(files) if direction == "down" else files:
        for statement in statements(open(path).read()):
            session.query(statement)
    return len(files)


def named(path):
    parts = re.split(r"(?m)^-- name: ", open(path).read())[1:]
    return {p.split("\n", 1)[0].strip(): statements(p.split("\n", 1)[1])[0] for p in parts}


def catalog():
    """What the database consists of, without the random names of inner tables."""
    tables = rows(
        "SELECT name, engine, create_table_query, sorting_key, partition_key FROM system.tables "
        "WHERE database = 'netra_analytics' ORDER BY name LIKE '.inner%', name")
    text = json.dumps(tables)
    return re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<uuid>", text)


def digest():
    return [one(f"SELECT count(), sum(sipHash64(*)) FROM netra_analytics.{t}")
            for t in ("workload_events", "user_activity")]


END = one("SELECT today()")[0]
WINDOW = {"start": one(f"SELECT toString(toDate('{END}') - 1)")[0] + " 00:00:00", "end": f"{END} 00:00:00"}
NIGHT = ("timestamp >= toDateTime({start:String}, 'UTC') AND timestamp < toDateTime({end:String}, 'UTC')")


def seed(scale):
    for statement in statements(open("catalogs/netra/clickhouse-seed.sql").read()):
        run(statement, scale=scale, end=END)


# --- Migrations ----------------------------------------------------------------------------------
session.query("DROP DATABASE IF EXISTS netra_analytics")
count = migrate("up")
check("four migrations", count, 4)
first = catalog()
check("four objects", [r["name"] for r in rows(
    "SELECT name FROM system.tables WHERE database = 'netra_analytics' AND name NOT LIKE '.inner%' ORDER BY name")],
    ["aggregated_metrics", "recent_workloads", "user_activity", "workload_events"])
seed(1)
seeded = digest()
check("the seed has events", seeded[0][0] > 35000)
check("down with data in the tables leaves nothing", (migrate("down"), rows(
    "SELECT name FROM system.tables WHERE database = 'netra_analytics'"))[1], [])
check("the database stays", one("SELECT count() FROM system.databases WHERE name = 'netra_analytics'")[0], 1)
migrate("up")
check("up again gives the same catalog", catalog(), first)
seed(1)
check("the same seed gives the same rows", digest(), seeded)
session.query("USE netra_analytics")

expected_types = {
    ("workload_events", "event_id"): "UUID", ("workload_events", "timestamp"): "DateTime64(3, 'UTC')",
    ("workload_events", "user_id"): "UInt32", ("workload_events", "workload_id"): "String",
    ("workload_events", "event_type"): "String", ("workload_events", "event_category"): "String",
    ("workload_events", "metrics.name"): "Array(String)", ("workload_events", "metrics.value"): "Array(Float64)",
    ("workload_events", "metrics.unit"): "Array(String)", ("workload_events", "dimensions"): "Map(String, String)",
    ("workload_events", "metadata"): "String", ("aggregated_metrics", "hour"): "DateTime('UTC')",
    ("aggregated_metrics", "user_id"): "UInt32", ("aggregated_metrics", "workload_id"): "String",
    ("aggregated_metrics", "metric_name"): "String",
    ("aggregated_metrics", "total_value"): "SimpleAggregateFunction(sum, Float64)",
    ("aggregated_metrics", "event_count"): "SimpleAggregateFunction(sum, UInt64)",
    ("aggregated_metrics", "min_value"): "SimpleAggregateFunction(min, Float64)",
    ("aggregated_metrics", "max_value"): "SimpleAggregateFunction(max, Float64)",
    ("aggregated_metrics", "avg_value"): "Float64", ("user_activity", "date"): "Date",
    ("user_activity", "user_id"): "UInt32", ("user_activity", "action"): "String",
    ("user_activity", "count"): "SimpleAggregateFunction(sum, UInt64)",
    ("user_activity", "total_duration_ms"): "SimpleAggregateFunction(sum, UInt64)",
    ("user_activity", "metadata"): "SimpleAggregateFunction(groupUniqArrayArray, Array(String))",
    ("recent_workloads", "workload_id"): "String", ("recent_workloads", "user_id"): "UInt32",
    ("recent_workloads", "last_seen"): "DateTime64(3, 'UTC')", ("recent_workloads", "event_count"): "UInt64",
    ("recent_workloads", "unique_event_types"): "UInt64",
}
readers, report = named("catalogs/netra/clickhouse-readers.sql"), named("catalogs/netra/clickhouse-report.sql")
have_types = {(r["table"], r["name"]): r["type"] for r in rows(readers["columns"])}
for key, want in expected_types.items():
    check(f"type of {key[0]}.{key[1]}", have_types.get(key), want)
check("no other column", sorted(set(have_types) - set(expected_types)), [])
forms = {r["name"]: r for r in rows(readers["forms"])}
check("forms: repaired", [forms[n]["form"] for n in ("workload_events", "aggregated_metrics", "user_activity", "recent_workloads")],
      ["repaired", "repaired", "repaired", "either"])
for table, age in (("workload_events", "toIntervalDay(90)"), ("aggregated_metrics", "toIntervalYear(1)"),
                   ("user_activity", "toIntervalMonth(6)")):
    check(f"{table} expires after {age}", age in one(
        f"SELECT create_table_query FROM system.tables WHERE database = 'netra_analytics' AND name = '{table}'")[0])

# --- What the document's forms get wrong, and these do not ------------------------------------------
def event(database, at, user, workload, names, values, token=None, kind="metric"):
    settings = ("" if token is None else
                f" SETTINGS insert_deduplication_token = '{token}', deduplicate_blocks_in_dependent_materialized_views = 1")
    units = "[" + ", ".join("''" for _ in names) + "]"
    session.query(
        f"INSERT INTO {database}.workload_events (timestamp, user_id, workload_id, event_type, event_category, "
        f"metrics.name, metrics.value, metrics.unit){settings} VALUES ('{at}', {user}, '{workload}', '{kind}', 'compute', "
        f"{names}, {values}, {units})")


at = one("SELECT toString(toStartOfHour(now64(3, 'UTC') - INTERVAL 2 HOUR))")[0]
merged = ("SELECT total_value, event_count, min_value, max_value, avg_value FROM aggregated_metrics "
          "WHERE workload_id = 'w' AND metric_name = '{}'")
for value, other in ((10, 100), (60, 50)):
    event("netra_analytics", at, 7, "w", ["cpu", "mem"], [value, other])
event("netra_analytics", at, 7, "w", ["cpu"], [20])
check("several rows a key before parts are merged", len(rows(merged.format("cpu"))) > 1)
check("FINAL makes them one", one(merged.format("cpu").replace("aggregated_metrics", "aggregated_metrics FINAL")), [90, 3, 10, 60, 30])
want = {"hour": at, "user": "7", "workload_id": "w", "metric_name": "cpu", "total": 90, "events": 3, "minimum": 10, "maximum": 60, "mean": 30}
this_hour = {"start": at, "end": one(f"SELECT toString(toDateTime('{at}', 'UTC') + 3600)")[0]}


def of_w(query):
    return [r for r in rows(query, **this_hour) if r["workload_id"] == "w"]


check("metrics_repaired before parts are merged", of_w(readers["metrics_repaired"])[0], want)
session.query("OPTIMIZE TABLE aggregated_metrics FINAL")
check("minimum, maximum and mean survive a merge", one(merged.format("cpu")), [90, 3, 10, 60, 30])
check("an event's second metric counts", one(merged.format("mem")), [150, 2, 50, 100, 75])
check("metrics_repaired", of_w(readers["metrics_repaired"])[0], want)
check("metrics_from_events says the same", of_w(readers["metrics_from_events"]), of_w(readers["metrics_repaired"]))
session.query("OPTIMIZE TABLE aggregated_metrics FINAL")
check("aggregated_metrics over the seed equals its events", one(
    "SELECT round(sum(total_value), 3), sum(event_count) FROM aggregated_metrics WHERE metric_name = 'cpu_percent'"),
    one("SELECT round(sum(v), 3), count() FROM workload_events ARRAY JOIN metrics.name AS n, metrics.value AS v WHERE n = 'cpu_percent'"))
for _ in range(3):
    event("netra_analytics", at, 7, "again", ["cpu"], [5], token="once")
check("an insertion sent again counts once", one("SELECT count() FROM workload_events WHERE workload_id = 'again'")[0], 1)
check("and once in the view", one("SELECT sum(event_count) FROM aggregated_metrics WHERE workload_id = 'again'")[0], 1)
check("duplicates: none", one(readers["duplicates"], **this_hour)[1], 0)
session.query("INSERT INTO workload_events (user_id, workload_id, event_type, event_category, metadata) "
              "SELECT 7, 'now', 'start', 'x', '' FROM numbers(1)")
check("the default time is now, with milliseconds", one(
    "SELECT abs(dateDiff('millisecond', timestamp, now64(3))) < 5000 FROM workload_events WHERE workload_id = 'now'"), [1])
check("by now64", one("SELECT default_expression FROM system.columns WHERE database = 'netra_analytics' "
                      "AND table = 'workload_events' AND name = 'timestamp'"), ["now64(3)"])
for client in ("a", "b"):
    session.query(f"INSERT INTO user_activity (user_id, action, count, total_duration_ms, metadata) VALUES (7, 'zero', 0, 0, ['{client}'])")
session.query("OPTIMIZE TABLE user_activity FINAL")
check("a day of zeros stays, with all metadata", one(
    "SELECT count, total_duration_ms, arraySort(metadata) FROM user_activity WHERE action = 'zero'"), [0, 0, ["a", "b"]])
for actions, duration in ((2, 30), (3, 40)):
    session.query(f"INSERT INTO user_activity (user_id, action, count, total_duration_ms) VALUES (7, 'sum', {actions}, {duration})")
check("activity is added up by the reader", [r for r in rows(readers["activity"], start=f"{END} 00:00:00",
      end=one(f"SELECT toString(toDate('{END}') + 1)")[0] + " 00:00:00") if r["action"] == "sum"][0],
      {"date": END, "user": "7", "action": "sum", "actions": 5, "duration_ms": 70})
check("recent_workloads", one("SELECT event_count, unique_event_types FROM recent_workloads WHERE workload_id = 'w'"), [3, 1])
old = one("SELECT toString(now64(3, 'UTC') - INTERVAL 8 DAY)")[0]
event("netra_analytics", old, 7, "old", [], [], kind="start")
check("recent_workloads: nothing older than seven days", rows("SELECT 1 FROM recent_workloads WHERE workload_id = 'old'"), [])
expired = one("SELECT toString(now64(3, 'UTC') - INTERVAL 91 DAY)")[0]
event("netra_analytics", expired, 7, "expired", ["cpu"], [1])
session.query("INSERT INTO user_activity (date, user_id, action, count) VALUES (today() - 200, 7, 'expired', 1)")
session.query("OPTIMIZE TABLE workload_events FINAL")
session.query("OPTIMIZE TABLE user_activity FINAL")
check("events older than 90 days go", one("SELECT count() FROM workload_events WHERE workload_id = 'expired'")[0], 0)
check("their aggregate stays for a year", one("SELECT sum(event_count) FROM aggregated_metrics WHERE workload_id = 'expired'")[0], 1)
check("activity older than six months goes", one("SELECT count() FROM user_activity WHERE action = 'expired'")[0], 0)

# --- The document's own form -------------------------------------------------------------------------
session.query("DROP DATABASE IF EXISTS original")
session.query("CREATE DATABASE original ENGINE = Atomic")
session.query("USE original")
for statement in (
    """CREATE TABLE workload_events (event_id UUID DEFAULT generateUUIDv4(), timestamp DateTime64(3) DEFAULT now(),
      user_id UInt32, workload_id String, event_type String, event_category String,
      metrics Nested(name String, value Float64, unit String), dimensions Map(String, String), metadata String,
      INDEX idx_user_id user_id TYPE minmax GRANULARITY 8192, INDEX idx_workload_id workload_id TYPE bloom_filter GRANULARITY 1,
      INDEX idx_event_type event_type TYPE set(100) GRANULARITY 1) ENGINE = MergeTree() PARTITION BY toYYYYMM(timestamp)
      ORDER BY (user_id, timestamp, event_id) TTL timestamp + INTERVAL 90 DAY""",
    """CREATE MATERIALIZED VIEW aggregated_metrics ENGINE = SummingMergeTree() PARTITION BY toYYYYMM(hour)
      ORDER BY (user_id, workload_id, hour, metric_name) AS SELECT toStartOfHour(timestamp) as hour, user_id, workload_id,
      metrics.name[1] as metric_name, sum(metrics.value[1]) as total_value, count() as event_count,
      min(metrics.value[1]) as min_value, max(metrics.value[1]) as max_value, avg(metrics.value[1]) as avg_value
      FROM workload_events WHERE event_type = 'metric' GROUP BY hour, user_id, workload_id, metric_name""",
    """CREATE TABLE user_activity (date Date DEFAULT today(), user_id UInt32, action String, count UInt64,
      total_duration_ms UInt64, metadata String) ENGINE = SummingMergeTree() PARTITION BY toYYYYMM(date)
      ORDER BY (date, user_id, action)""",
    """CREATE VIEW recent_workloads AS SELECT workload_id, user_id, max(timestamp) as last_seen, count() as event_count,
      uniqExact(event_type) as unique_event_types FROM workload_events WHERE timestamp > now() - INTERVAL 7 DAY
      GROUP BY workload_id, user_id""",
):
    session.query(statement)
for value, other in ((10, 100), (60, 50)):
    event("original", at, 7, "w", ["cpu", "mem"], [value, other])
event("original", at, 7, "w", ["cpu"], [20])
check("document: not merged", of_w(readers["metrics_document"])[0], want)
session.query("OPTIMIZE TABLE aggregated_metrics FINAL")
check("document: what a merge makes of minimum, maximum and mean", one(
    "SELECT min_value, max_value, avg_value FROM aggregated_metrics WHERE metric_name = 'cpu'") != [10, 60, 30])
check("document: the reader is right all the same", of_w(readers["metrics_document"])[0], want)
check("document: the second metric is in the events alone", ([r["metric_name"] for r in of_w(readers["metrics_document"])],
      [r["metric_name"] for r in of_w(readers["metrics_from_events"])]), (["cpu"], ["cpu", "mem"]))
forms = {r["name"]: r for r in rows(readers["forms"])}
check("document: recognised", [forms[n]["form"] for n in ("workload_events", "aggregated_metrics", "user_activity")], ["document"] * 3)
check("document: no time zone, and no TTL but that of the events",
      [forms["workload_events"]["has_time_zone"]] + [forms[n]["has_ttl"] for n in ("workload_events", "aggregated_metrics", "user_activity")],
      [0, 1, 0, 0])
session.query("TRUNCATE TABLE workload_events")
gone = of_w(readers["metrics_document"])[0]
check("document: without the events, sums and mean but no minimum", (gone["total"], gone["mean"], gone["minimum"]), (90, 30, None))
event("original", at, 7, "w", ["cpu"], [20])
check("document: events", [(r["user"], r["metric_names"], r["metric_values"]) for r in rows(readers["events"], **this_hour)], [("7", ["cpu"], [20])])
for name, query in report.items():
    check(f"document: report query {name} runs", isinstance(rows(query, **WINDOW), list))

# --- A later version of Netra, in which users are text ----------------------------------------------
session.query("DROP TABLE aggregated_metrics")
session.query("CREATE OR REPLACE TABLE workload_events (event_id UUID DEFAULT generateUUIDv4(), timestamp DateTime64(3) DEFAULT now(), "
              "user_id String, workload_id String, event_type String, event_category String, "
              "metrics Nested(name String, value Float64, unit String), dimensions Map(String, String), metadata String) "
              "ENGINE = MergeTree ORDER BY (user_id, workload_id, timestamp)")
event("original", at, "'u-7'", "w", ["cpu"], [20])
check("text users: metrics_from_events", of_w(readers["metrics_from_events"])[0]["user"], "u-7")
for name, query in report.items():
    if name not in ("activity",):
        check(f"text users: report query {name} runs", isinstance(rows(query, **WINDOW), list))
session.query("DROP DATABASE original SYNC")

# --- The report over the seed --------------------------------------------------------------------------
session.query("USE netra_analytics")
for table in ("workload_events", "user_activity"):
    session.query(f"TRUNCATE TABLE {table}")
seed(1)
may_be_empty = {"merges", "mutations"}
answers = {name: rows(query, **WINDOW) for name, query in report.items()}
for name, answer in answers.items():
    check(f"report query {name} " + ("runs" if name in may_be_empty else "finds something"),
          isinstance(answer, list) if name in may_be_empty else len(answer) > 0)
night = one(f"SELECT count(), countIf(event_type = 'error') FROM workload_events WHERE {NIGHT}", **WINDOW)
check("totals", [answers["totals"][0]["events"], answers["totals"][0]["errors"]], night)
check("hours: 24, and all events", [len(answers["hours"]), sum(r["events"] for r in answers["hours"])], [24, night[0]])
check("history: 27 days, the seed's first being the 28th", len(answers["history"]), 27)
check("failing_workloads: that of the night", [r["workload_id"] for r in answers["failing_workloads"]], ["workload-3"])
check("failing_workloads: at its hour", answers["failing_workloads"][0]["worst_hour"], WINDOW["start"][:11] + "02:00:00")
check("silent_workloads: that of the night", [r["workload_id"] for r in answers["silent_workloads"]], ["workload-6"])
check("metrics: three, each within its bounds", [(r["metric_name"], r["minimum"] <= r["mean"] <= r["maximum"], r["mean_before"] is not None)
      for r in answers["metrics"]], [("cost_usd", True, True), ("cpu_percent", True, True), ("memory_mb", True, True)])
check("sizes: the four objects", sorted(r["name"] for r in answers["sizes"]),
      ["aggregated_metrics", "recent_workloads", "user_activity", "workload_events"])
check("parts: by the names of the objects", sorted({r["name"] for r in answers["parts"]}),
      ["aggregated_metrics", "user_activity", "workload_events"])
check("categories: all events of the night", sum(r["events"] for r in answers["categories"]), night[0])
empty = {"start": "2001-01-01 00:00:00", "end": "2001-01-02 00:00:00"}
for name, query in report.items():
    check(f"report query {name} runs over a window without events", isinstance(rows(query, **empty), list))

print(f"1..{ran}")
sys.exit(1 if failed else 0)
