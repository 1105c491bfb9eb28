-- The roles of rongjiu, and what each may do in this database. Run once, as an administrator, connected to the
-- database itself, on PostgreSQL 15 or later; running it again changes nothing:
--     createdb --encoding=UTF8 --template=template0 rongjiu && psql --dbname=rongjiu --file=deploy/roles.sql
-- Then give app_owner, app_user and app_relay a password each: \password app_user
-- The embedded server runs this very file. `flask doctor` says what is missing.

DO $$
DECLARE
    wanted record;
BEGIN
    FOR wanted IN SELECT * FROM (VALUES
        ('app_owner',    'LOGIN NOINHERIT'),     -- owns every table, runs migrations, never serves a request
        ('app_user',     'LOGIN NOINHERIT'),     -- web, live and worker
        ('app_relay',    'LOGIN NOINHERIT'),     -- outbox headers, LISTEN, the lock
        ('app_overseer', 'NOLOGIN NOINHERIT'),   -- entered: summaries and referral headers of its communities
        ('app_grantee',  'NOLOGIN NOINHERIT'),   -- entered: a granted look at names
        ('app_receiver', 'NOLOGIN NOINHERIT'),   -- entered: a provider or desk opening one referral
        ('app_operator', 'NOLOGIN NOINHERIT'),   -- entered: the platform's operator
        ('app_public',   'NOLOGIN NOINHERIT'),   -- entered: public pages, tables and columns without persons
        ('app_backup',   'NOLOGIN NOINHERIT')    -- dumps; give it LOGIN and a password where backups run
    ) AS roles (name, attributes)
    LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.name) THEN
            EXECUTE format('CREATE ROLE %I %s', wanted.name, wanted.attributes);
        END IF;
    END LOOP;
END $$;

-- Entered with SET LOCAL ROLE, never inherited. PostgreSQL 16 keeps that on the grant, 15 on the role.
DO $$
DECLARE
    entered text;
    how text := CASE WHEN current_setting('server_version_num')::int >= 160000
                     THEN ' WITH INHERIT FALSE, SET TRUE' ELSE '' END;
BEGIN
    FOREACH entered IN ARRAY ARRAY['app_overseer', 'app_grantee', 'app_receiver', 'app_operator', 'app_public'] LOOP
        EXECUTE format('GRANT %I TO app_user', entered) || how;
    END LOOP;
END $$;

-- A dump must see every row: row-level security would hide them silently. Only a superuser may grant this.
DO $$
BEGIN
    ALTER ROLE app_backup BYPASSRLS;
    GRANT pg_read_all_data TO app_backup;
    ALTER ROLE app_backup INHERIT;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'app_backup was not given BYPASSRLS: only a superuser can; backups need another way';
END $$;

DO $$
BEGIN
    EXECUTE format('ALTER DATABASE %I OWNER TO app_owner', current_database());
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO app_user, app_relay, app_backup', current_database());
    -- An import goes through a temporary table, because COPY is refused under row security.
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO app_user', current_database());
END $$;

ALTER SCHEMA public OWNER TO app_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public
    TO app_user, app_relay, app_overseer, app_grantee, app_receiver, app_operator, app_public, app_backup;
