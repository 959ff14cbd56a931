-- oldest-program: 0.1.0
-- Alerts, one row for each. The id is derived from sensor, measurement, kind and time of raising, so that reprocessed readings
-- raise no duplicates.
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

COMMENT ON COLUMN alerts.measurement IS 'The measurement; empty for an alert about the sensor itself';
COMMENT ON COLUMN alerts.cleared_at IS 'Time of clearing; null for an open alert';
COMMENT ON COLUMN alerts.occurrences IS 'How often the alert was raised; a repetition within the cool-down reopens it';
COMMENT ON COLUMN alerts.shard IS 'The shard of the monitor, which loads its open alerts at the start';
COMMENT ON COLUMN alerts.updated_at IS
    'By the clock of the database; readers of changes start some seconds earlier, because transactions may commit later';

CREATE UNIQUE INDEX alerts_open ON alerts (sensor_id, measurement, kind) WHERE cleared_at IS NULL;
CREATE INDEX alerts_open_of_shard ON alerts (shard) WHERE cleared_at IS NULL;
CREATE INDEX alerts_newest ON alerts (raised_at DESC, alert_id DESC);
CREATE INDEX alerts_of_sensor ON alerts (sensor_id, raised_at DESC, alert_id DESC);
CREATE INDEX alerts_changes ON alerts (updated_at, alert_id);

-- Silences: times during which alerts are stored but not delivered.
CREATE TABLE silences (
    silence_id uuid        PRIMARY KEY,
    sensor_id  integer,
    starts_at  timestamptz NOT NULL,
    ends_at    timestamptz NOT NULL,
    created_by text        NOT NULL,
    reason     text        NOT NULL,
    created_at timestamptz NOT NULL
);

COMMENT ON COLUMN silences.sensor_id IS 'The sensor; null for all sensors';

CREATE INDEX silences_by_end ON silences (ends_at);

-- Messages that sensors wrote to the log topic, one row for each offset.
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
