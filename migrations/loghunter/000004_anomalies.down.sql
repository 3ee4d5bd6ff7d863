SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = '10min';
SET LOCAL ROLE daybreak_owner;
DROP FUNCTION loghunter.deviation_factor(double precision, double precision);
DROP TABLE loghunter.anomaly_events;
DROP TABLE loghunter.anomaly_baselines;
RESET ROLE;
