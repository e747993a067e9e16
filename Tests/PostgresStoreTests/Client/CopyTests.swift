import PostgresStore
import PostgresTesting
import Testing

/// Rows by the thousand, in and out.
@Suite struct CopyTests {
    private func database(_ version: PostgresVersion) throws -> (TestDatabase, PostgresConnection) {
        let database = try TestDatabase(version)
        let connection = try database.connect()
        try connection.script(
            "create table t (id text, embedding real[], metadata jsonb, created_at timestamp)")
        return (database, connection)
    }

    private func write(_ connection: PostgresConnection, rows: Range<Int>) throws(PostgresError) -> Int {
        try connection.copyIn("copy t from stdin (format binary)") { writer throws(PostgresError) in
            for row in rows {
                try writer.beginRow(columns: 4)
                writer.append(.text("row \(row)"))
                writer.append(.float4Array([Float](repeating: Float(row), count: 384)))
                writer.append(row.isMultiple(of: 3) ? .null : .jsonb("{\"n\":\(row)}"))
                writer.append(.timestamp(microseconds: Int64(row)))
            }
        }
    }

    @Test(arguments: PostgresVersion.allCases)
    func `rows go in and come out`(version: PostgresVersion) throws {
        let (database, connection) = try database(version)
        defer { database.drop() }
        // Some megabytes: more than the sockets hold, so that both sides wait for each other.
        #expect(try write(connection, rows: 0..<3_000) == 3_000)
        #expect(try connection.run("select sum((metadata->>'n')::int) from t").onlyRow().int(0) == 3_000_000)
        var next = 0
        var floats: [Float] = []
        let count = try connection.copyOut(
            "copy (select * from t order by created_at) to stdout (format binary)"
        ) {
            row throws(PostgresError) in
            let (columns, bytes) = (row.columnCount, row.byteCount)
            #expect(columns == 4 && bytes > 384 * 4)
            let id = try row.text(0)
            #expect(id == "row \(next)")
            try row.floats(1, isVector: false, into: &floats)
            #expect(floats == [Float](repeating: Float(next), count: 384))
            let metadata = row.isNull(2) ? nil : try row.jsonText(2)
            #expect(metadata == (next.isMultiple(of: 3) ? nil : "{\"n\": \(next)}"))
            let time = try row.timestamp(3)
            #expect(time == Int64(next))
            next += 1
        }
        #expect(count == 3_000 && next == 3_000)
        #expect(try connection.run("select 1").onlyRow().int(0) == 1)
    }

    @Test(arguments: PostgresVersion.allCases)
    func `no rows are rows too`(version: PostgresVersion) throws {
        let (database, connection) = try database(version)
        defer { database.drop() }
        #expect(try write(connection, rows: 0..<0) == 0)
        let count = try connection.copyOut("copy t to stdout (format binary)") { _ throws(PostgresError) in
            Issue.record("there is no row")
        }
        #expect(count == 0)
    }

    @Test func `vectors go in and come out`() throws {
        let database = try TestDatabase()
        defer { database.drop() }
        let connection = try database.connect()
        try connection.script("create extension vector; create table v (a vector(3))")
        try connection.copyIn("copy v from stdin (format binary)") { writer throws(PostgresError) in
            try writer.beginRow(columns: 1)
            writer.append(vector: [1, -0.5, 0])
        }
        var floats: [Float] = []
        var other: [Float] = []
        try connection.copyOut("copy v to stdout (format binary)") { row throws(PostgresError) in
            try row.floats(0, isVector: true, into: &floats)
            do throws(PostgresError) {
                try row.floats(0, isVector: false, into: &other)
                Issue.record("a vector is no array")
            } catch {
                #expect(error.code == .protocolViolation)
            }
        }
        #expect(floats == [1, -0.5, 0])
    }

    @Test func `a column that is not there is told`() throws {
        let database = try TestDatabase(.fifteen)
        defer { database.drop() }
        let connection = try database.connect()
        let row = try connection.run("select null::text").onlyRow()
        #expect(row.isNull(0))
        for column in [1, -1] {
            let error = try #require(throws: PostgresError.self) { try row.optionalText(column) }
            #expect(error.code == .protocolViolation && !row.isNull(column))
            let copied = try #require(throws: PostgresError.self) {
                try connection.copyOut("copy (select null::text) to stdout (format binary)") {
                    row throws(PostgresError) in
                    if !row.isNull(column) { _ = try row.text(column) }
                }
            }
            #expect(copied.code == .protocolViolation)
        }
    }

    @Test func `what the closure throws leaves nothing behind`() throws {
        let (database, connection) = try database(.fifteen)
        defer { database.drop() }
        #expect(throws: PostgresError(.usage, "enough")) {
            try connection.copyIn("copy t from stdin (format binary)") { writer throws(PostgresError) in
                try writer.beginRow(columns: 4)
                writer.append(.text("x"))
                throw PostgresError(.usage, "enough")
            }
        }
        #expect(try connection.run("select count(*) from t").onlyRow().int(0) == 0)
        _ = try write(connection, rows: 0..<2_000)
        #expect(throws: PostgresError(.usage, "enough")) {
            try connection.copyOut("copy t to stdout (format binary)") { _ throws(PostgresError) in
                throw PostgresError(.usage, "enough")
            }
        }
        #expect(connection.isHealthy)
        #expect(try connection.run("select count(*) from t").onlyRow().int(0) == 2_000)
    }

    @Test func `a row that the server refuses is told, and none is stored`() throws {
        let (database, connection) = try database(.fifteen)
        defer { database.drop() }
        try connection.script("alter table t add unique (id)")
        let error = try #require(throws: PostgresError.self) {
            try connection.copyIn("copy t from stdin (format binary)") { writer throws(PostgresError) in
                for row in 0..<4_000 {
                    try writer.beginRow(columns: 4)
                    writer.append(.text(row == 3 ? "row 2" : "row \(row)"))
                    writer.append(.float4Array([Float](repeating: 1, count: 384)))
                    writer.append(.null)
                    writer.append(.null)
                }
            }
        }
        #expect(error.code == .uniqueViolation)
        #expect(connection.isHealthy)
        #expect(try connection.run("select count(*) from t").onlyRow().int(0) == 0)
    }

    @Test func `a statement that is no COPY, or goes the other way, is refused`() throws {
        for sql in ["select 1", "copy (select 1) to stdout (format binary)"] as [SQL] {
            let database = try TestDatabase()
            defer { database.drop() }
            let connection = try database.connect()
            #expect(throws: PostgresError.self) { try connection.copyIn(sql) { _ throws(PostgresError) in } }
        }
        let database = try TestDatabase()
        defer { database.drop() }
        let connection = try database.connect()
        #expect(throws: PostgresError.self) {
            try connection.copyOut("copy nowhere to stdout (format binary)") { _ throws(PostgresError) in }
        }
        #expect(throws: PostgresError.self) {
            try connection.copyOut("copy (select \(1)) to stdout (format binary)") {
                _ throws(PostgresError) in
            }
        }
        #expect(connection.isHealthy)
        let text = try #require(throws: PostgresError.self) {
            try connection.copyOut("copy (select 'long enough to be no header') to stdout") {
                _ throws(PostgresError) in
            }
        }
        #expect(text.code == .protocolViolation)
        #expect(try connection.run("select 1").onlyRow().int(0) == 1)
    }

    @Test func `a connection that is cut while rows go in may have stored them, while they come out not`()
        throws
    {
        let server = try PostgresServer.shared(.fifteen)
        let (database, direct) = try database(.fifteen)
        defer { database.drop() }
        _ = try write(direct, rows: 0..<3_000)
        let proxy = try TestProxy(to: server.port)
        defer { proxy.end() }
        let address = try PostgresServerAddress(proxy.address(of: server, database: database.name))
        let reader = try PostgresConnection.open(address)
        let reading = try #require(throws: PostgresError.self) {
            try reader.copyOut("copy t to stdout (format binary)") { _ throws(PostgresError) in proxy.cut() }
        }
        #expect(reading.code == .connection)
        let writer = try PostgresConnection.open(address)
        let writing = try #require(throws: PostgresError.self) {
            try writer.copyIn("copy t from stdin (format binary)") { writer throws(PostgresError) in
                proxy.cut()
                for _ in 0..<4_000 {
                    try writer.beginRow(columns: 4)
                    writer.append(.text("lost"))
                    writer.append(.float4Array([Float](repeating: 1, count: 384)))
                    writer.append(.null)
                    writer.append(.null)
                }
            }
        }
        #expect(writing.code == .unknownOutcome)
        #expect(try direct.run("select count(*) from t where id = 'lost'").onlyRow().int(0) == 0)
    }
}
