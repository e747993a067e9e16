/// The statements of the layouts by tenant.
///
/// What differs between partitions and Citus is how the table is made and who tells of changes; all else is shared.
enum LayoutScripts {
    /// The function that keeps both tables the same while rows are on the way.
    static let copyFunction = "verdict_copy_row"

    /// The names of partitions.
    static func partitions(_ count: Int) -> [String] { (0..<count).map { "\(Schema.rows)_\($0)" } }

    /// The table by tenant, empty; without partitions where there are to be none.
    ///
    /// That a row's tenant is the one that its metadata says is checked, whoever writes.
    static func tables(_ storage: EmbeddingStorage, partitions count: Int) -> String {
        let whole = "with (\(MigrationScripts.wholeRows))"
        let table = """
            create table if not exists decision_rows (
                tenant text not null,
                id text not null,
                embedding \(storage.declaration),
                metadata jsonb,
                created_at timestamp default now(),
                constraint decision_rows_tenant check (tenant = coalesce(metadata->>'tenant', '')),
                primary key (tenant, id)
            ) \(count == 0 ? whole : "partition by hash (tenant)")
            """
        let parts = partitions(count).enumerated().map { number, name in
            """
            create table if not exists \(name) partition of decision_rows
                for values with (modulus \(count), remainder \(number)) \(whole)
            """
        }
        return ([table] + parts + [closed]).joined(separator: ";\n")
    }

    /// Takes away what default privileges gave: there are no policies on these tables yet, and who may what is taken
    /// over from the user's table in the end.
    private static let closed = """
        do $verdict$
        declare
            held record;
        begin
            for held in
                select distinct part.oid::regclass as part,
                    case when acl.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(acl.grantee)) end as role
                from pg_class as part, aclexplode(part.relacl) as acl
                where acl.grantee <> part.relowner and (part.oid = 'decision_rows'::regclass
                    or part.oid in (select relid from pg_partition_tree('decision_rows')))
            loop
                execute format('revoke all on %s from %s cascade', held.part, held.role);
            end loop;
        end $verdict$
        """

    /// What writes each row that comes, changes or goes in the user's table into the other one too.
    ///
    /// The triggers fire for replication as well, which others pass over; that is also how it is seen afterwards that
    /// nobody turned them off, since turning triggers on again leaves them as others are.
    static let copying = """
        create or replace function verdict_copy_row() returns trigger
            language plpgsql security definer as $verdict$
        begin
            if tg_op = 'TRUNCATE' then
                delete from decision_rows;
                return null;
            end if;
            if tg_op = 'DELETE' then
                delete from decision_rows where tenant = coalesce(old.metadata->>'tenant', '') and id = old.id;
                return null;
            end if;
            if tg_op = 'UPDATE' then
                delete from decision_rows where tenant = coalesce(old.metadata->>'tenant', '') and id = old.id
                    and (tenant, id) is distinct from (coalesce(new.metadata->>'tenant', ''), new.id);
            end if;
            insert into decision_rows (tenant, id, embedding, metadata, created_at)
            values (coalesce(new.metadata->>'tenant', ''), new.id, new.embedding, new.metadata, new.created_at)
            on conflict (tenant, id) do update set embedding = excluded.embedding,
                metadata = excluded.metadata, created_at = excluded.created_at;
            return null;
        end $verdict$;
        \(fixedPath(copyFunction));
        create or replace trigger verdict_copied after insert or update or delete on decision_vectors
            for each row execute function verdict_copy_row();
        create or replace trigger verdict_copied_truncate after truncate on decision_vectors
            for each statement execute function verdict_copy_row();
        alter table decision_vectors enable always trigger verdict_copied,
            enable always trigger verdict_copied_truncate
        """

    /// Asks whether both triggers of ``copying`` fire for everybody, and for a text that is another one once anybody
    /// touched them.
    static let copySeal: SQL = """
        select count(*) = 2 and coalesce(bool_and(fired.tgenabled = 'A'), false),
            coalesce(string_agg(concat_ws(' ', fired.oid, fired.xmin, fired.tgenabled), ',' order by fired.oid), '')
        from pg_trigger as fired where fired.tgrelid = to_regclass('decision_vectors')
            and fired.tgname in ('verdict_copied', 'verdict_copied_truncate')
        """

    /// Ends the copying.
    static let copied = """
        drop trigger if exists verdict_copied on decision_vectors;
        drop trigger if exists verdict_copied_truncate on decision_vectors;
        drop function if exists verdict_copy_row()
        """

    /// Makes a function find its names where this one finds them, and keeps it to triggers made here.
    static func fixedPath(_ function: String, isPublic: Bool = false, arguments: String = "") -> String {
        let name = "\(function)(\(arguments))"
        let path = """
            do $verdict$
            begin
                execute format('alter function \(name) set search_path = %I, pg_temp', current_schema());
            end $verdict$
            """
        return isPublic ? path : "\(path);\nrevoke all on function \(name) from public"
    }

    /// Takes the place of the user's table, in a transaction that has all locks.
    static func takingOver(_ layout: TableLayout, partitions count: Int) -> String {
        let old = MigrationScripts.triggerNames.sorted().map {
            "drop trigger if exists \($0) on decision_vectors"
        }
        return
            (old + [
                copied, "alter table decision_vectors rename to \(Schema.plainVectors)", view, inbox,
                everyTrigger(layout, partitions: count), rights,
            ]).joined(separator: ";\n")
    }

    /// The four columns as other programs know them, seen with the rights of who asks.
    private static let view = """
        create view decision_vectors with (security_invoker = true) as
            select id, embedding, metadata, created_at from decision_rows;
        alter view decision_vectors alter column created_at set default now()
        """

    /// The inbox by tenant: who writes four columns goes on doing so.
    private static let inbox = """
        alter table decision_inbox
            add column tenant text generated always as (coalesce(metadata->>'tenant', '')) stored;
        do $verdict$
        declare
            key text;
        begin
            for key in select conname from pg_constraint
                where conrelid = 'decision_inbox'::regclass and contype in ('p', 'u')
            loop
                execute format('alter table decision_inbox drop constraint %I', key);
            end loop;
        end $verdict$;
        alter table decision_inbox add primary key (tenant, id)
        """

    /// Owner and rights as the user's table had them; nobody reads that by mistake any more.
    private static let rights = """
        do $verdict$
        declare
            part regclass;
            held record;
        begin
            for part in
                select 'decision_rows'::regclass union select 'decision_vectors'::regclass
                union select relid from pg_partition_tree('decision_rows')
            loop
                select pg_get_userbyid(relowner) as owner into held from pg_class
                where oid = 'decision_vectors_plain'::regclass
                    and relowner <> (select own.relowner from pg_class as own where own.oid = part);
                if found then execute format('alter table %s owner to %I', part, held.owner); end if;
            end loop;
            for held in
                select case when acl.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(acl.grantee)) end
                    as role, acl.privilege_type as may, acl.is_grantable as gives
                from pg_class as plain, aclexplode(plain.relacl) as acl
                where plain.oid = 'decision_vectors_plain'::regclass and acl.grantee <> plain.relowner
                    and acl.privilege_type in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
            loop
                execute format('grant %s on decision_rows, decision_vectors to %s', held.may, held.role)
                    || case when held.gives then ' with grant option' else '' end;
                execute format('revoke %s on decision_vectors_plain from %s cascade', held.may, held.role);
            end loop;
        end $verdict$
        """
}
