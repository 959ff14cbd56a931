-- oldest-program: 0.2.0
-- Sketches, from which percentiles are read: of the windows with readings as a column of the measurement, and of merged windows as an
-- object with a member for each measurement, in Base64.
ALTER TABLE windows ADD COLUMN sketch BLOB;
ALTER TABLE merged_windows ADD COLUMN sketches TEXT;
