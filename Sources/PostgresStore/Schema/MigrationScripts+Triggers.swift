extension MigrationScripts {
    /// What tells followers of every change, whoever makes it.
    ///
    /// The triggers run once for each statement and see its rows as a table: a batch costs one insert into the
    /// changes. Their functions run with the rights of whoever migrated, so that a program that may write the user's
    /// table needs no other right; hence the fixed search path.
    static let triggers = [functions, fixedPaths, changeTriggers(firing: firedUnlessSaid), recordTriggers]
        .joined(
            separator: ";\n")

    /// The same for who moves rows alone: that he does is no word of anybody who may write the user's table.
    static let guardedTriggers = [mayMove, changeTriggers(firing: firedUnlessMoving)].joined(separator: ";\n")

    /// Everything of both, as it is made again where some of it went.
    static let everyTrigger = [
        functions, fixedPaths, mayMove, changeTriggers(firing: firedUnlessMoving), recordTriggers,
    ].joined(separator: ";\n")

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

    /// Whether rows that move are kept quiet: those of who may take them out of the inbox and sees all of it.
    ///
    /// A tenant's login that says it moves rows would else write what nobody is told of. Who is bound to a tenant moves
    /// what is its own and tells it, which costs a second look.
    static let mayMove = """
        create or replace function verdict_may_move() returns boolean language sql stable as $verdict$
            select coalesce(has_table_privilege(to_regclass('decision_inbox')::oid, 'delete'), false)
                and (nullif(current_setting('verdict.tenant', true), '') is null
                    or not coalesce(row_security_active(to_regclass('decision_inbox')::oid), true))
        $verdict$;
        \(LayoutScripts.fixedPath("verdict_may_move", isPublic: true));
        grant execute on function verdict_may_move() to public
        """

    /// When the first triggers fired: unless a setting said that rows move, whoever set it.
    static let firedUnlessSaid = "current_setting('verdict.moving', true) is distinct from 'on'"
    /// When they fire now; the function is asked only where the setting says so.
    static let firedUnlessMoving = "\(firedUnlessSaid) or not verdict_may_move()"

    private static func changeTriggers(firing condition: String) -> String {
        ["decision_vectors", "decision_inbox"].map { changeTriggers(on: $0, firing: condition) }
            .joined(separator: ";\n")
    }

    /// The triggers of a table, fired where a condition is true.
    static func changeTriggers(on table: String, firing condition: String = firedUnlessMoving) -> String {
        """
        create or replace trigger verdict_stored after insert on \(table)
            referencing new table as stored_rows for each statement
            when (\(condition))
            execute function verdict_note_stored();
        create or replace trigger verdict_changed after update on \(table)
            referencing old table as removed_rows new table as stored_rows for each statement
            when (\(condition))
            execute function verdict_note_changed();
        create or replace trigger verdict_removed after delete on \(table)
            referencing old table as removed_rows for each statement
            when (\(condition))
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
