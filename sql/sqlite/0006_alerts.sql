-- oldest-program: 0.1.0
-- Alerts, as in PostgreSQL. Times are µs since the epoch, ids are text.
CREATE TABLE alerts (
    alert_id        TEXT    PRIMARY KEY,
    sensor_id       INTEGER NOT NULL,
    measurement     TEXT    NOT NULL,
    kind            TEXT    NOT NULL CHECK (kind IN ('disconnected', 'extreme')),
    level           TEXT    NOT NULL CHECK (level IN ('ERROR', 'WARNING')),
    raised_at       INTEGER NOT NULL,
    last_raised_at  INTEGER NOT NULL,
    cleared_at      INTEGER,
    occurrences     INTEGER NOT NULL,
    value           REAL,
    expected        REAL,
    last_reading_at INTEGER,
    message         TEXT    NOT NULL,
    shard           INTEGER NOT NULL DEFAULT -1,
    acknowledged_at INTEGER,
    acknowledged_by TEXT,
    note            TEXT,
    updated_at      INTEGER NOT NULL
) WITHOUT ROWID;

CREATE UNIQUE INDEX alerts_open ON alerts (sensor_id, measurement, kind) WHERE cleared_at IS NULL;
CREATE INDEX alerts_open_of_shard ON alerts (shard) WHERE cleared_at IS NULL;
CREATE INDEX alerts_newest ON alerts (raised_at DESC, alert_id DESC);
CREATE INDEX alerts_of_sensor ON alerts (sensor_id, raised_at DESC, alert_id DESC);
CREATE INDEX alerts_changes ON alerts (updated_at, alert_id);

-- Silences: times during which alerts are stored but not delivered. sensor_id is null for all sensors.
CREATE TABLE silences (
    silence_id TEXT    PRIMARY KEY,
    sensor_id  INTEGER,
    starts_at  INTEGER NOT NULL,
    ends_at    INTEGER NOT NULL,
    created_by TEXT    NOT NULL,
    reason     TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX silences_by_end ON silences (ends_at);

-- Messages that sensors wrote to the log topic, one row for each offset.
CREATE TABLE sensor_reports (
    topic_id    TEXT    NOT NULL,
    partition   INTEGER NOT NULL,
    log_offset  INTEGER NOT NULL,
    sensor_id   INTEGER NOT NULL,
    level       TEXT    NOT NULL,
    message     TEXT    NOT NULL,
    reported_at INTEGER NOT NULL,
    PRIMARY KEY (topic_id, partition, log_offset)
) WITHOUT ROWID;

CREATE INDEX sensor_reports_newest ON sensor_reports (reported_at DESC);
