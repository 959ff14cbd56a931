-- oldest-program: 0.2.0
-- The times during which an alert was open, one row for each raising. The occurrence is counted from the readings, so that
-- reprocessed readings write the same rows again. Of an alert raised before this migration only the last interval is known.
CREATE TABLE alert_intervals (
    alert_id   uuid        NOT NULL REFERENCES alerts ON DELETE CASCADE,
    occurrence integer     NOT NULL,
    raised_at  timestamptz NOT NULL,
    cleared_at timestamptz,
    PRIMARY KEY (alert_id, occurrence)
) WITH (fillfactor = 80);

COMMENT ON COLUMN alert_intervals.occurrence IS 'The number of the raising, from 1';
COMMENT ON COLUMN alert_intervals.cleared_at IS 'Time of clearing; null while the alert is open';

INSERT INTO alert_intervals
SELECT alert_id, occurrences, last_raised_at, CASE WHEN cleared_at IS NOT NULL THEN greatest(last_raised_at, cleared_at) END
FROM alerts;
