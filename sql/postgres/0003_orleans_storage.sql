-- What grains keep, for Orleans' AdoNet provider; how it finds its statements is told in 0002_orleans_clustering.sql.

-- A version is new on every write, and is not counted from one for each grain: where cleared states are deleted, a state
-- that comes back would have the version of the one that went, and a stale activation would overwrite it.
CREATE SEQUENCE orleans_grain_versions AS integer CYCLE;

-- Hot grains write again and again: nothing that changes is in an index, and rows have room on their page.
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

COMMENT ON TABLE orleans_grain_states IS 'The states of grains; without payload: cleared, and remembered for its version';
COMMENT ON COLUMN orleans_grain_states.key_high IS 'A GUID is the bytes of high and low, an integer is in low, a string in text';
COMMENT ON COLUMN orleans_grain_states.key_text IS 'The key, or the extension of one that is a GUID or an integer; null: none';

-- This index is what lets only one of two first writes in. The hash is not only there to narrow: integer 0 extended by
-- "a" and the string "a" differ in nothing else. That no text and an empty one differ takes two expressions, because
-- NULLS NOT DISTINCT came with PostgreSQL 15. Together the texts may have some 2,600 bytes.
CREATE UNIQUE INDEX orleans_grain_states_key ON orleans_grain_states
    (grain_hash, key_low, key_high, state_name, service_id, (coalesce(key_text, '')), (key_text IS NULL));

-- All of these keys or none, as for clustering. A statement that finds no row to change answers with the version that it
-- was given, by which the provider knows that another activation was there first.
WITH ours (key, statement) AS (VALUES

('ReadFromStorageKey', $sql$
SELECT payload AS PayloadBinary, version AS Version
FROM orleans_grain_states
WHERE grain_hash = @GrainIdHash AND key_low = @GrainIdN1 AND key_high = @GrainIdN0 AND state_name = @GrainTypeString
    AND service_id = @ServiceId AND key_text IS NOT DISTINCT FROM @GrainIdExtensionString
$sql$),

-- No version: the activation has read that there is no state. With one it has read or written that version.
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

-- In place of the one before where DeleteStateOnClear is set. The provider only looks whether the version is another.
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
