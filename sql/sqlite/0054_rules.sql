-- oldest-program: 0.2.0
-- Rules as data, and the rule of an alert, as in PostgreSQL.
CREATE TABLE rules (
    rule_id    TEXT    NOT NULL PRIMARY KEY,
    document   TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    changed_by TEXT    NOT NULL
) WITHOUT ROWID;

CREATE TABLE rule_changes (
    only_row INTEGER NOT NULL PRIMARY KEY DEFAULT 1 CHECK (only_row = 1),
    version  INTEGER NOT NULL
) WITHOUT ROWID;

INSERT INTO rule_changes (version) VALUES (0);

-- SQLite cannot drop the check of alerts.kind. The intervals are copied, too: dropping their alerts would remove them.
CREATE TABLE alerts_of_rules (
    alert_id         TEXT    PRIMARY KEY,
    sensor_id        INTEGER NOT NULL,
    measurement      TEXT    NOT NULL,
    kind             TEXT    NOT NULL,
    level            TEXT    NOT NULL CHECK (level IN ('ERROR', 'WARNING')),
    raised_at        INTEGER NOT NULL,
    last_raised_at   INTEGER NOT NULL,
    cleared_at       INTEGER,
    occurrences      INTEGER NOT NULL,
    value            REAL,
    expected         REAL,
    last_reading_at  INTEGER,
    message          TEXT    NOT NULL,
    shard            INTEGER NOT NULL DEFAULT -1,
    acknowledged_at  INTEGER,
    acknowledged_by  TEXT,
    note             TEXT,
    updated_at       INTEGER NOT NULL,
    acknowledged_for TEXT,
    rule             TEXT,
    labels           TEXT,
    runbook          TEXT
) WITHOUT ROWID;

INSERT INTO alerts_of_rules
SELECT alert_id, sensor_id, measurement, kind, level, raised_at, last_raised_at, cleared_at, occurrences, value, expected,
    last_reading_at, message, shard, acknowledged_at, acknowledged_by, note, updated_at, acknowledged_for, kind, NULL, NULL
FROM alerts;

CREATE TABLE alert_intervals_of_rules (
    alert_id   TEXT    NOT NULL REFERENCES alerts_of_rules ON DELETE CASCADE,
    occurrence INTEGER NOT NULL,
    raised_at  INTEGER NOT NULL,
    cleared_at INTEGER,
    PRIMARY KEY (alert_id, occurrence)
) WITHOUT ROWID;

INSERT INTO alert_intervals_of_rules SELECT alert_id, occurrence, raised_at, cleared_at FROM alert_intervals;

DROP TABLE alert_intervals;
DROP TABLE alerts;
ALTER TABLE alerts_of_rules RENAME TO alerts;
ALTER TABLE alert_intervals_of_rules RENAME TO alert_intervals;

CREATE UNIQUE INDEX alerts_open ON alerts (sensor_id, measurement, kind, coalesce(rule, kind)) WHERE cleared_at IS NULL;
CREATE INDEX alerts_open_of_shard ON alerts (shard) WHERE cleared_at IS NULL;
CREATE INDEX alerts_newest ON alerts (raised_at DESC, alert_id DESC);
CREATE INDEX alerts_of_sensor ON alerts (sensor_id, raised_at DESC, alert_id DESC);
CREATE INDEX alerts_changes ON alerts (updated_at, alert_id);
