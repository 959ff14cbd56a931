-- oldest-program: 0.1.0
-- Grain states for Orleans' AdoNet provider. 0002_orleans_clustering.sql explains how the provider finds its statements.

-- A version is new on every write across all grains. A version counted for each grain could repeat after its state was deleted,
-- and a stale activation could then overwrite the new state.
CREATE SEQUENCE orleans_grain_versions AS integer CYCLE;

-- Some grains write often, so no changing column is in an index and pages keep free space (HOT).
CREATE TABLE orleans_grain_states (
    grain_hash  integer NOT NULL,
    key_high    bigint  NOT NULL,
    key_low     bigint  NOT NULL,
    key_text    text COLLATE "C",
    state_name  text COLLATE "C" NOT NULL,
    service_id  text COLLATE "C" NOT NULL,
    version     integer NOT NULL,
    payload     bytea,
    modified_at timestamptz NOT NULL
) WITH (fillfactor = 70);

COMMENT ON TABLE orleans_grain_states IS 'Grain states; a row without payload is a cleared state, kept for its version';
COMMENT ON COLUMN orleans_grain_states.key_high IS 'The key: a GUID in key_high and key_low, an integer in key_low, a string in key_text';
COMMENT ON COLUMN orleans_grain_states.key_text IS 'The string key, or the extension of a GUID or integer key; null if there is none';

-- This index lets only one of two first writes succeed. The hash is part of the key: integer 0 with the extension "a" and the
-- string "a" differ in nothing else. Two expressions distinguish null from an empty text, because NULLS NOT DISTINCT needs
-- PostgreSQL 15. The texts may have about 2,600 bytes together.
CREATE UNIQUE INDEX orleans_grain_states_key ON orleans_grain_states
    (grain_hash, key_low, key_high, state_name, service_id, (coalesce(key_text, '')), (key_text IS NULL));

-- All keys are inserted, or none, as for clustering. A statement that finds no row to change returns the given version, which
-- tells the provider that another activation has written the state.
WITH ours (key, statement) AS (VALUES

('ReadFromStorageKey', $sql$
SELECT payload AS PayloadBinary, version AS Version
FROM orleans_grain_states
WHERE grain_hash = @GrainIdHash AND key_low = @GrainIdN1 AND key_high = @GrainIdN0 AND state_name = @GrainTypeString
    AND service_id = @ServiceId AND key_text IS NOT DISTINCT FROM @GrainIdExtensionString
$sql$),

-- A write without a version comes from an activation that found no state; the version is the one it last read or wrote.
('WriteToStorageKey', $sql$
WITH changed AS (
    UPDATE orleans_grain_states
    SET payload = @PayloadBinary, version = nextval('orleans_grain_versions'), modified_at = now()
    WHERE grain_hash = @GrainIdHash AND key_low = @GrainIdN1 AND key_high = @GrainIdN0 AND state_name = @GrainTypeString
        AND service_id = @ServiceId AND key_text IS NOT DISTINCT FROM @GrainIdExtensionString AND version = @GrainStateVersion
    RETURNING version
), created AS (
    INSERT INTO orleans_grain_states
        (grain_hash, key_high, key_low, key_text, state_name, service_id, version, payload, modified_at)
    SELECT @GrainIdHash, @GrainIdN0, @GrainIdN1, @GrainIdExtensionString, @GrainTypeString, @ServiceId,
        nextval('orleans_grain_versions'), @PayloadBinary, now()
    WHERE @GrainStateVersion IS NULL
    ON CONFLICT DO NOTHING
    RETURNING version
)
SELECT coalesce((SELECT version FROM changed), (SELECT version FROM created), @GrainStateVersion) AS NewGrainStateVersion
$sql$),

('ClearStorageKey', $sql$
WITH cleared AS (
    UPDATE orleans_grain_states
    SET payload = NULL, version = nextval('orleans_grain_versions'), modified_at = now()
    WHERE grain_hash = @GrainIdHash AND key_low = @GrainIdN1 AND key_high = @GrainIdN0 AND state_name = @GrainTypeString
        AND service_id = @ServiceId AND key_text IS NOT DISTINCT FROM @GrainIdExtensionString AND version = @GrainStateVersion
    RETURNING version
)
SELECT coalesce((SELECT version FROM cleared), @GrainStateVersion) AS NewGrainStateVersion
$sql$),

-- Replaces the statement above if DeleteStateOnClear is set. The provider only checks that the version is another one.
('DeleteStorageKey', $sql$
WITH deleted AS (
    DELETE FROM orleans_grain_states
    WHERE grain_hash = @GrainIdHash AND key_low = @GrainIdN1 AND key_high = @GrainIdN0 AND state_name = @GrainTypeString
        AND service_id = @ServiceId AND key_text IS NOT DISTINCT FROM @GrainIdExtensionString AND version = @GrainStateVersion
    RETURNING 1
)
SELECT CASE WHEN EXISTS (SELECT FROM deleted) THEN nextval('orleans_grain_versions') ELSE @GrainStateVersion END AS NewGrainStateVersion
$sql$)

)
INSERT INTO orleansquery (querykey, querytext)
SELECT key, statement FROM ours
WHERE NOT EXISTS (SELECT FROM orleansquery AS q JOIN ours ON ours.key = q.querykey);
