-- oldest-program: 0.1.0
-- Sessions of people who are logged in, as in PostgreSQL. Times are µs since the epoch, ids are text.
CREATE TABLE sessions (
    token_hash TEXT    PRIMARY KEY,
    session_id TEXT    NOT NULL UNIQUE,
    name       TEXT    NOT NULL,
    role       TEXT    NOT NULL CHECK (role IN ('read', 'admin')),
    key_hash   TEXT,
    address    TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX sessions_by_key ON sessions (key_hash);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- Access keys beside those of the configuration.
CREATE TABLE access_keys (
    name       TEXT    PRIMARY KEY,
    key_hash   TEXT    NOT NULL UNIQUE,
    role       TEXT    NOT NULL CHECK (role IN ('read', 'admin')),
    created_at INTEGER NOT NULL,
    created_by TEXT    NOT NULL,
    expires_at INTEGER
) WITHOUT ROWID;

-- ASP.NET Core's keys for the tokens of forms.
CREATE TABLE data_protection_keys (
    name       TEXT    PRIMARY KEY,
    xml        TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) WITHOUT ROWID;

-- What people and programs did.
CREATE TABLE audit_log (
    audit_id INTEGER PRIMARY KEY AUTOINCREMENT,
    at       INTEGER NOT NULL,
    actor    TEXT    NOT NULL,
    address  TEXT    NOT NULL,
    action   TEXT    NOT NULL,
    target   TEXT    NOT NULL,
    detail   TEXT
);

CREATE INDEX audit_log_by_time ON audit_log (at);

ALTER TABLE alerts ADD COLUMN acknowledged_for TEXT;
