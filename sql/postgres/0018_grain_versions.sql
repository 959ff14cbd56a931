-- oldest-program: 0.2.0
-- Random versions of grain states. A sequence goes back with a database that is restored, and then gives the same versions again: an
-- activation from before the restore could overwrite a state that it has never read.
CREATE FUNCTION orleans_grain_version() RETURNS integer LANGUAGE sql VOLATILE
    AS 'SELECT 1 + floor(random() * 2147483646)::integer';

UPDATE orleansquery SET querytext = replace(querytext, 'nextval(''orleans_grain_versions'')', 'orleans_grain_version()')
WHERE querytext LIKE '%nextval(''orleans\_grain\_versions'')%';

DROP SEQUENCE orleans_grain_versions;
