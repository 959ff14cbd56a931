-- oldest-program: 0.2.0
-- Longer windows, merged from final windows of a shorter period, their panes. The transaction that writes a pane makes the rows of the
-- longer windows over it stale; a merge makes them current again. The statistics are a JSON object with the number of values, the mean,
-- the sum of squared deviations from it, the least and greatest value and that of the latest reading for each measurement.
CREATE TABLE merged_windows (
    sensor_id        INTEGER NOT NULL,
    period           TEXT    NOT NULL,
    window_start     INTEGER NOT NULL,
    window_end       INTEGER NOT NULL,
    pane             TEXT    NOT NULL,
    statistics       TEXT    NOT NULL,
    token            INTEGER NOT NULL,
    revision         INTEGER NOT NULL,
    is_final         INTEGER NOT NULL,
    is_stale         INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    latest_at        INTEGER,
    latest_offset    INTEGER,
    latest_partition INTEGER,
    latest_index     INTEGER,
    PRIMARY KEY (window_start, period, sensor_id)
) WITHOUT ROWID;

CREATE INDEX merged_windows_stale ON merged_windows (window_end) WHERE is_stale;
