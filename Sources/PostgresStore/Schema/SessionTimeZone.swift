/// A time zone that sessions of other programs have: `created_at` has no zone, and its default is the time of theirs.
package struct SessionTimeZone: Sendable, Hashable {
    /// The role whose sessions have it; empty for all.
    package var role: String
    /// The database in which they do; empty for every one.
    package var database: String
    /// Its name, as it was set.
    package var zone: String

    /// Other names of UTC that the server knows, in small letters.
    private static let namesOfUTC: Set<String> = [
        "utc", "uct", "gmt", "gmt0", "gmt+0", "gmt-0", "zulu", "universal", "greenwich", "0",
    ]

    /// Whether its time is UTC.
    var isUTC: Bool {
        let name = zone.lowercased()
        return Self.namesOfUTC.contains(name.hasPrefix("etc/") ? String(name.dropFirst(4)) : name)
    }

    /// Those of some that are not UTC and count: what is set for a database goes before what is set for all.
    static func foreign(among all: [SessionTimeZone]) -> [SessionTimeZone] {
        all.filter { one in
            let isOverridden =
                one.database.isEmpty && all.contains { !$0.database.isEmpty && $0.role == one.role }
            return !isOverridden && !one.isUTC
        }
    }

    /// What it means and what to do, in a sentence; `here` is the database that is asked.
    func sentence(in here: String) -> String {
        func name(_ name: String) -> String { printed(SQL.quoted(identifier: name)) }
        let (whose, change): (String, String)
        if role.isEmpty {
            whose = "database \(name(here))"
            change = "alter database \(name(here)) set timezone = 'UTC'"
        } else {
            whose = "role \(name(role))"
            let place = database.isEmpty ? "" : " in database \(name(database))"
            change = "alter role \(name(role))\(place) set timezone = 'UTC'"
        }
        return
            "\(whose) has the time zone \(printed(zone)): where another program stores a row without a time in its "
            + "metadata and leaves created_at to its default, that is of this zone and is read as UTC; run \(change), "
            + "or have it write a time"
    }

    /// Those that sessions in this database have, and that are not UTC.
    ///
    /// Of roles those count that may store rows. What the server's own files say is known where nothing goes before it
    /// for the session that asks.
    static func foreign(_ connection: PostgresConnection) throws(PostgresError) -> [SessionTimeZone] {
        let answer = try connection.run(
            """
            select coalesce(role.rolname::text, ''), coalesce(base.datname::text, ''), told.zone
            from (
                select 0::oid as setrole, 0::oid as setdatabase, reset_val as zone from pg_settings
                where name = 'TimeZone'
                    and source in ('default', 'environment variable', 'configuration file', 'command line')
                union all
                select held.setrole, held.setdatabase, split_part(entry, '=', 2)
                from pg_db_role_setting as held cross join unnest(held.setconfig) as entry
                where lower(split_part(entry, '=', 1)) = 'timezone'
                    and held.setdatabase in (0, (select oid from pg_database where datname = current_database()))
                    and (held.setrole = 0
                        or has_table_privilege(held.setrole, to_regclass(\(Schema.vectors))::oid, 'insert'))
            ) as told
            left join pg_roles as role on role.oid = told.setrole
            left join pg_database as base on base.oid = told.setdatabase
            order by 1, 2
            """)
        var all: [SessionTimeZone] = []
        for row in answer.rows {
            all.append(
                SessionTimeZone(role: try row.text(0), database: try row.text(1), zone: try row.text(2)))
        }
        return foreign(among: all)
    }
}
