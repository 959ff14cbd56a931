-- oldest-program: 0.2.0
-- What decides the meaning of messages (mappings, missing values, plausible ranges, discovery) changes with the configuration, and the
-- log keeps messages of earlier configurations. A version of it is stored for each partition when a silo begins to read by it.
CREATE TABLE message_versions (
    topic_id       uuid        NOT NULL,
    partition      integer     NOT NULL,
    version        integer     NOT NULL,
    first_offset   bigint      NOT NULL,
    settled_offset bigint      NOT NULL,
    meaning        text        NOT NULL,
    added_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (topic_id, partition, version)
);

COMMENT ON TABLE message_versions IS 'What decided the meaning of messages, by partition; a recomputation judges each message by its version';
COMMENT ON COLUMN message_versions.first_offset IS 'The first message that may have been read by this version';
COMMENT ON COLUMN message_versions.settled_offset IS
    'The first message that can be read by this version only; below, the version before may have been used';

SELECT grant_as_on_windows('message_versions', ARRAY['SELECT', 'INSERT', 'DELETE']);

ALTER TABLE reconciliation_findings ADD COLUMN topic text;

COMMENT ON COLUMN reconciliation_findings.topic IS 'The topic of partition and log_offset; null: the topic of readings';
