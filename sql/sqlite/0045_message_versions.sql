-- oldest-program: 0.2.0
-- What decided the meaning of messages, by partition, as in PostgreSQL.
CREATE TABLE message_versions (
    topic_id       TEXT    NOT NULL,
    partition      INTEGER NOT NULL,
    version        INTEGER NOT NULL,
    first_offset   INTEGER NOT NULL,
    settled_offset INTEGER NOT NULL,
    meaning        TEXT    NOT NULL,
    added_at       INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000000 AS INTEGER)),
    PRIMARY KEY (topic_id, partition, version)
) WITHOUT ROWID;

ALTER TABLE reconciliation_findings ADD COLUMN topic TEXT;
