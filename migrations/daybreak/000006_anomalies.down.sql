SET LOCAL ROLE daybreak_owner;
DROP TABLE daybreak.anomaly_events;
DROP TABLE daybreak.anomaly_baselines;
RESET ROLE;
