-- oldest-program: 0.1.0
-- Sessions of people who are logged in. The tokens are in the browsers only.
CREATE TABLE sessions (
    token_hash text        PRIMARY KEY,
    session_id uuid        NOT NULL UNIQUE,
    name       text        NOT NULL,
    role       text        NOT NULL CHECK (role IN ('read', 'admin')),
    key_hash   text,
    address    text        NOT NULL,
    created_at timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);

COMMENT ON COLUMN sessions.token_hash IS 'SHA-256 of the token, hexadecimal';
COMMENT ON COLUMN sessions.key_hash IS 'SHA-256 of the access key of the log-in, hexadecimal; null for a log-in at an identity provider';
COMMENT ON COLUMN sessions.seen_at IS 'Last use, by the clock of the database; written every few minutes';

CREATE INDEX sessions_by_key ON sessions (key_hash);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- Access keys beside those of the configuration.
CREATE TABLE access_keys (
    name       text        PRIMARY KEY,
    key_hash   text        NOT NULL UNIQUE,
    role       text        NOT NULL CHECK (role IN ('read', 'admin')),
    created_at timestamptz NOT NULL,
    created_by text        NOT NULL,
    expires_at timestamptz
);

COMMENT ON COLUMN access_keys.key_hash IS 'SHA-256 of the key, hexadecimal';

-- ASP.NET Core's keys for the tokens of forms, which all silos accept.
CREATE TABLE data_protection_keys (
    name       text        PRIMARY KEY,
    xml        text        NOT NULL,
    created_at timestamptz NOT NULL
);

-- What people and programs did.
CREATE TABLE audit_log (
    audit_id bigint      PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    at       timestamptz NOT NULL,
    actor    text        NOT NULL,
    address  text        NOT NULL,
    action   text        NOT NULL,
    target   text        NOT NULL,
    detail   text
);

COMMENT ON COLUMN audit_log.actor IS 'Name of the access key or of the user';
COMMENT ON COLUMN audit_log.address IS 'Address of the client; name of the machine for a command';

CREATE INDEX audit_log_by_time ON audit_log (at);

ALTER TABLE alerts ADD COLUMN acknowledged_for text;

COMMENT ON COLUMN alerts.acknowledged_by IS 'Name of the access key or of the user';
COMMENT ON COLUMN alerts.acknowledged_for IS 'The name that the acknowledgement gave, if it is another one';
