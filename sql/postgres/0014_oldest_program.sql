-- oldest-program: 0.1.0
-- The oldest program that can use the database after each migration. Every migration names it in its first line.
ALTER TABLE grainsensors_migrations ADD COLUMN IF NOT EXISTS oldest_program text;
