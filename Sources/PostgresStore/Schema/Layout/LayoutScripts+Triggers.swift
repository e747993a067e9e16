extension LayoutScripts {
    /// The triggers of the view.
    static let viewTriggerNames: Set<String> = [
        "verdict_insert_row", "verdict_update_row", "verdict_delete_row",
    ]

    /// Every trigger of a layout by tenant, and their functions.
    static func everyTrigger(_ layout: TableLayout, partitions count: Int) -> String {
        let told = layout == .distributed ? [] : [Schema.rows] + partitions(count)
        return
            ([
                MigrationScripts.functions, MigrationScripts.fixedPaths, MigrationScripts.mayMove,
                changedInTenant,
                viewFunctions,
            ]
            + viewTriggers(isNoting: layout == .distributed)
            + (told + [Schema.inbox]).flatMap {
                [MigrationScripts.changeTriggers(on: $0), changedTrigger(on: $0)]
            }
            + [MigrationScripts.recordTriggers]).joined(separator: ";\n")
    }

    /// Tells of rows that changed where an identifier is a tenant's own: one that went to another tenant is gone here.
    private static let changedInTenant = """
        create or replace function verdict_note_changed_row() returns trigger
            language plpgsql security definer as $verdict$
        begin
            insert into verdict_changes (kind, id, tenant)
            select 'd', removed.id, coalesce(removed.metadata->>'tenant', '') from removed_rows as removed
            where not exists (
                select from stored_rows as stored where stored.id = removed.id
                    and coalesce(stored.metadata->>'tenant', '') = coalesce(removed.metadata->>'tenant', ''));
            insert into verdict_changes (kind, id, tenant)
            select 'i', stored.id, coalesce(stored.metadata->>'tenant', '') from stored_rows as stored;
            if found then perform pg_notify('verdict_changes', ''); end if;
            return null;
        end $verdict$;
        \(fixedPath("verdict_note_changed_row"))
        """

    private static func changedTrigger(on table: String) -> String {
        """
        create or replace trigger verdict_changed after update on \(table)
            referencing old table as removed_rows new table as stored_rows for each statement
            when (\(MigrationScripts.firedUnlessMoving))
            execute function verdict_note_changed_row()
        """
    }

    /// What writes through the view.
    ///
    /// They run with the rights of who writes, so that policies hold. A row that changed since it was read is not
    /// written over: a plain table would have read it again. With an argument they tell of changes themselves.
    private static let viewFunctions = """
        create or replace function verdict_note_row(kind "char", id text, tenant text) returns void
            language plpgsql security definer as $verdict$
        begin
            if kind not in ('i', 'd') then raise exception 'no such change'; end if;
            insert into verdict_changes (kind, id, tenant) values (kind, id, tenant);
            perform pg_notify('verdict_changes', '');
        end $verdict$;
        \(fixedPath("verdict_note_row", isPublic: true, arguments: "\"char\", text, text"));
        create or replace function verdict_insert_row() returns trigger language plpgsql as $verdict$
        begin
            insert into decision_rows (tenant, id, embedding, metadata, created_at)
            values (coalesce(new.metadata->>'tenant', ''), new.id, new.embedding, new.metadata, new.created_at);
            if tg_nargs > 0 then
                perform verdict_note_row('i', new.id, coalesce(new.metadata->>'tenant', ''));
            end if;
            return new;
        end $verdict$;
        create or replace function verdict_delete_row() returns trigger language plpgsql as $verdict$
        declare
            owner text := coalesce(old.metadata->>'tenant', '');
        begin
            delete from decision_rows as held where held.tenant = owner and held.id = old.id
                and row(held.embedding, held.metadata, held.created_at)::record
                    operator(pg_catalog.*=) row(old.embedding, old.metadata, old.created_at)::record;
            if not found then
                if exists (select from decision_rows as held where held.tenant = owner and held.id = old.id) then
                    raise exception 'another one changed the row at the same moment: try again'
                        using errcode = 'serialization_failure';
                end if;
                return null;
            end if;
            if tg_nargs > 0 then perform verdict_note_row('d', old.id, owner); end if;
            return old;
        end $verdict$;
        create or replace function verdict_update_row() returns trigger language plpgsql as $verdict$
        declare
            owner text := coalesce(old.metadata->>'tenant', '');
            taker text := coalesce(new.metadata->>'tenant', '');
        begin
            if (owner, old.id) is distinct from (taker, new.id) then
                delete from decision_rows as held where held.tenant = owner and held.id = old.id
                    and row(held.embedding, held.metadata, held.created_at)::record
                        operator(pg_catalog.*=) row(old.embedding, old.metadata, old.created_at)::record;
                if found then
                    insert into decision_rows (tenant, id, embedding, metadata, created_at)
                    values (taker, new.id, new.embedding, new.metadata, new.created_at);
                    if tg_nargs > 0 then
                        perform verdict_note_row('d', old.id, owner);
                        perform verdict_note_row('i', new.id, taker);
                    end if;
                    return new;
                end if;
            else
                update decision_rows as held set embedding = new.embedding, metadata = new.metadata,
                    created_at = new.created_at
                where held.tenant = owner and held.id = old.id
                    and row(held.embedding, held.metadata, held.created_at)::record
                        operator(pg_catalog.*=) row(old.embedding, old.metadata, old.created_at)::record;
                if found then
                    if tg_nargs > 0 then perform verdict_note_row('i', new.id, owner); end if;
                    return new;
                end if;
            end if;
            if exists (select from decision_rows as held where held.tenant = owner and held.id = old.id) then
                raise exception 'another one changed the row at the same moment: try again'
                    using errcode = 'serialization_failure';
            end if;
            return null;
        end $verdict$;
        \(["insert", "delete", "update"].map { fixedPath("verdict_\($0)_row") }.joined(separator: ";\n"))
        """

    private static func viewTriggers(isNoting: Bool) -> [String] {
        ["insert", "update", "delete"].map { name in
            """
            create or replace trigger verdict_\(name)_row instead of \(name) on decision_vectors
                for each row execute function verdict_\(name)_row(\(isNoting ? "'noting'" : ""))
            """
        }
    }
}
