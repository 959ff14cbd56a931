-- oldest-program: 0.1.0
-- Cluster membership for Orleans' AdoNet provider.
--
-- The provider contains no SQL. At its start it reads statements by key from the table OrleansQuery and uses only those.
-- Orleans prescribes this table with its two columns, the keys, and for each statement the parameters (@DeploymentId is the
-- cluster id) and the names of the returned columns. The tables behind the statements belong to this project. Their names
-- differ from those of Orleans' own scripts.

-- A different table of this name would fail below with a less helpful error.
DO $$
BEGIN
    IF to_regclass(format('%I.orleansquery', current_schema())) IS NOT NULL AND 2 <> (
        SELECT count(*) FROM information_schema.columns
        WHERE table_schema = current_schema() AND table_name = 'orleansquery' AND column_name IN ('querykey', 'querytext'))
    THEN
        RAISE EXCEPTION
            '%.orleansquery is not the table of Orleans'' statements; rename it, or put a schema of its own first in search_path',
            current_schema();
    END IF;
END
$$;

CREATE TABLE IF NOT EXISTS orleansquery (
    querykey  text COLLATE "C" PRIMARY KEY,
    querytext text NOT NULL
);

CREATE TABLE orleans_clusters (
    cluster_id text COLLATE "C" PRIMARY KEY,
    version    integer     NOT NULL,
    changed_at timestamptz NOT NULL
) WITH (fillfactor = 50);

COMMENT ON TABLE orleans_clusters IS
    'One row for each cluster; every change of its silos increments the version on which it is based, or is refused';

-- Each silo updates alive_at about twice a minute. The column is in no index and pages keep free space (HOT), so that the
-- updates leave nothing to vacuum. A cluster has few silos, so a search by status or time reads all of them.
CREATE TABLE orleans_silos (
    cluster_id   text COLLATE "C" NOT NULL REFERENCES orleans_clusters ON DELETE CASCADE,
    address      text COLLATE "C" NOT NULL,
    port         integer     NOT NULL,
    generation   integer     NOT NULL,
    silo_name    text        NOT NULL,
    host_name    text        NOT NULL,
    status       integer     NOT NULL,
    gateway_port integer     NOT NULL,
    suspicions   text,
    started_at   timestamptz NOT NULL,
    alive_at     timestamptz NOT NULL,
    PRIMARY KEY (cluster_id, address, port, generation)
) WITH (fillfactor = 50);

COMMENT ON COLUMN orleans_silos.status IS '1 created, 2 joining, 3 active, 4 shutting down, 5 stopping, 6 dead';
COMMENT ON COLUMN orleans_silos.suspicions IS 'The silos that suspect this one to be dead, with times, in the format of Orleans';

-- All keys are inserted, or none. A database may already have the clustering statements of another script, with its own
-- tables. Silos then use those: a mixture would split the cluster into two halves that do not see each other.
WITH ours (key, statement) AS (VALUES

('InsertMembershipVersionKey', $sql$
WITH created AS (
    INSERT INTO orleans_clusters (cluster_id, version, changed_at) VALUES (@DeploymentId, 0, now())
    ON CONFLICT DO NOTHING RETURNING 1
)
SELECT EXISTS (SELECT FROM created)
$sql$),

-- The row of the cluster serializes changes. Of several changes based on the same version the first one succeeds; the others
-- wait for its commit and then find another version. An existing silo must not increment it.
('InsertMembershipKey', $sql$
WITH turn AS (
    UPDATE orleans_clusters AS c SET version = c.version + 1, changed_at = now()
    WHERE c.cluster_id = @DeploymentId AND c.version = @Version AND NOT EXISTS (
        SELECT FROM orleans_silos AS s
        WHERE s.cluster_id = @DeploymentId AND s.address = @Address AND s.port = @Port AND s.generation = @Generation)
    RETURNING c.cluster_id
), added AS (
    INSERT INTO orleans_silos (cluster_id, address, port, generation, silo_name, host_name, status, gateway_port, started_at, alive_at)
    SELECT cluster_id, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime FROM turn
    RETURNING 1
)
SELECT EXISTS (SELECT FROM added)
$sql$),

-- The silo is locked before the version is incremented: a silo that a clean-up removes meanwhile leaves the version unchanged.
-- A silo that declares another one dead writes the row as it read it, which may be older than that silo's last alive_at.
('UpdateMembershipKey', $sql$
WITH judged AS (
    SELECT FROM orleans_silos
    WHERE cluster_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation
    FOR NO KEY UPDATE
), turn AS (
    UPDATE orleans_clusters AS c SET version = c.version + 1, changed_at = now()
    WHERE c.cluster_id = @DeploymentId AND c.version = @Version AND EXISTS (SELECT FROM judged)
    RETURNING c.cluster_id
), changed AS (
    UPDATE orleans_silos AS s
    SET status = @Status, suspicions = nullif(@SuspectTimes, ''), alive_at = greatest(s.alive_at, @IAmAliveTime)
    FROM turn
    WHERE s.cluster_id = turn.cluster_id AND s.address = @Address AND s.port = @Port AND s.generation = @Generation
    RETURNING 1
)
SELECT EXISTS (SELECT FROM changed)
$sql$),

-- The time may also go back: after a clock was set back, a later time would otherwise never be reached.
('UpdateIAmAlivetimeKey', $sql$
UPDATE orleans_silos SET alive_at = @IAmAliveTime
WHERE cluster_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation
$sql$),

-- Both reads return the version even without a silo. The provider takes it from the first row and recognizes a row without a
-- silo by a null StartTime.
('MembershipReadAllKey', $sql$
SELECT s.address AS Address, s.port AS Port, s.generation AS Generation, s.silo_name AS SiloName, s.host_name AS HostName,
    s.status AS Status, s.gateway_port AS ProxyPort, s.suspicions AS SuspectTimes, s.started_at AS StartTime,
    s.alive_at AS IAmAliveTime, c.version AS Version
FROM orleans_clusters AS c
LEFT JOIN orleans_silos AS s ON s.cluster_id = c.cluster_id
WHERE c.cluster_id = @DeploymentId
$sql$),

('MembershipReadRowKey', $sql$
SELECT s.address AS Address, s.port AS Port, s.generation AS Generation, s.silo_name AS SiloName, s.host_name AS HostName,
    s.status AS Status, s.gateway_port AS ProxyPort, s.suspicions AS SuspectTimes, s.started_at AS StartTime,
    s.alive_at AS IAmAliveTime, c.version AS Version
FROM orleans_clusters AS c
LEFT JOIN orleans_silos AS s
    ON s.cluster_id = c.cluster_id AND s.address = @Address AND s.port = @Port AND s.generation = @Generation
WHERE c.cluster_id = @DeploymentId
$sql$),

-- A silo without a gateway has port 0.
('GatewaysQueryKey', $sql$
SELECT address AS Address, gateway_port AS ProxyPort, generation AS Generation
FROM orleans_silos
WHERE cluster_id = @DeploymentId AND status = @Status AND gateway_port > 0
$sql$),

-- Removes one silo that the provider has read as dead and expired, if its row has not been written since. The provider returns
-- null for no suspicions, so an empty text is never stored.
('CleanupDefunctSiloEntryKey', $sql$
DELETE FROM orleans_silos
WHERE cluster_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation AND status = 6
    AND started_at = @StartTime AND alive_at = @IAmAliveTime AND suspicions IS NOT DISTINCT FROM @SuspectTimes
$sql$),

-- Removes all expired silos at once, for providers that do not use the statement above; every provider requires this one. It
-- removes dead silos only: the other silos decide about a silent silo.
('CleanupDefunctSiloEntriesKey', $sql$
DELETE FROM orleans_silos
WHERE cluster_id = @DeploymentId AND status = 6 AND started_at < @IAmAliveTime AND alive_at < @IAmAliveTime
$sql$),

-- The silos come first, in the lock order of an update. A silo that joins meanwhile is removed with its cluster.
('DeleteMembershipTableEntriesKey', $sql$
DELETE FROM orleans_silos WHERE cluster_id = @DeploymentId;
DELETE FROM orleans_clusters WHERE cluster_id = @DeploymentId
$sql$)

)
INSERT INTO orleansquery (querykey, querytext)
SELECT key, statement FROM ours
WHERE NOT EXISTS (SELECT FROM orleansquery AS q JOIN ours ON ours.key = q.querykey);
