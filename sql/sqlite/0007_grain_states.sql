-- oldest-program: 0.1.0
-- Grain states, one row for each; a write names the version that it replaces.
CREATE TABLE grain_states (
    grain_id    TEXT    NOT NULL,
    state_name  TEXT    NOT NULL,
    version     TEXT    NOT NULL,
    payload     BLOB    NOT NULL,
    modified_at INTEGER NOT NULL,
    PRIMARY KEY (grain_id, state_name)
) WITHOUT ROWID;
