-- Reconciliation: what batch found wrong with the windows, and which of them it has put right.
ALTER TABLE sensor_windows ADD COLUMN corrected_by uuid;

COMMENT ON COLUMN sensor_windows.corrected_by IS 'The run of reconciliation_runs that corrected the row last';

-- One row for each run. A run that died has no ended_at.
CREATE TABLE reconciliation_runs (
    run_id      uuid        PRIMARY KEY,
    engine      text        NOT NULL,
    period      text        NOT NULL,
    window_from timestamptz NOT NULL,
    window_to   timestamptz NOT NULL,
    sensors     integer[],
    dry_run     boolean     NOT NULL,
    sources     jsonb       NOT NULL,
    started_at  timestamptz NOT NULL,
    ended_at    timestamptz,
    readings    bigint      NOT NULL,
    compared    bigint      NOT NULL,
    missing     bigint      NOT NULL,
    surplus     bigint      NOT NULL,
    differing   bigint      NOT NULL,
    parse       bigint      NOT NULL,
    corrected   bigint      NOT NULL,
    left_alone  bigint      NOT NULL,
    unjudged    bigint      NOT NULL,
    failure     text
);

COMMENT ON COLUMN reconciliation_runs.window_from IS 'Windows that start at or after this, and before window_to';
COMMENT ON COLUMN reconciliation_runs.sensors IS 'Only these; null: all';
COMMENT ON COLUMN reconciliation_runs.sources IS 'For each source the offsets that were read: from inclusive, to exclusive';
COMMENT ON COLUMN reconciliation_runs.left_alone IS 'Rows that are open, or were touched since the end of the run';
COMMENT ON COLUMN reconciliation_runs.unjudged IS 'Rows that the log no longer holds all readings of';

CREATE INDEX reconciliation_runs_newest ON reconciliation_runs (started_at DESC);

-- missing: the log says that there is such a window, and there was no row. surplus: a row without a reading in the log.
-- differing: the columns that "differs" names, with the size. parse: a message that both engines judge differently.
CREATE TABLE reconciliation_findings (
    run_id           uuid    NOT NULL REFERENCES reconciliation_runs ON DELETE CASCADE,
    position         bigint  NOT NULL,
    kind             text    NOT NULL CHECK (kind IN ('missing', 'surplus', 'differing', 'parse')),
    sensor_id        integer,
    metric           text,
    window_start     timestamptz,
    window_end       timestamptz,
    stored_count     bigint,
    stored_mean      double precision,
    stored_m2        double precision,
    stored_min       double precision,
    stored_max       double precision,
    recomputed_count bigint,
    recomputed_mean  double precision,
    recomputed_m2    double precision,
    recomputed_min   double precision,
    recomputed_max   double precision,
    partition        integer,
    log_offset       bigint,
    differs          text    NOT NULL,
    outcome          text    NOT NULL CHECK (outcome IN ('reported', 'corrected', 'refused')),
    PRIMARY KEY (run_id, position)
);

COMMENT ON COLUMN reconciliation_findings.outcome IS 'refused: the row was written by somebody else before the correction, and is left alone';

-- What Spark has computed, until the run that asked for it has compared it. Times are µs since the epoch.
CREATE UNLOGGED TABLE reconciliation_staging (
    run_id       text             NOT NULL,
    sensor_id    integer          NOT NULL,
    metric       text COLLATE "C" NOT NULL,
    window_start bigint           NOT NULL,
    sample_count bigint           NOT NULL,
    min          double precision NOT NULL,
    max          double precision NOT NULL,
    mean         double precision NOT NULL,
    variance     double precision NOT NULL
);

CREATE INDEX reconciliation_staging_order ON reconciliation_staging (run_id, sensor_id, metric, window_start);

-- The offsets of a run that Spark has to know as dead letters, and those that it could not read itself.
CREATE UNLOGGED TABLE reconciliation_offsets (
    run_id     text    NOT NULL,
    kind       text    NOT NULL CHECK (kind IN ('dead', 'rejected', 'accepted')),
    partition  integer NOT NULL,
    log_offset bigint  NOT NULL
);

CREATE INDEX reconciliation_offsets_of_run ON reconciliation_offsets (run_id, kind);
