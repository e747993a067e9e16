-- The group roles of a Verdict database, from least to most:
--
--   verdict_reader   sees everything
--   verdict_triage   and acknowledges, notes, assigns: what the console keeps beside the decisions
--   verdict_writer   and stores and deletes decisions
--   verdict_owner    and migrates: the tables may be its own
--
-- Run it as a superuser, or as a role that may create roles and owns the tables, with the search path that Verdict
-- has: once before `verdict migrate`, so that the owner may create tables, and again after it and after every new
-- version, for the rights on the tables. It may be run any number of times and takes nothing away:
--
--   psql "$ADDRESS" --set ON_ERROR_STOP=1 --single-transaction --file deploy/roles.sql
--
-- None of these can log in. Make a login for each program or person and put it into one group:
--
--   create role ingest login password '…' in role verdict_writer;

do $roles$
declare
    wanted text;
begin
    foreach wanted in array array['verdict_reader', 'verdict_triage', 'verdict_writer', 'verdict_owner'] loop
        begin
            execute format('create role %I nologin', wanted);
        exception when duplicate_object or unique_violation then
            null;  -- Roles belong to the whole server: another database has them already.
        end;
    end loop;
    if not pg_has_role('verdict_triage', 'verdict_reader', 'member') then
        grant verdict_reader to verdict_triage;
    end if;
    if not pg_has_role('verdict_writer', 'verdict_triage', 'member') then
        grant verdict_triage to verdict_writer;
    end if;
    if not pg_has_role('verdict_owner', 'verdict_writer', 'member') then
        grant verdict_writer to verdict_owner;
    end if;
end $roles$;

do $rights$
declare
    wanted text;
begin
    execute format('grant connect on database %I to verdict_reader', current_database());
    execute format('grant usage on schema %I to verdict_reader', current_schema());
    execute format('grant create on schema %I to verdict_owner', current_schema());

    foreach wanted in array array[
        'decision_vectors', 'decision_rows', 'decision_inbox', 'verdict_records', 'verdict_changes',
        'verdict_retired', 'verdict_migrations']
    loop
        -- Rows lie in a table of their own only where verdict migrate was asked for a layout by tenant.
        continue when wanted = 'decision_rows' and to_regclass(wanted) is null;
        if to_regclass(wanted) is null then
            raise notice 'there is no table % yet: run verdict migrate, then this file again', wanted;
            continue;
        end if;
        execute format('grant select on %I to verdict_reader', wanted);
        if wanted = 'verdict_records' then
            execute format('grant insert, update, delete on %I to verdict_triage', wanted);
        elsif wanted <> 'verdict_migrations' then
            execute format('grant insert, update, delete on %I to verdict_writer', wanted);
        end if;
    end loop;
end $rights$;
