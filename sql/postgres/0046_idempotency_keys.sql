-- oldest-program: 0.2.0
-- Requests with an Idempotency-Key. The row is there before anything is produced; an answer stands for readings that are in Kafka.
CREATE TABLE idempotency_keys (
    caller           text COLLATE "C" NOT NULL,
    key              text COLLATE "C" NOT NULL,
    body_hash        text             NOT NULL,
    token            uuid             NOT NULL,
    claimed_at       timestamptz      NOT NULL,
    held_until       timestamptz      NOT NULL,
    transactional_id text,
    record_partition integer          NOT NULL,
    record_offset    bigint           NOT NULL,
    answer           text,
    PRIMARY KEY (caller, key)
) WITH (fillfactor = 70);

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (claimed_at);

COMMENT ON TABLE idempotency_keys IS 'Requests with an Idempotency-Key, for 24 hours';
COMMENT ON COLUMN idempotency_keys.caller IS 'Kind and name of the access key or session, never its secret';
COMMENT ON COLUMN idempotency_keys.body_hash IS 'SHA-256 of the request, hexadecimal';
COMMENT ON COLUMN idempotency_keys.token IS 'New with each request that takes the row over; only its owner changes the row';
COMMENT ON COLUMN idempotency_keys.held_until IS 'Until then a request with the key is answered with 409; later it takes the row over';
COMMENT ON COLUMN idempotency_keys.transactional_id IS
    'The only id by which readings of the row are produced; null: the embedded broker has no transactions';
COMMENT ON COLUMN idempotency_keys.record_offset IS 'End of the partition of records at the claim; a record of the row is not before it';
COMMENT ON COLUMN idempotency_keys.answer IS 'Body of the answer; null: the request is under way, or ended without one';

-- Who can write windows can use the table, also where no default privileges say so. Those who only read windows get nothing.
DO $migration$
DECLARE
    permission record;
BEGIN
    FOR permission IN
        SELECT DISTINCT coalesce(quote_ident(r.rolname), 'PUBLIC') AS role
        FROM pg_class AS c
        CROSS JOIN aclexplode(c.relacl) AS a
        LEFT JOIN pg_roles AS r ON r.oid = a.grantee
        WHERE c.oid = 'windows'::regclass AND a.grantee <> c.relowner AND a.privilege_type = 'INSERT'
    LOOP
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_keys TO %s', permission.role);
    END LOOP;
END;
$migration$;
