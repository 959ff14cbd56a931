-- oldest-program: 0.2.0
-- Refusals: messages that were rejected for a reason that depends on the time at which they were read. They are read again after a
-- crash, and then rejected for the same reason. A checkpoint of a later offset removes them.
CREATE TABLE refusals (
    topic_id      uuid        NOT NULL,
    partition     integer     NOT NULL,
    incarnation   integer     NOT NULL,
    log_offset    bigint      NOT NULL,
    message_index integer     NOT NULL,
    reason        text        NOT NULL,
    refused_at    timestamptz NOT NULL,
    PRIMARY KEY (topic_id, partition, incarnation, log_offset, message_index),
    FOREIGN KEY (topic_id, partition) REFERENCES checkpoints ON DELETE CASCADE
);

COMMENT ON TABLE refusals IS 'Messages above the checkpoint that were rejected for a reason that depends on the time';
COMMENT ON COLUMN refusals.message_index IS 'The reading within its message, from 0';
COMMENT ON COLUMN refusals.refused_at IS 'The time by which the message was rejected';

-- Null in a checkpoint of an older release.
ALTER TABLE checkpoints ADD COLUMN judged_from timestamptz;
COMMENT ON COLUMN checkpoints.judged_from IS 'No message from next_offset on was accepted or rejected before this time';

-- Who can use the windows can use the table, also where no default privileges say so.
DO $migration$
DECLARE
    permission record;
BEGIN
    FOR permission IN
        SELECT DISTINCT coalesce(quote_ident(r.rolname), 'PUBLIC') AS role, a.privilege_type AS privilege
        FROM pg_class AS c
        CROSS JOIN aclexplode(c.relacl) AS a
        LEFT JOIN pg_roles AS r ON r.oid = a.grantee
        WHERE c.oid = 'windows'::regclass AND a.grantee <> c.relowner
            AND a.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
    LOOP
        EXECUTE format('GRANT %s ON refusals TO %s', permission.privilege, permission.role);
    END LOOP;
END;
$migration$;
