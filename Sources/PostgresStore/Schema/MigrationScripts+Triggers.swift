extension MigrationScripts {
    /// What tells followers of every change, whoever makes it.
    ///
    /// The triggers run once for each statement and see its rows as a table: a batch costs one insert into the
    /// changes. Their functions run with the rights of whoever migrated, so that a program that may write the user's
    /// table needs no other right; hence the fixed search path.
    static let triggers = [functions, fixedPaths, changeTriggers, recordTriggers].joined(separator: ";\n")

    static let functions = """
        create or replace function verdict_note_stored() returns trigger
            language plpgsql security definer as $verdict$
        begin
            insert into verdict_changes (kind, id, tenant)
            select 'i', stored.id, coalesce(stored.metadata->>'tenant', '') from stored_rows as stored;
            if found then perform pg_notify('verdict_changes', ''); end if;
            return null;
        end $verdict$;
        create or replace function verdict_note_changed() returns trigger
            language plpgsql security definer as $verdict$
        begin
            insert into verdict_changes (kind, id, tenant)
            select 'd', removed.id, coalesce(removed.metadata->>'tenant', '') from removed_rows as removed
            where not exists (select from stored_rows as stored where stored.id = removed.id);
            insert into verdict_changes (kind, id, tenant)
            select 'i', stored.id, coalesce(stored.metadata->>'tenant', '') from stored_rows as stored;
            if found then perform pg_notify('verdict_changes', ''); end if;
            return null;
        end $verdict$;
        create or replace function verdict_note_removed() returns trigger
            language plpgsql security definer as $verdict$
        begin
            insert into verdict_changes (kind, id, tenant)
            select case when current_setting('verdict.retiring', true) = 'on' then 'r' else 'd' end::"char",
                removed.id, coalesce(removed.metadata->>'tenant', '')
            from removed_rows as removed;
            if found then perform pg_notify('verdict_changes', ''); end if;
            return null;
        end $verdict$;
        create or replace function verdict_note_truncated() returns trigger
            language plpgsql security definer as $verdict$
        begin
            insert into verdict_changes (kind) values ('t');
            perform pg_notify('verdict_changes', '');
            return null;
        end $verdict$;
        create or replace function verdict_note_record() returns trigger language plpgsql as $verdict$
        begin
            perform pg_notify('verdict_changes', '');
            return null;
        end $verdict$
        """

    /// Temporary tables come last, or a caller could put one of its own in a table's place; and nobody else makes a
    /// trigger of these functions on a table of his own, which would write changes that never were.
    static let fixedPaths = """
        do $verdict$
        declare
            function_name text;
        begin
            foreach function_name in array array[
                'verdict_note_stored', 'verdict_note_changed', 'verdict_note_removed', 'verdict_note_truncated']
            loop
                execute format(
                    'alter function %I() set search_path = %I, pg_temp', function_name, current_schema());
                execute format('revoke all on function %I() from public', function_name);
            end loop;
        end $verdict$
        """

    private static let changeTriggers = ["decision_vectors", "decision_inbox"].map(changeTriggers(on:))
        .joined(separator: ";\n")

    static func changeTriggers(on table: String) -> String {
        """
        create or replace trigger verdict_stored after insert on \(table)
            referencing new table as stored_rows for each statement
            when (current_setting('verdict.moving', true) is distinct from 'on')
            execute function verdict_note_stored();
        create or replace trigger verdict_changed after update on \(table)
            referencing old table as removed_rows new table as stored_rows for each statement
            when (current_setting('verdict.moving', true) is distinct from 'on')
            execute function verdict_note_changed();
        create or replace trigger verdict_removed after delete on \(table)
            referencing old table as removed_rows for each statement
            when (current_setting('verdict.moving', true) is distinct from 'on')
            execute function verdict_note_removed();
        create or replace trigger verdict_truncated after truncate on \(table)
            for each statement execute function verdict_note_truncated()
        """
    }

    static let recordTriggers = """
        create or replace trigger verdict_record after insert or update or delete on verdict_records
            for each statement execute function verdict_note_record()
        """

    /// The triggers that each of the two tables must have.
    static let triggerNames: Set<String> = [
        "verdict_stored", "verdict_changed", "verdict_removed", "verdict_truncated",
    ]
}
