-- oldest-program: 0.2.0
-- The values of a window that counts one value for each step of time.
ALTER TABLE windows ADD COLUMN steps bytea[];

COMMENT ON COLUMN windows.steps IS 'For each measurement the value of each step, if duplicates do not count; null: every value counts';
