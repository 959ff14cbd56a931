-- oldest-program: 0.2.0
-- Keys that may only send readings, as in PostgreSQL.
CREATE TABLE device_keys (
    name       TEXT    PRIMARY KEY,
    key_hash   TEXT    NOT NULL UNIQUE,
    scope      TEXT    NOT NULL CHECK (scope IN ('device', 'tag', 'source')),
    value      TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT    NOT NULL,
    expires_at INTEGER
) WITHOUT ROWID;

-- New with each change of device_keys.
CREATE TABLE device_key_revision (
    is_only  INTEGER PRIMARY KEY DEFAULT 1 CHECK (is_only = 1),
    revision TEXT    NOT NULL
);

INSERT INTO device_key_revision (revision) VALUES (lower(hex(randomblob(16))));
