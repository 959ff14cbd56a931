-- oldest-program: 0.2.0
-- The numbers of sensors that have a name instead of an integer id, as in PostgreSQL.
CREATE TABLE sensor_names (
    number     INTEGER PRIMARY KEY CHECK (number BETWEEN -2147483648 AND -2),
    name       TEXT    NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 200),
    created_at INTEGER NOT NULL
);
