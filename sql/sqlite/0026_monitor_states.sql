-- oldest-program: 0.2.0
-- The states of monitors: one row for each shard of sensors, and what has changed since that was written, as in PostgreSQL.
CREATE TABLE monitor_states (
    shard      INTEGER PRIMARY KEY,
    version    INTEGER NOT NULL,
    written_at INTEGER NOT NULL,
    marks      BLOB,
    watches    BLOB    NOT NULL
);

CREATE TABLE monitor_changes (
    shard   INTEGER NOT NULL,
    number  INTEGER NOT NULL,
    watches BLOB    NOT NULL,
    PRIMARY KEY (shard, number)
) WITHOUT ROWID;

-- The states were in the table of grain states, by the shard in hexadecimal digits. Without marks they are in the format of version 0.1.
WITH RECURSIVE shards (shard) AS (SELECT 0 UNION ALL SELECT shard + 1 FROM shards WHERE shard < 59)
INSERT INTO monitor_states (shard, version, written_at, watches)
SELECT shard, abs(random() % 9007199254740992), modified_at, payload
FROM shards JOIN grain_states ON grain_id = 'monitor/' || printf('%X', shard) AND state_name = 'monitor';

DELETE FROM grain_states WHERE state_name = 'monitor';
