DROP TABLE recent_events;
