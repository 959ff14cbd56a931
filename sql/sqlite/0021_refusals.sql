-- oldest-program: 0.2.0
-- Refusals: messages that were rejected for a reason that depends on the time at which they were read, as in PostgreSQL.
CREATE TABLE refusals (
    topic_id      TEXT    NOT NULL,
    partition     INTEGER NOT NULL,
    incarnation   INTEGER NOT NULL,
    log_offset    INTEGER NOT NULL,
    message_index INTEGER NOT NULL,
    reason        TEXT    NOT NULL,
    refused_at    INTEGER NOT NULL,
    PRIMARY KEY (topic_id, partition, incarnation, log_offset, message_index),
    FOREIGN KEY (topic_id, partition) REFERENCES checkpoints ON DELETE CASCADE
) WITHOUT ROWID;

-- No message from next_offset on was accepted or rejected before this time. Null in a checkpoint of an older release.
ALTER TABLE checkpoints ADD COLUMN judged_from INTEGER;
