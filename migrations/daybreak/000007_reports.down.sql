SET LOCAL ROLE daybreak_owner;
DROP TABLE daybreak.matview_freshness;
DROP TABLE daybreak.notifications;
DROP TABLE daybreak.night_summaries;
RESET ROLE;
