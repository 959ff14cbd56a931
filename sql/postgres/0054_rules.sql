-- oldest-program: 0.2.0
-- Rules as data, and the rule of an alert.
CREATE TABLE rules (
    rule_id    text COLLATE "C" NOT NULL PRIMARY KEY,
    document   text             NOT NULL,
    version    bigint           NOT NULL,
    changed_at timestamptz      NOT NULL,
    changed_by text             NOT NULL
);

COMMENT ON TABLE rules IS 'Alert rules as data; the built-in ones, disconnected and extreme, are not here';
COMMENT ON COLUMN rules.document IS 'The rule as JSON';
COMMENT ON COLUMN rules.version IS 'The number of the change that wrote the rule';

CREATE TABLE rule_changes (
    only_row boolean NOT NULL PRIMARY KEY DEFAULT true CHECK (only_row),
    version  bigint  NOT NULL
);

INSERT INTO rule_changes (version) VALUES (0);

COMMENT ON TABLE rule_changes IS 'One row: the number of changes of rules, removals included. Silos read the rules when it grows';

ALTER TABLE alerts ADD COLUMN rule text COLLATE "C", ADD COLUMN labels text, ADD COLUMN runbook text;
ALTER TABLE alerts DROP CONSTRAINT alerts_kind_check;

COMMENT ON COLUMN alerts.rule IS
    'The id of the rule; of a built-in rule its kind, or null in rows of older programs';
COMMENT ON COLUMN alerts.labels IS 'The labels that the rule gave when it last raised the alert, as a JSON object; null: none';
COMMENT ON COLUMN alerts.runbook IS 'The address of instructions that the rule gave; null: none';

DROP INDEX alerts_open;
CREATE UNIQUE INDEX alerts_open ON alerts (sensor_id, measurement, kind, coalesce(rule, kind)) WHERE cleared_at IS NULL;

-- Who can write windows can use the tables. Who reads windows may read the rules, which have no secrets.
DO $migration$
DECLARE
    permission record;
BEGIN
    FOR permission IN
        SELECT coalesce(quote_ident(r.rolname), 'PUBLIC') AS role, bool_or(a.privilege_type = 'INSERT') AS can_write
        FROM pg_class AS c
        CROSS JOIN aclexplode(c.relacl) AS a
        LEFT JOIN pg_roles AS r ON r.oid = a.grantee
        WHERE c.oid = 'windows'::regclass AND a.grantee <> c.relowner AND a.privilege_type IN ('INSERT', 'SELECT')
        GROUP BY 1
    LOOP
        EXECUTE format(
            'GRANT %s ON rules, rule_changes TO %s',
            CASE WHEN permission.can_write THEN 'SELECT, INSERT, UPDATE, DELETE' ELSE 'SELECT' END, permission.role);
    END LOOP;
END;
$migration$;
