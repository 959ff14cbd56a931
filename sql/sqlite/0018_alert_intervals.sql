-- oldest-program: 0.2.0
-- The times during which an alert was open, as in PostgreSQL. Of an alert raised before this migration only the last interval is known.
CREATE TABLE alert_intervals (
    alert_id   TEXT    NOT NULL REFERENCES alerts ON DELETE CASCADE,
    occurrence INTEGER NOT NULL,
    raised_at  INTEGER NOT NULL,
    cleared_at INTEGER,
    PRIMARY KEY (alert_id, occurrence)
) WITHOUT ROWID;

INSERT INTO alert_intervals
SELECT alert_id, occurrences, last_raised_at, max(last_raised_at, cleared_at) FROM alerts;
