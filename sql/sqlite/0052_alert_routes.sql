-- oldest-program: 0.2.0
-- Routes of alerts to contact points, the groups that they make, and silences that select by labels, as in PostgreSQL.
CREATE TABLE alert_routes (
    version    INTEGER NOT NULL PRIMARY KEY,
    document   TEXT,
    changed_at INTEGER NOT NULL,
    changed_by TEXT    NOT NULL
) WITHOUT ROWID;

CREATE TABLE alert_groups (
    group_id   TEXT    NOT NULL PRIMARY KEY,
    group_key  TEXT    NOT NULL,
    route      TEXT    NOT NULL,
    labels     TEXT    NOT NULL,
    revision   INTEGER NOT NULL,
    messages   INTEGER NOT NULL,
    told       TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    flushed_at INTEGER,
    due_at     INTEGER,
    repeat_at  INTEGER,
    step       INTEGER NOT NULL,
    step_at    INTEGER,
    next_at    INTEGER,
    closed_at  INTEGER
) WITHOUT ROWID;

CREATE UNIQUE INDEX alert_groups_open ON alert_groups (group_key) WHERE closed_at IS NULL;
CREATE INDEX alert_groups_next ON alert_groups (next_at) WHERE closed_at IS NULL AND next_at IS NOT NULL;

CREATE TABLE alert_group_members (
    group_id   TEXT    NOT NULL,
    alert_id   TEXT    NOT NULL,
    occurrence INTEGER NOT NULL,
    state      INTEGER NOT NULL,
    since      INTEGER,
    PRIMARY KEY (group_id, alert_id)
) WITHOUT ROWID;

CREATE INDEX alert_group_members_by_alert ON alert_group_members (alert_id);

ALTER TABLE notifications ADD COLUMN group_id TEXT;
ALTER TABLE silences ADD COLUMN matchers TEXT;
