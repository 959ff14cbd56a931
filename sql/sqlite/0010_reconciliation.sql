-- oldest-program: 0.1.0
-- Reconciliation, as in PostgreSQL. Times are µs since the epoch, ids are text, lists are JSON.
ALTER TABLE sensor_windows ADD COLUMN corrected_by TEXT;

-- One row for each run. ended_at is null for an active or crashed run.
CREATE TABLE reconciliation_runs (
    run_id      TEXT    PRIMARY KEY,
    engine      TEXT    NOT NULL,
    period      TEXT    NOT NULL,
    window_from INTEGER NOT NULL,
    window_to   INTEGER NOT NULL,
    sensors     TEXT,
    dry_run     INTEGER NOT NULL,
    sources     TEXT    NOT NULL,
    started_at  INTEGER NOT NULL,
    ended_at    INTEGER,
    readings    INTEGER NOT NULL,
    compared    INTEGER NOT NULL,
    missing     INTEGER NOT NULL,
    surplus     INTEGER NOT NULL,
    differing   INTEGER NOT NULL,
    parse       INTEGER NOT NULL,
    corrected   INTEGER NOT NULL,
    left_alone  INTEGER NOT NULL,
    unjudged    INTEGER NOT NULL,
    failure     TEXT
) WITHOUT ROWID;

CREATE INDEX reconciliation_runs_newest ON reconciliation_runs (started_at DESC);

CREATE TABLE reconciliation_findings (
    run_id           TEXT    NOT NULL,
    position         INTEGER NOT NULL,
    kind             TEXT    NOT NULL CHECK (kind IN ('missing', 'surplus', 'differing', 'parse')),
    sensor_id        INTEGER,
    metric           TEXT,
    window_start     INTEGER,
    window_end       INTEGER,
    stored_count     INTEGER,
    stored_mean      REAL,
    stored_m2        REAL,
    stored_min       REAL,
    stored_max       REAL,
    recomputed_count INTEGER,
    recomputed_mean  REAL,
    recomputed_m2    REAL,
    recomputed_min   REAL,
    recomputed_max   REAL,
    partition        INTEGER,
    log_offset       INTEGER,
    differs          TEXT    NOT NULL,
    outcome          TEXT    NOT NULL CHECK (outcome IN ('reported', 'corrected', 'refused')),
    PRIMARY KEY (run_id, position)
) WITHOUT ROWID;
