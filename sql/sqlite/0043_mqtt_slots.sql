-- oldest-program: 0.2.0
-- The sessions of MQTT brokers and their owners, as in PostgreSQL.
CREATE TABLE mqtt_members (
    broker      TEXT    NOT NULL,
    member_id   TEXT    NOT NULL,
    lease_until INTEGER NOT NULL,
    PRIMARY KEY (broker, member_id)
) WITHOUT ROWID;

CREATE TABLE mqtt_slots (
    broker    TEXT    NOT NULL,
    slot      INTEGER NOT NULL CHECK (slot >= 0),
    member_id TEXT,
    filters   TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (broker, slot)
) WITHOUT ROWID;
