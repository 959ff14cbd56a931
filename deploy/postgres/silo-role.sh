#!/bin/bash
# Makes the role of the silos, which reads and writes tables but can neither create, change nor drop one. Partitions are created and
# dropped by functions of the owner. PostgreSQL's image runs this when it makes the database, before `grainsensors migrate`. For a
# database with tables, run it as their owner after `grainsensors migrate`.
set -euo pipefail

psql -v ON_ERROR_STOP=1 -v password="$SILO_DB_PASSWORD" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
CREATE ROLE grainsensors_silo LOGIN PASSWORD :'password';
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO grainsensors_silo;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO grainsensors_silo;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO grainsensors_silo;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO grainsensors_silo;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO grainsensors_silo;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO grainsensors_silo;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO grainsensors_silo;

-- A name that has its number keeps it. The migration that makes the table says the same of a role that exists.
DO $$
BEGIN
    IF to_regclass('public.sensor_names') IS NOT NULL THEN
        REVOKE UPDATE, DELETE ON public.sensor_names FROM grainsensors_silo;
    END IF;
END;
$$;
SQL
