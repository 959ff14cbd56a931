-- oldest-program: 0.2.0
-- The names of measurements that were found in readings, as in PostgreSQL.
CREATE TABLE measurement_names (
    name       TEXT    NOT NULL PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 200),
    created_at INTEGER NOT NULL
) WITHOUT ROWID;
