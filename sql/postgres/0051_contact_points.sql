-- oldest-program: 0.2.0
-- Contact points, and notifications on their way to them.
CREATE TABLE contact_points (
    name       text COLLATE "C" NOT NULL PRIMARY KEY,
    kind       text             NOT NULL,
    is_enabled boolean          NOT NULL,
    settings   text             NOT NULL,
    secrets    text,
    changed_at timestamptz      NOT NULL,
    changed_by text             NOT NULL
);

COMMENT ON TABLE contact_points IS 'Receivers of notifications; those of the configuration are not here';
COMMENT ON COLUMN contact_points.settings IS 'JSON object of texts, without secrets';
COMMENT ON COLUMN contact_points.secrets IS 'JSON object of texts, encrypted with Notifications:SecretKey; null: none';

CREATE TABLE notifications (
    notification_id uuid             NOT NULL PRIMARY KEY,
    contact         text COLLATE "C" NOT NULL,
    alert_id        uuid             NOT NULL,
    occurrence      integer          NOT NULL,
    event           smallint         NOT NULL,
    content         text             NOT NULL,
    state           text COLLATE "C" NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent', 'dead')),
    attempts        integer          NOT NULL DEFAULT 0,
    next_attempt_at timestamptz      NOT NULL,
    created_at      timestamptz      NOT NULL,
    finished_at     timestamptz,
    last_error      text
) WITH (fillfactor = 80);

CREATE INDEX notifications_pending ON notifications (contact, next_attempt_at) WHERE state = 'pending';
CREATE INDEX notifications_by_alert ON notifications (alert_id, contact);
CREATE INDEX notifications_by_state ON notifications (state, created_at, notification_id);

COMMENT ON TABLE notifications IS 'Changes of alerts that contact points are notified of';
COMMENT ON COLUMN notifications.notification_id IS 'The idempotency key, made of contact, alert, occurrence and event';
COMMENT ON COLUMN notifications.event IS '0: raised, 1: cleared';
COMMENT ON COLUMN notifications.content IS 'What the message says, as JSON; each attempt sends the same';
COMMENT ON COLUMN notifications.next_attempt_at IS 'While an attempt is under way: when another process may make the next one';
COMMENT ON COLUMN notifications.finished_at IS 'When it was sent or became dead';
COMMENT ON COLUMN notifications.last_error IS 'Why the last attempt failed, without secrets';

-- Who can write windows can use the tables. Those who only read windows get nothing: contact points have secrets.
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
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON contact_points, notifications TO %s', permission.role);
    END LOOP;
END;
$migration$;
