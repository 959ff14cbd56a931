-- oldest-program: 0.1.0
-- Reconciliation: the differences that a run found, and its corrections.
ALTER TABLE sensor_windows ADD COLUMN corrected_by uuid;

COMMENT ON COLUMN sensor_windows.corrected_by IS 'The run (reconciliation_runs) that last corrected the row';

-- One row for each run. ended_at is null for an active or crashed run.
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

COMMENT ON COLUMN reconciliation_runs.window_from IS 'Range of window starts: window_from inclusive, window_to exclusive';
COMMENT ON COLUMN reconciliation_runs.sensors IS 'The compared sensors; null for all';
COMMENT ON COLUMN reconciliation_runs.sources IS 'The offsets read of each source: from inclusive, to exclusive';
COMMENT ON COLUMN reconciliation_runs.left_alone IS 'Rows skipped because they are open or hold readings beyond the end of the run';
COMMENT ON COLUMN reconciliation_runs.unjudged IS
    'Rows skipped because the log cannot confirm them, such as rows from before its beginning';

CREATE INDEX reconciliation_runs_newest ON reconciliation_runs (started_at DESC);

-- missing: the log has readings, and the store has no row. surplus: the store has a row, and the log has no readings.
-- differing: "differs" names the columns and their differences. parse: stream and engine classify a message differently.
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

COMMENT ON COLUMN reconciliation_findings.outcome IS 'refused: the row was written before the correction and stays unchanged';

-- Windows that a Spark job has computed, until its run has compared them. Times are µs since the epoch.
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

-- Offsets of a run: dead letters as input of the Spark job, and messages that Spark classifies differently as output.
CREATE UNLOGGED TABLE reconciliation_offsets (
    run_id     text    NOT NULL,
    kind       text    NOT NULL CHECK (kind IN ('dead', 'rejected', 'accepted')),
    partition  integer NOT NULL,
    log_offset bigint  NOT NULL
);

CREATE INDEX reconciliation_offsets_of_run ON reconciliation_offsets (run_id, kind);
