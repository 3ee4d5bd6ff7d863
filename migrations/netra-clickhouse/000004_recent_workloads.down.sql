DROP VIEW netra_analytics.recent_workloads;
