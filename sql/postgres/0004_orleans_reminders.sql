-- oldest-program: 0.1.0
-- Reminders of grains for Orleans' AdoNet provider. 0002_orleans_clustering.sql explains how the provider finds its
-- statements.

-- A version is new on every write, so an old handle cannot remove a reminder that was registered again.
CREATE SEQUENCE orleans_reminder_versions AS integer CYCLE;

CREATE TABLE orleans_reminders (
    service_id    text COLLATE "C" NOT NULL,
    grain_id      text COLLATE "C" NOT NULL,
    reminder_name text COLLATE "C" NOT NULL,
    grain_hash    integer     NOT NULL,
    start_time    timestamptz NOT NULL,
    period_ms     bigint      NOT NULL,
    version       integer     NOT NULL,
    PRIMARY KEY (service_id, grain_id, reminder_name)
) WITH (fillfactor = 80);

-- Each silo periodically reads the reminders of its range of hashes.
CREATE INDEX orleans_reminders_hash ON orleans_reminders (service_id, grain_hash);

-- All keys are inserted, or none, as for clustering.
WITH ours (key, statement) AS (VALUES

-- The hash of a grain never changes, so an update does not touch the indexes.
('UpsertReminderRowKey', $sql$
INSERT INTO orleans_reminders AS r (service_id, grain_id, reminder_name, grain_hash, start_time, period_ms, version)
VALUES (@ServiceId, @GrainId, @ReminderName, @GrainHash, @StartTime, @Period, nextval('orleans_reminder_versions'))
ON CONFLICT (service_id, grain_id, reminder_name) DO UPDATE
SET start_time = excluded.start_time, period_ms = excluded.period_ms, version = excluded.version
RETURNING version AS Version
$sql$),

('ReadReminderRowKey', $sql$
SELECT grain_id AS GrainId, reminder_name AS ReminderName, start_time AS StartTime, period_ms AS Period, version AS Version
FROM orleans_reminders
WHERE service_id = @ServiceId AND grain_id = @GrainId AND reminder_name = @ReminderName
$sql$),

('ReadReminderRowsKey', $sql$
SELECT grain_id AS GrainId, reminder_name AS ReminderName, start_time AS StartTime, period_ms AS Period, version AS Version
FROM orleans_reminders
WHERE service_id = @ServiceId AND grain_id = @GrainId
$sql$),

-- Hashes are unsigned on the ring and signed in this table, and the provider compares signed ones. The range lies between two
-- hashes if the first is less. Otherwise it wraps around the end; two equal hashes mean the whole ring.
('ReadRangeRows1Key', $sql$
SELECT grain_id AS GrainId, reminder_name AS ReminderName, start_time AS StartTime, period_ms AS Period, version AS Version
FROM orleans_reminders
WHERE service_id = @ServiceId AND grain_hash > @BeginHash AND grain_hash <= @EndHash
$sql$),

('ReadRangeRows2Key', $sql$
SELECT grain_id AS GrainId, reminder_name AS ReminderName, start_time AS StartTime, period_ms AS Period, version AS Version
FROM orleans_reminders
WHERE service_id = @ServiceId AND (grain_hash > @BeginHash OR grain_hash <= @EndHash)
$sql$),

('DeleteReminderRowKey', $sql$
WITH deleted AS (
    DELETE FROM orleans_reminders
    WHERE service_id = @ServiceId AND grain_id = @GrainId AND reminder_name = @ReminderName AND version = @Version
    RETURNING 1
)
SELECT EXISTS (SELECT FROM deleted)
$sql$),

('DeleteReminderRowsKey', $sql$
DELETE FROM orleans_reminders WHERE service_id = @ServiceId
$sql$)

)
INSERT INTO orleansquery (querykey, querytext)
SELECT key, statement FROM ours
WHERE NOT EXISTS (SELECT FROM orleansquery AS q JOIN ours ON ours.key = q.querykey);
