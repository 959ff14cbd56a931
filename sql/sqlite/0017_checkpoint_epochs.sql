-- oldest-program: 0.2.0
-- A log that was truncated gives offsets again. Its leader epochs tell the messages apart: from:epoch:incarnation of each epoch,
-- separated by spaces; null in a checkpoint of an older release. The token is random and new on every write: a checkpoint names the
-- one that it replaces.
ALTER TABLE checkpoints ADD COLUMN epochs TEXT;
ALTER TABLE checkpoints ADD COLUMN token INTEGER NOT NULL DEFAULT 0;

-- A random id of the file.
CREATE TABLE store_life (id TEXT NOT NULL);
INSERT INTO store_life VALUES (lower(hex(randomblob(16))));
