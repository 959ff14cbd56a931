-- oldest-program: 0.2.0
-- Contact points, and notifications on their way to them, as in PostgreSQL.
CREATE TABLE contact_points (
    name       TEXT    NOT NULL PRIMARY KEY,
    kind       TEXT    NOT NULL,
    is_enabled INTEGER NOT NULL,
    settings   TEXT    NOT NULL,
    secrets    TEXT,
    changed_at INTEGER NOT NULL,
    changed_by TEXT    NOT NULL
) WITHOUT ROWID;

CREATE TABLE notifications (
    notification_id TEXT    NOT NULL PRIMARY KEY,
    contact         TEXT    NOT NULL,
    alert_id        TEXT    NOT NULL,
    occurrence      INTEGER NOT NULL,
    event           INTEGER NOT NULL,
    content         TEXT    NOT NULL,
    state           TEXT    NOT NULL DEFAULT 'pending',
    attempts        INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    finished_at     INTEGER,
    last_error      TEXT
) WITHOUT ROWID;

CREATE INDEX notifications_pending ON notifications (contact, next_attempt_at) WHERE state = 'pending';
CREATE INDEX notifications_by_alert ON notifications (alert_id, contact);
CREATE INDEX notifications_by_state ON notifications (state, created_at, notification_id);
