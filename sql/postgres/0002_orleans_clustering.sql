-- Which silos make up a cluster, for Orleans' AdoNet provider.
--
-- The provider holds no SQL: at its start it reads statements by key from OrleansQuery and from then on sends only
-- those. Fixed are that table with its two columns, the keys, and for each statement the parameters (@DeploymentId is
-- the cluster id) and the names of the columns that it returns. The tables behind them are ours, named so that they
-- stand next to those of Orleans' own scripts.

-- Whatever else bears the name would fail below with less to say.
DO $$
BEGIN
    IF to_regclass(format('%I.orleansquery', current_schema())) IS NOT NULL AND 2 <> (
        SELECT count(*) FROM information_schema.columns
        WHERE table_schema = current_schema() AND table_name = 'orleansquery' AND column_name IN ('querykey', 'querytext'))
    THEN
        RAISE EXCEPTION '%.orleansquery is not the table of Orleans'' statements; rename it, or put a schema of its own first in search_path',
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

COMMENT ON TABLE orleans_clusters IS 'One row a cluster; every change to its silos raises the version that it was decided on by one, or does not happen';

-- Each silo writes alive_at twice a minute or so, for as long as it lives: it is in no index and its row has room on its
-- page (HOT), so that this leaves nothing to vacuum. The silos of a cluster are few: who looks for a status or a time
-- reads them all.
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
COMMENT ON COLUMN orleans_silos.suspicions IS 'Who suspected the silo to be dead and when, in the form of Orleans';

-- All of these keys or none: where someone else's statements for clustering are in place, with tables of their own
-- behind them, silos use those, and a mixture would be two halves of a cluster that do not see each other.
WITH ours (key, statement) AS (VALUES

('InsertMembershipVersionKey', $sql$
WITH created AS (
    INSERT INTO orleans_clusters (cluster_id, version, changed_at) VALUES (@DeploymentId, 0, now())
    ON CONFLICT DO NOTHING RETURNING 1
)
SELECT EXISTS (SELECT FROM created)
$sql$),

-- The row of the cluster is the turnstile: of those who decided on the same version the first one gets through, the
-- others wait for its commit and then find another version. A silo that is there already must not raise it.
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

-- The silo is locked before the version is raised: one that a clean-up takes away meanwhile leaves the version as it was.
-- Whoever judges a silo writes what it has read of it, which may be older than the silo's last sign of life.
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
    SET status = @Status, suspicions = @SuspectTimes, alive_at = greatest(s.alive_at, @IAmAliveTime)
    FROM turn
    WHERE s.cluster_id = turn.cluster_id AND s.address = @Address AND s.port = @Port AND s.generation = @Generation
    RETURNING 1
)
SELECT EXISTS (SELECT FROM changed)
$sql$),

-- As it is told, even back: a clock that was set back must not leave a time that is never reached again.
('UpdateIAmAlivetimeKey', $sql$
UPDATE orleans_silos SET alive_at = @IAmAliveTime
WHERE cluster_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation
$sql$),

-- Both reads return the version even where there is no silo: the provider takes it from the first row, and recognises
-- a row without a silo by its null StartTime.
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

-- A silo without a gateway says port 0.
('GatewaysQueryKey', $sql$
SELECT address AS Address, gateway_port AS ProxyPort, generation AS Generation
FROM orleans_silos
WHERE cluster_id = @DeploymentId AND status = @Status AND gateway_port > 0
$sql$),

-- Every status but active (3): also a silo that died while it was joining is never heard of again. An active one that
-- is silent is for the other silos to judge.
('CleanupDefunctSiloEntriesKey', $sql$
DELETE FROM orleans_silos WHERE cluster_id = @DeploymentId AND alive_at < @IAmAliveTime AND status <> 3
$sql$),

-- The silos first, in the order in which an update locks. One that joins in between goes with its cluster.
('DeleteMembershipTableEntriesKey', $sql$
DELETE FROM orleans_silos WHERE cluster_id = @DeploymentId;
DELETE FROM orleans_clusters WHERE cluster_id = @DeploymentId
$sql$)

)
INSERT INTO orleansquery (querykey, querytext)
SELECT key, statement FROM ours
WHERE NOT EXISTS (SELECT FROM orleansquery AS q JOIN ours ON ours.key = q.querykey);
