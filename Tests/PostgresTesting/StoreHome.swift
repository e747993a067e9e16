package import PostgresStore

/// Where tests keep a store on a server: each version, and each layout on the one with vectors.
package enum StoreHome: String, Sendable, CaseIterable {
    case fifteen, eighteen, partitioned, distributed

    /// The server.
    package var version: PostgresVersion { self == .fifteen ? .fifteen : .eighteenWithVectors }

    /// The layout that is asked for.
    package var wish: LayoutWish? {
        switch self {
        case .fifteen, .eighteen: nil
        case .partitioned: .partition(3)
        case .distributed: .distribute
        }
    }

    /// The table that holds the rows.
    package var table: String { wish == nil ? Schema.vectors : Schema.rows }
}

extension PostgresConnection {
    /// Makes a database one that seems to have Citus: what is asked of it is noted, and nothing is spread.
    package func pretendToHaveCitus() throws {
        try script(
            """
            set allow_system_table_mods = on;
            insert into pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
            values (9999, 'citus', 10, 2200, false, '13.0');
            reset allow_system_table_mods;
            create table pg_dist_partition (logicalrelid regclass, partkey text);
            create function create_distributed_table(relation regclass, distribution_column text) returns void
                language sql as 'insert into pg_dist_partition values ($1, $2)';
            """)
    }
}
