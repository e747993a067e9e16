extension DatabaseFacts {
    /// Reads what is there; takes no lock that keeps anybody waiting, a few milliseconds.
    package init(reading connection: PostgresConnection) throws(PostgresError) {
        let server = try connection.run(
            """
            select pg_is_in_recovery(), pg_encoding_to_char(database.encoding)::text, current_user::text,
                current_schema()::text, coalesce(has_schema_privilege(current_schema(), 'create'), false),
                pg_size_bytes(current_setting('maintenance_work_mem')), \(sql: TableLayout.question),
                current_database()::text, \(sql: Schema.isLockedByAnother),
                coalesce(current_setting(\(Schema.indexSetting), true), '')
            from pg_database as database where database.datname = current_database()
            """)
        let row = try server.onlyRow()
        serverVersion = connection.serverVersion
        isPooled = connection.isPooled
        isStandby = try row.bool(0)
        encoding = try row.text(1)
        user = try row.text(2)
        schema = try row.optionalText(3)
        mayCreateTables = try row.bool(4)
        maintenanceBytes = try row.int(5)
        pgvector = try PgvectorFacts(reading: connection)
        layout = TableLayout(rawValue: try row.text(6)) ?? .plain
        tables = try TableFacts.reading(connection, layout)
        byTenant = try TenantTableFacts.reading(connection)
        name = try row.text(7)
        isBeingWorkedOn = try row.bool(8)
        indexSetting = try row.text(9)
        if layout.isByTenant { leftovers = try LeftoverIndexes.names(connection) }
        timeZones = try SessionTimeZone.foreign(connection)
        let bodies = try connection.run(
            """
            select proname::text, prosrc from pg_proc
            where proname::text = any(\(MigrationScripts.bodies.keys.sorted())) and pg_function_is_visible(oid)
            """)
        for row in bodies.rows { functions[try row.text(0)] = try row.text(1) }
        applied = [:]
        if tables[Schema.migrations] == nil { return }
        do throws(PostgresError) {
            applied = try AppliedMigration.reading(connection)
        } catch  where error.code == .permission || error.code == .missing {
            appliedProblem =
                "role \(printed(user)) may not read \(Schema.migrations): as its owner, run "
                + "grant select on \(Schema.migrations) to \(SQL.quoted(identifier: user))"
        }
    }
}

extension AppliedMigration {
    fileprivate static func reading(
        _ connection: PostgresConnection
    ) throws(PostgresError) -> [Int: AppliedMigration] {
        var applied: [Int: AppliedMigration] = [:]
        let rows = try connection.run("select number::int8, name, checksum from verdict_migrations").rows
        for row in rows {
            let number = try row.int(0)
            applied[number] = AppliedMigration(
                number: number, name: try row.text(1), checksum: try row.text(2))
        }
        return applied
    }
}

extension PgvectorFacts {
    fileprivate init(reading connection: PostgresConnection) throws(PostgresError) {
        let row = try connection.run(
            """
            select (select extversion from pg_extension where extname = 'vector'),
                offered.default_version, to_regtype('vector') is not null,
                coalesce((select rolsuper from pg_roles where rolname = current_user), false)
                    or coalesce(version.trusted, false)
                        and has_database_privilege(current_database(), 'create')
            from (select 1) as one
            left join pg_available_extensions as offered on offered.name = 'vector'
            left join pg_available_extension_versions as version
                on version.name = 'vector' and version.version = offered.default_version
            """
        ).onlyRow()
        self.init(
            installed: try row.optionalText(0).map { ExtensionVersion($0) },
            available: try row.optionalText(1).map { ExtensionVersion($0) },
            isOnSearchPath: try row.bool(2), mayInstall: try row.bool(3))
    }
}

extension TableFacts {
    /// The tables of the schema that are there, by name.
    fileprivate static func reading(
        _ connection: PostgresConnection, _ layout: TableLayout
    ) throws(PostgresError) -> [String: TableFacts] {
        var tables: [String: TableFacts] = [:]
        let names = Schema.tables
        /// What the rows are in, under the name of the user's table.
        let relations = names.map { $0 == Schema.vectors ? layout.table : $0 }
        let found = try connection.run(
            """
            select wanted.name, relation.relkind::text, owner.rolname::text,
                pg_has_role(relation.relowner, 'usage'), has_table_privilege(relation.oid, 'trigger'),
                coalesce(held.rows, 0), coalesce(held.bytes, 0), relation.relrowsecurity
            from unnest(\(names), \(relations)) as wanted (name, relation)
            join pg_class as relation on relation.oid = to_regclass(wanted.relation)
            join pg_roles as owner on owner.oid = relation.relowner
            cross join lateral (
                select sum(greatest(part.reltuples, 0)::float8) as rows,
                    sum(pg_relation_size(part.oid))::int8 as bytes
                from pg_class as part
                where part.relkind = 'r' and (part.oid = relation.oid
                    or part.oid in (select relid from pg_partition_tree(relation.oid)))) as held
            """)
        for row in found.rows {
            let bytes = try row.int(6)
            tables[try row.text(0)] = TableFacts(
                kind: try row.text(1), owner: try row.text(2), isOwn: try row.bool(3),
                mayAddTriggers: try row.bool(4), rows: rows(counted: try row.float8(5), bytes: bytes),
                bytes: bytes, hasRowSecurity: try row.bool(7), columns: [:], indexes: [], triggers: [:])
        }
        let columns = try connection.run(
            """
            select wanted.name, attribute.attname::text, format_type(attribute.atttypid, attribute.atttypmod),
                case when attribute.attidentity <> '' then 'identity' else (
                    select pg_get_expr(given.adbin, given.adrelid) from pg_attrdef as given
                    where given.adrelid = attribute.attrelid and given.adnum = attribute.attnum) end,
                attribute.attnotnull
            from unnest(\(names), \(relations)) as wanted (name, relation)
            join pg_attribute as attribute on attribute.attrelid = to_regclass(wanted.relation)
            where attribute.attnum > 0 and not attribute.attisdropped
            """)
        for row in columns.rows {
            let (table, column) = (try row.text(0), try row.text(1))
            tables[table]?.columns[column] = try row.text(2)
            tables[table]?.defaults[column] = try row.optionalText(3)
            if try row.bool(4) { tables[table]?.required.insert(column) }
        }
        for row in try connection.run(IndexFacts.statement(relations)).rows {
            tables[try row.text(0)]?.indexes.append(try IndexFacts(row))
        }
        // Where there are partitions, what one of them lacks is lacking; and those of a view are the table's as well.
        let triggers = try connection.run(
            """
            select wanted.name, fired.tgname::text, bool_and(fired.tgenabled in ('O', 'A'))
            from unnest(\(names + [Schema.vectors]), \(relations + [Schema.vectors])) as wanted (name, relation)
            cross join lateral (
                select to_regclass(wanted.relation)::oid as oid
                union select relid from pg_partition_tree(to_regclass(wanted.relation))) as part
            join pg_trigger as fired on fired.tgrelid = part.oid and not fired.tgisinternal
            group by wanted.name, wanted.relation, fired.tgname
            having count(distinct part.oid) = 1 + (
                select count(*) from pg_partition_tree(to_regclass(wanted.relation)) where level > 0)
            """)
        for row in triggers.rows { tables[try row.text(0)]?.triggers[try row.text(1)] = try row.bool(2) }
        return tables
    }

    /// Bytes of a row with its embedding, where the server has counted none yet.
    private static let typicalRowBytes = 2_200

    static func rows(counted: Double, bytes: Int) -> Int {
        counted > 0 && counted < 1e15 ? Int(counted) : bytes / typicalRowBytes
    }
}

extension IndexFacts {
    fileprivate static func statement(_ relations: [String]) -> SQL {
        """
        select wanted.name, relation.relname::text, method.amname::text, class.opcname::text,
            part.indisunique, part.indpred is not null, part.indisvalid and part.indisready,
            part.indnkeyatts::int8, pg_get_indexdef(part.indexrelid, 1, true), building.pid::int8,
            case when part.indnkeyatts > 1 then pg_get_indexdef(part.indexrelid, 2, true) end
        from unnest(\(Schema.tables), \(relations)) as wanted (name, relation)
        join pg_index as part on part.indrelid = to_regclass(wanted.relation)
        join pg_class as relation on relation.oid = part.indexrelid
        join pg_am as method on method.oid = relation.relam
        join pg_opclass as class on class.oid = part.indclass[0]
        left join pg_stat_progress_create_index as building
            on building.index_relid = part.indexrelid and building.datname = current_database()
        """
    }

    fileprivate init(_ row: PostgresRow) throws(PostgresError) {
        self.init(
            name: try row.text(1), method: try row.text(2), key: try row.text(8),
            operatorClass: try row.text(3), columns: try row.int(7), isUnique: try row.bool(4),
            isPartial: try row.bool(5), isUsable: try row.bool(6),
            builder: try row.isNull(9) ? nil : row.int(9), secondKey: try row.optionalText(10))
    }
}

extension TenantTableFacts {
    fileprivate static func reading(
        _ connection: PostgresConnection
    ) throws(PostgresError) -> TenantTableFacts? {
        let row = try connection.run(
            """
            select exists (
                    select from pg_constraint
                    where conrelid = to_regclass(\(Schema.rows)) and conname = 'decision_rows_tenant'),
            to_regclass(\(Schema.plainVectors)) is not null,
                (select count(*) from pg_partition_tree(to_regclass(\(Schema.rows))) where isleaf)
            """
        ).onlyRow()
        guard try row.bool(0) else { return nil }
        return TenantTableFacts(partitions: try row.int(2), hasPlainTable: try row.bool(1))
    }
}
