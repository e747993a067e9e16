import PostgresTesting
import Testing

@testable import PostgresStore

/// Sessions of other programs whose local time `created_at` gets.
@Suite struct SessionTimeZoneTests {
    private func zone(_ zone: String, role: String = "", database: String = "") -> SessionTimeZone {
        SessionTimeZone(role: role, database: database, zone: zone)
    }

    @Test(arguments: ["UTC", "Etc/UTC", "gmt", "Etc/GMT+0", "Zulu", "0"])
    func `other names of it are UTC`(name: String) {
        #expect(SessionTimeZone.foreign(among: [zone(name)]).isEmpty)
    }

    @Test(arguments: ["Europe/Berlin", "Etc/GMT-1", "CET", "1", ""])
    func `everything else is told`(name: String) {
        #expect(SessionTimeZone.foreign(among: [zone(name)]) == [zone(name)])
    }

    @Test func `what is set for the database goes before what is set for all`() {
        let all = [
            zone("Europe/Berlin"), zone("UTC", database: "authz"), zone("CET", role: "a"),
            zone("UTC", role: "a", database: "authz"), zone("CET", role: "b"),
            zone("EET", role: "c", database: "authz"),
        ]
        #expect(
            SessionTimeZone.foreign(among: all) == [
                zone("CET", role: "b"), zone("EET", role: "c", database: "authz"),
            ])
    }

    @Test func `each is told with the statement that ends it`() {
        let cases: [(SessionTimeZone, String)] = [
            (zone("CET"), "run alter database \"authz\" set timezone = 'UTC'"),
            (zone("CET", database: "authz"), "run alter database \"authz\" set timezone = 'UTC'"),
            (zone("CET", role: "app"), "run alter role \"app\" set timezone = 'UTC'"),
            (
                zone("CET", role: "app", database: "authz"),
                "run alter role \"app\" in database \"authz\" set timezone = 'UTC'"
            ),
        ]
        for (zone, change) in cases {
            let sentence = zone.sentence(in: "authz")
            #expect(sentence.contains(change) && sentence.contains("has the time zone CET"), "\(sentence)")
        }
    }

    /// What a migration tells of time zones.
    private func told(_ connection: PostgresConnection) throws -> [String] {
        try Migrator(connection).report().notices.filter { $0.contains("time zone") }
    }

    @Test func `a database and a role of another zone are told, once they may matter`() throws {
        try withSchema(.fifteen) { database, connection in
            #expect(try told(connection).isEmpty)
            let name = database.name
            try connection.run("alter database \(identifier: name) set timezone = 'Europe/Berlin'")
            let other = try database.connect()
            defer { other.close() }
            try other.store("d-1", tenant: "acme")
            let hours = try other.number(
                """
                select round(extract(epoch from created_at - (now() at time zone 'UTC')) / 3600)::int8
                from decision_vectors
                """)
            #expect(hours == 1 || hours == 2)
            for asked in [connection, other] {
                let sentences = try told(asked)
                #expect(sentences.count == 1, "\(sentences)")
                #expect(sentences.first?.contains("\"\(name)\" has the time zone Europe/Berlin") == true)
            }
            let settings = try ServerSettings(reading: other)
            #expect(settings.hints(indexBytes: 0, rows: 0).contains { $0.contains("Europe/Berlin") })
            #expect(settings.dangers.allSatisfy { !$0.contains("Europe/Berlin") })
            // The guide's own words, with this database's name.
            try connection.run("alter database \(identifier: name) set timezone = 'UTC'")
            #expect(try told(connection).isEmpty)

            let role = try connection.makeRole()
            try connection.run("alter role \(identifier: role) set timezone = 'America/New_York'")
            #expect(try told(connection).isEmpty)
            try connection.run("grant insert on decision_vectors to \(identifier: role)")
            let sentences = try told(connection)
            #expect(sentences.count == 1, "\(sentences)")
            #expect(sentences.first?.contains("role \"\(role)\" has the time zone America/New_York") == true)
            try connection.run(
                "alter role \(identifier: role) in database \(identifier: name) set timezone = 'UTC'")
            #expect(try told(connection).isEmpty)
            try connection.dropRole(role)
        }
    }
}
