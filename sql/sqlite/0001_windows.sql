-- oldest-program: 0.1.0
-- Windows: one row for each start, end, sensor and measurement (column metric). Statistics and marks are written together.
-- The start comes first in the key, so that rows written together are neighbours. Times are µs since the epoch.
-- mean and m2 may be null: SQLite stores NaN, the result of overflowing sums, as null.
CREATE TABLE sensor_windows (
    sensor_id    INTEGER NOT NULL,
    metric       TEXT    NOT NULL,
    window_start INTEGER NOT NULL,
    window_end   INTEGER NOT NULL,
    sample_count INTEGER NOT NULL,
    mean         REAL,
    m2           REAL,
    min          REAL    NOT NULL,
    max          REAL    NOT NULL,
    marks        BLOB    NOT NULL,
    token        INTEGER NOT NULL,
    revision     INTEGER NOT NULL,
    is_final     INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    PRIMARY KEY (window_start, window_end, sensor_id, metric)
) WITHOUT ROWID;

-- Every reading of a source below next_offset is durable. open_from is null if all windows are closed.
CREATE TABLE checkpoints (
    topic_id    TEXT    NOT NULL,
    partition   INTEGER NOT NULL,
    next_offset INTEGER NOT NULL,
    stream_time INTEGER NOT NULL,
    open_from   INTEGER,
    updated_at  INTEGER NOT NULL,
    PRIMARY KEY (topic_id, partition)
) WITHOUT ROWID;

-- The period of the view sensor_temperatures, in one row.
CREATE TABLE window_period (
    only_row INTEGER PRIMARY KEY DEFAULT 1 CHECK (only_row = 1),
    period   TEXT    NOT NULL,
    length   INTEGER NOT NULL
);

INSERT INTO window_period (period, length) VALUES ('PT15M', 900000000);
