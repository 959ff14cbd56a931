-- oldest-program: 0.2.0
-- Requests with an Idempotency-Key, for 24 hours, as in PostgreSQL.
CREATE TABLE idempotency_keys (
    caller           TEXT    NOT NULL,
    key              TEXT    NOT NULL,
    body_hash        TEXT    NOT NULL,
    token            TEXT    NOT NULL,
    claimed_at       INTEGER NOT NULL,
    held_until       INTEGER NOT NULL,
    transactional_id TEXT,
    record_partition INTEGER NOT NULL,
    record_offset    INTEGER NOT NULL,
    answer           TEXT,
    PRIMARY KEY (caller, key)
) WITHOUT ROWID;

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (claimed_at);
