-- Alerts: one row for each, from its raising to long after it cleared. The id is made of sensor, measurement, kind and the
-- moment of the raising, so that readings that are read again raise nothing twice.
CREATE TABLE alerts (
    alert_id        uuid             PRIMARY KEY,
    sensor_id       integer          NOT NULL,
    measurement     text             NOT NULL,
    kind            text             NOT NULL CHECK (kind IN ('disconnected', 'extreme')),
    level           text             NOT NULL CHECK (level IN ('ERROR', 'WARNING')),
    raised_at       timestamptz      NOT NULL,
    last_raised_at  timestamptz      NOT NULL,
    cleared_at      timestamptz,
    occurrences     integer          NOT NULL,
    value           double precision,
    expected        double precision,
    last_reading_at timestamptz,
    message         text             NOT NULL,
    shard           smallint         NOT NULL DEFAULT -1,
    acknowledged_at timestamptz,
    acknowledged_by text,
    note            text,
    updated_at      timestamptz      NOT NULL
) WITH (fillfactor = 80);

COMMENT ON COLUMN alerts.measurement IS 'Empty: the alert is about the sensor as such';
COMMENT ON COLUMN alerts.cleared_at IS 'Null while the alert is open';
COMMENT ON COLUMN alerts.occurrences IS 'How often it was raised: what comes back within the cool-down opens the same alert again';
COMMENT ON COLUMN alerts.shard IS 'Of the monitor that watches the sensor, which looks its open alerts up when it starts';
COMMENT ON COLUMN alerts.updated_at IS 'By the clock of the database; who follows changes looks some seconds back, for transactions commit in another order';

CREATE UNIQUE INDEX alerts_open ON alerts (sensor_id, measurement, kind) WHERE cleared_at IS NULL;
CREATE INDEX alerts_open_of_shard ON alerts (shard) WHERE cleared_at IS NULL;
CREATE INDEX alerts_newest ON alerts (raised_at DESC, alert_id DESC);
CREATE INDEX alerts_of_sensor ON alerts (sensor_id, raised_at DESC, alert_id DESC);
CREATE INDEX alerts_changes ON alerts (updated_at, alert_id);

-- Times of maintenance: alerts are kept, but nobody is called.
CREATE TABLE silences (
    silence_id uuid        PRIMARY KEY,
    sensor_id  integer,
    starts_at  timestamptz NOT NULL,
    ends_at    timestamptz NOT NULL,
    created_by text        NOT NULL,
    reason     text        NOT NULL,
    created_at timestamptz NOT NULL
);

COMMENT ON COLUMN silences.sensor_id IS 'Null: all sensors';

CREATE INDEX silences_by_end ON silences (ends_at);

-- What sensors themselves have written to the log topic, once for each offset.
CREATE TABLE sensor_reports (
    topic_id    uuid        NOT NULL,
    partition   integer     NOT NULL,
    log_offset  bigint      NOT NULL,
    sensor_id   integer     NOT NULL,
    level       text        NOT NULL,
    message     text        NOT NULL,
    reported_at timestamptz NOT NULL,
    PRIMARY KEY (topic_id, partition, log_offset)
);

CREATE INDEX sensor_reports_newest ON sensor_reports (reported_at DESC);
