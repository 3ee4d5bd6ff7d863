-- The database stays: it holds the migrator's version table, and perhaps more.
DROP TABLE netra_analytics.workload_events SYNC;
