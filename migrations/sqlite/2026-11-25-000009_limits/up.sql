-- What happened lately, for limits. `forget_at` is when the event leaves its window.
CREATE TABLE recent_events (
    id INTEGER PRIMARY KEY NOT NULL,
    event TEXT NOT NULL,
    subject TEXT NOT NULL,
    happened_at INTEGER NOT NULL,
    forget_at INTEGER NOT NULL
) STRICT;
CREATE INDEX recent_events_event_subject_happened_at ON recent_events (event, subject, happened_at);
CREATE INDEX recent_events_forget_at ON recent_events (forget_at);
