DROP VIEW netra_analytics.aggregated_metrics SYNC;
