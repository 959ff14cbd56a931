-- oldest-program: 0.2.0
-- The values of a window that counts one value for each step of time; null: every value counts.
ALTER TABLE windows ADD COLUMN steps BLOB;
