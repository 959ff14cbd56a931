-- oldest-program: 0.2.0
-- Who bridges MQTT: the silos that are alive, and the sessions of each MQTT broker. The client id of a session ends with its slot.
CREATE TABLE mqtt_members (
    broker      text COLLATE "C" NOT NULL,
    member_id   uuid             NOT NULL,
    lease_until timestamptz      NOT NULL,
    PRIMARY KEY (broker, member_id)
);

CREATE TABLE mqtt_slots (
    broker    text COLLATE "C" NOT NULL,
    slot      integer          NOT NULL CHECK (slot >= 0),
    member_id uuid,
    filters   text             NOT NULL DEFAULT '',
    PRIMARY KEY (broker, slot)
);

COMMENT ON TABLE mqtt_members IS 'Silos that bridge MQTT; a silo without a lease is taken for dead';
COMMENT ON COLUMN mqtt_members.broker IS 'Name of the broker in the configuration';
COMMENT ON TABLE mqtt_slots IS 'Persistent sessions at MQTT brokers; the silo that owns a slot uses its session';
COMMENT ON COLUMN mqtt_slots.member_id IS 'The silo that owns the slot; null, or a silo without a lease: none';
COMMENT ON COLUMN mqtt_slots.filters IS 'Subscriptions of the session, one on each line';

-- Who can write windows can use the tables, also where no default privileges say so.
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
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON mqtt_members, mqtt_slots TO %s', permission.role);
    END LOOP;
END;
$migration$;
