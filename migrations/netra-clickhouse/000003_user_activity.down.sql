DROP TABLE netra_analytics.user_activity SYNC;
