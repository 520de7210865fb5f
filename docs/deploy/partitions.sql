-- Cuts the tables that grow with every comment into partitions by the comment's number.
-- PostgreSQL 15 or newer: run it once, with all servers and workers stopped, after a backup:
--     psql -v ON_ERROR_STOP=1 -d winnow -f partitions.sql
-- and then once a month, while Winnow runs, to begin the next partition:
--     psql -d winnow -c "CALL winnow_next_partitions()"
-- Numbers rise with time, so a range of numbers is a month. Keys and columns stay as they are,
-- and so do foreign keys: Winnow notices nothing.

BEGIN;

CREATE OR REPLACE FUNCTION winnow_partitioned() RETURNS text[] LANGUAGE sql IMMUTABLE AS
$$ SELECT ARRAY['revisions', 'verdicts', 'decisions', 'signatures', 'linked_hosts', 'rule_hits'] $$;

CREATE FUNCTION pg_temp.cut(name text, upto bigint) RETURNS void LANGUAGE plpgsql AS
$$
DECLARE
    one record;
    keep text[] := '{}';
BEGIN
    -- What there was becomes the first partition as it is; no row is copied.
    FOR one IN SELECT conname, pg_get_constraintdef(oid) AS def FROM pg_constraint
               WHERE conrelid = name::regclass AND contype IN ('p', 'f') LOOP
        keep := keep || format('ADD CONSTRAINT %I %s', one.conname, one.def);
    END LOOP;
    EXECUTE format('ALTER TABLE %I RENAME TO %I', name, name || '_before');
    FOR one IN SELECT conname FROM pg_constraint
               WHERE conrelid = (name || '_before')::regclass AND contype IN ('p', 'f') LOOP
        EXECUTE format('ALTER TABLE %I RENAME CONSTRAINT %I TO %I',
                       name || '_before', one.conname, 'before_' || one.conname);
    END LOOP;
    FOR one IN SELECT c.relname, pg_get_indexdef(c.oid) AS def FROM pg_index i
               JOIN pg_class c ON c.oid = i.indexrelid
               WHERE i.indrelid = (name || '_before')::regclass AND NOT i.indisprimary LOOP
        EXECUTE format('ALTER INDEX %I RENAME TO %I', one.relname, 'before_' || one.relname);
    END LOOP;
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS) PARTITION BY RANGE (comment_id)',
                   name, name || '_before');
    EXECUTE format('ALTER TABLE %I %s', name, array_to_string(keep, ', '));
    FOR one IN SELECT c.relname, pg_get_indexdef(c.oid) AS def FROM pg_index i
               JOIN pg_class c ON c.oid = i.indexrelid
               WHERE i.indrelid = (name || '_before')::regclass AND NOT i.indisprimary LOOP
        EXECUTE replace(replace(one.def, 'before_' || substr(one.relname, 8),
                                substr(one.relname, 8)), name || '_before', name);
    END LOOP;
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (MINVALUE) TO (%s)',
                   name, name || '_before', upto);
    EXECUTE format('CREATE TABLE %I PARTITION OF %I DEFAULT', name || '_rest', name);
END
$$;

DO $$
DECLARE
    upto bigint;
    name text;
BEGIN
    LOCK TABLE comments IN ACCESS EXCLUSIVE MODE;
    SELECT coalesce(max(id), 0) + 1 INTO upto FROM comments;
    FOREACH name IN ARRAY winnow_partitioned() LOOP
        PERFORM pg_temp.cut(name, upto);
    END LOOP;
END
$$;

-- A partition for the next `size` comments: take what a month brings. What goes beyond it waits in
-- `…_rest` until the next call, which moves it.
CREATE OR REPLACE PROCEDURE winnow_next_partitions(size bigint DEFAULT 1000000)
LANGUAGE plpgsql AS
$$
DECLARE
    begins bigint;
    ends bigint;
    label text;
    name text;
BEGIN
    -- Nobody may write a comment while its rows change their place.
    LOCK TABLE comments IN EXCLUSIVE MODE;
    SELECT max(substring(pg_get_expr(c.relpartbound, c.oid) FROM 'TO \(''?(\d+)''?\)')::bigint)
      INTO begins
      FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = 'revisions'::regclass;
    SELECT greatest(begins + size, coalesce(max(id), 0) + size) INTO ends FROM comments;
    label := begins::text;
    FOREACH name IN ARRAY winnow_partitioned() LOOP
        EXECUTE format('ALTER TABLE %I DETACH PARTITION %I', name, name || '_rest');
        EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%s) TO (%s)',
                       name || '_' || label, name, begins, ends);
        EXECUTE format('INSERT INTO %I SELECT * FROM %I', name, name || '_rest');
        EXECUTE format('TRUNCATE %I', name || '_rest');
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I DEFAULT', name, name || '_rest');
    END LOOP;
END
$$;

COMMIT;

CALL winnow_next_partitions();
