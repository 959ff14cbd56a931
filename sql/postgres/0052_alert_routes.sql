-- oldest-program: 0.2.0
-- Routes of alerts to contact points, the groups that they make, and silences that select by labels.
CREATE TABLE alert_routes (
    version    integer     NOT NULL PRIMARY KEY,
    document   text,
    changed_at timestamptz NOT NULL,
    changed_by text        NOT NULL
);

COMMENT ON TABLE alert_routes IS 'All versions of the routes of alerts; the latest one counts';
COMMENT ON COLUMN alert_routes.document IS 'JSON; null: the routes were removed';

CREATE TABLE alert_groups (
    group_id     uuid             NOT NULL PRIMARY KEY,
    group_key    text COLLATE "C" NOT NULL,
    route        text COLLATE "C" NOT NULL,
    labels       text             NOT NULL,
    revision     integer          NOT NULL,
    messages     integer          NOT NULL,
    told         text             NOT NULL,
    created_at   timestamptz      NOT NULL,
    flushed_at   timestamptz,
    due_at       timestamptz,
    repeat_at    timestamptz,
    step         integer          NOT NULL,
    step_at      timestamptz,
    next_at      timestamptz,
    closed_at    timestamptz
) WITH (fillfactor = 80);

CREATE UNIQUE INDEX alert_groups_open ON alert_groups (group_key) WHERE closed_at IS NULL;
CREATE INDEX alert_groups_next ON alert_groups (next_at) WHERE closed_at IS NULL AND next_at IS NOT NULL;

COMMENT ON TABLE alert_groups IS 'Alerts of a route that messages name together, and the timers of those messages';
COMMENT ON COLUMN alert_groups.group_key IS 'The route and the labels; at most one group of a key is open';
COMMENT ON COLUMN alert_groups.revision IS 'Counts the writes of the row: a process that read an older one cannot write';
COMMENT ON COLUMN alert_groups.messages IS 'Number of messages; a notification has it as its occurrence';
COMMENT ON COLUMN alert_groups.told IS 'JSON array of the contact points that got a message';
COMMENT ON COLUMN alert_groups.due_at IS 'When changes are told; null: there are none';
COMMENT ON COLUMN alert_groups.step IS 'The next step of the escalation, from 0';
COMMENT ON COLUMN alert_groups.next_at IS 'When the group is looked at again';

CREATE TABLE alert_group_members (
    group_id   uuid     NOT NULL REFERENCES alert_groups ON DELETE CASCADE,
    alert_id   uuid     NOT NULL,
    occurrence integer  NOT NULL,
    state      smallint NOT NULL,
    since      integer,
    PRIMARY KEY (group_id, alert_id)
) WITH (fillfactor = 80);

CREATE INDEX alert_group_members_by_alert ON alert_group_members (alert_id);

COMMENT ON COLUMN alert_group_members.state IS '0: waiting, 1: told, 2: told and cleared since, 3: cleared before it was told, 4: gone';
COMMENT ON COLUMN alert_group_members.since IS 'The first message that names the alert; null: none';

ALTER TABLE notifications ADD COLUMN group_id uuid;
COMMENT ON COLUMN notifications.group_id IS 'The group that the message is about, and then also alert_id; null: it is about one alert';

ALTER TABLE silences ADD COLUMN matchers text;
COMMENT ON COLUMN silences.matchers IS 'JSON array of conditions on labels; null: sensor_id selects';

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
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON alert_routes, alert_groups, alert_group_members TO %s', permission.role);
    END LOOP;
END;
$migration$;
