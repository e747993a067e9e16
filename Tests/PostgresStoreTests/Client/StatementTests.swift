import PostgresStore
import PostgresTesting
import Testing

/// Statements, prepared and not, and what their errors say.
@Suite struct StatementTests {
    @Test(arguments: PostgresVersion.allCases, ["", "prepare=off"])
    func `statements answer rows and how many they changed`(version: PostgresVersion, setting: String) throws
    {
        let database = try TestDatabase(version)
        defer { database.drop() }
        let connection = try PostgresConnection.open(
            PostgresServerAddress(database.address + (setting.isEmpty ? "" : "&\(setting)")))
        try connection.script(
            "create table t (a bigint primary key, b text); insert into t values (0, 'zero')")
        for number in 1...5 {
            #expect(try connection.run("insert into t values (\(number), \("n\(number)"))").affected == 1)
        }
        let rows = try connection.run("select a, b from t where a > \(2) order by a").rows
        #expect(try rows.map { try $0.int(0) } == [3, 4, 5])
        #expect(try rows.map { try $0.text(1) } == ["n3", "n4", "n5"])
        #expect(try connection.run("update t set b = \("x") where a <= \(1)").affected == 2)
        #expect(try connection.run("delete from t where a = \(99)").affected == 0)
        let prepared = try connection.run("select count(*) from pg_prepared_statements").onlyRow().int(0)
        #expect(setting.isEmpty ? prepared == 5 : prepared == 0)
    }

    @Test func `a statement is prepared once, and only so many are kept`() throws {
        let database = try TestDatabase()
        defer { database.drop() }
        let connection = try database.connect()
        for number in 0..<3 { #expect(try connection.run("select \(number)").onlyRow().int(0) == number) }
        #expect(try connection.run("select count(*) from pg_prepared_statements").onlyRow().int(0) == 2)
        for width in 1...300 {
            let values = SQL.joined((0..<width).map { "\($0)" }, by: ", ")
            #expect(try connection.run("select \(sql: values)").onlyRow().int(width - 1) == width - 1)
        }
        #expect(try connection.run("select count(*) from pg_prepared_statements").onlyRow().int(0) <= 256)
    }

    @Test func `a table that is altered does not stop what was prepared`() throws {
        let database = try TestDatabase()
        defer { database.drop() }
        let connection = try database.connect()
        try connection.script("create table t (a int); insert into t values (1)")
        #expect(try connection.run("select * from t").onlyRow().int(0) == 1)
        try connection.script("alter table t add b text default 'new'")
        #expect(try connection.run("select * from t").onlyRow().text(1) == "new")
        _ = try connection.run("select * from t")
        try connection.script("alter table t drop a")
        // A transaction is over by then; the same again works.
        let error = try #require(throws: PostgresError.self) {
            try connection.transaction { connection throws(PostgresError) in
                _ = try connection.run("select * from t")
            }
        }
        #expect(error.code == .conflict && error.isTransient)
        #expect(try connection.run("select * from t").onlyRow().text(0) == "new")
    }

    @Test func `a plan that is outdated is told by its code, whatever the server's language`() throws {
        let database = try TestDatabase()
        defer { database.drop() }
        let connection = try database.connect()
        try connection.script(
            """
            create function refuse(yes boolean) returns integer language plpgsql as $$ begin
                if yes then raise exception 'gecachter Plan darf nicht …' using errcode = '0A000'; end if;
                return 1;
            end $$
            """)
        func refusal() throws -> PostgresError? {
            #expect(throws: PostgresError.self) {
                try connection.transaction { connection throws(PostgresError) in
                    try connection.run("select refuse(\(true))")
                }
            }
        }
        // One that was never prepared cannot be outdated: the same again would fail again.
        #expect(try refusal()?.code == .server)
        #expect(try connection.run("select refuse(\(false))").onlyRow().int(0) == 1)
        #expect(try refusal()?.code == .conflict)
    }

    @Test func `what was prepared is found again after a pooler took it away`() throws {
        let database = try TestDatabase()
        defer { database.drop() }
        let connection = try database.connect()
        #expect(try connection.run("select \(1)").onlyRow().int(0) == 1)
        try connection.script("deallocate all")
        #expect(try connection.run("select \(2)").onlyRow().int(0) == 2)
    }

    @Test func `a second statement behind the first is refused`() throws {
        let database = try TestDatabase()
        defer { database.drop() }
        let connection = try database.connect()
        let error = try #require(throws: PostgresError.self) { try connection.run("select 1; select 2") }
        #expect(error.code == .server && error.sqlState == "42601")
        #expect(try connection.run("select 3").onlyRow().int(0) == 3)
        #expect(throws: PostgresError.self) { try connection.script("select 1\0; drop table x") }
    }

    @Test(arguments: PostgresVersion.allCases)
    func `errors say what, where and what to do`(version: PostgresVersion) throws {
        let database = try TestDatabase(version)
        defer { database.drop() }
        let connection = try database.connect()
        try connection.script("create table t (a int primary key); insert into t values (1)")
        let cases: [(SQL, PostgresError.Code, String)] = [
            ("select * from nowhere", .missing, "42P01"), ("select nothing from t", .missing, "42703"),
            ("insert into t values (\(PostgresValue.int4(1)))", .uniqueViolation, "23505"),
            ("select 1 / \(PostgresValue.int4(0))", .server, "22012"),
            ("select \("no number")::text::int", .server, "22P02"), ("selec", .server, "42601"),
        ]
        for (sql, code, state) in cases {
            let error = try #require(throws: PostgresError.self) { try connection.run(sql) }
            #expect(error.code == code && error.sqlState == state, "\(error)")
            #expect(error.description.contains("127.0.0.1") || error.description.contains("postgres"))
            #expect(connection.isHealthy)
        }
    }

    @Test func `a right that is lacking is named`() throws {
        let database = try TestDatabase()
        defer { database.drop() }
        let connection = try database.connect()
        let role = TestDatabase.uniqueName("reader")
        try connection.run("create role \(identifier: role)")
        defer { _ = try? connection.script("reset role; drop role \(role)") }
        try connection.script("create table t (a int)")
        try connection.run("set role \(identifier: role)")
        let error = try #require(throws: PostgresError.self) { try connection.run("select * from t") }
        #expect(error.code == .permission)
        #expect(error.description.contains("grant"))
    }

    @Test func `too many values are refused before they are sent`() throws {
        let database = try TestDatabase()
        defer { database.drop() }
        let connection = try database.connect()
        let values = SQL.joined(Array(repeating: "\(1)", count: SQL.maximumValues + 1), by: ",")
        let error = try #require(throws: PostgresError.self) { try connection.run("select \(sql: values)") }
        #expect(error.code == .usage)
    }

    @Test func `what the server tells besides is kept, and not printed`() throws {
        let database = try TestDatabase()
        defer { database.drop() }
        let connection = try database.connect()
        try connection.script(
            "do $$ begin for i in 1..40 loop raise notice E'note %\\x1b', i; end loop; end $$")
        #expect(connection.notices.count == 32)
        #expect(connection.notices.last == "note 40\\u{1b}")
    }

    @Test(arguments: PostgresVersion.allCases)
    func `statements go together, and nothing after the first that fails is done`(version: PostgresVersion)
        throws
    {
        let database = try TestDatabase(version)
        defer { database.drop() }
        let connection = try database.connect()
        let results = try connection.runTogether([
            "create table t (a bigint primary key)", "insert into t select generate_series(1, \(3))",
            "select a from t where a > \(1) order by a",
        ])
        #expect(results.map(\.affected) == [0, 3, 2])
        #expect(try results[2].rows.map { try $0.int(0) } == [2, 3])
        let error = try #require(throws: PostgresError.self) {
            try connection.runTogether([
                "insert into t values (\(10))", "insert into t values (\(1))", "insert into t values (\(11))",
            ])
        }
        #expect(error.code == .uniqueViolation)
        #expect(try connection.run("select count(*) from t").onlyRow().int(0) == 3)
        try connection.transaction { connection throws(PostgresError) in
            _ = try connection.runTogether(["insert into t values (4)", "insert into t values (5)"])
        }
        #expect(try connection.run("select count(*) from t").onlyRow().int(0) == 5)
        #expect(throws: PostgresError.self) { try connection.runTogether([]) }
        let late = try #require(throws: PostgresError.self) {
            try connection.runTogether(
                ["select 1", "select pg_sleep(3600)"], deadline: .now + .milliseconds(50))
        }
        #expect(late.code == .timeout && connection.isHealthy)
        #expect(try connection.run("select 1").onlyRow().int(0) == 1)
    }

    @Test func `statements that go together are prepared if asked for, and anew once outdated`() throws {
        let database = try TestDatabase(.eighteenWithVectors)
        defer { database.drop() }
        let connection = try database.connect()
        try connection.script("create table t (a bigint); insert into t values (1)")
        func prepared() throws -> Int {
            try connection.runTogether(["select count(*) from pg_prepared_statements"])[0].onlyRow().int(0)
        }
        _ = try connection.runTogether(["select 1", "select * from t"])
        #expect(try prepared() == 0)
        for _ in 0..<2 {
            let results = try connection.runTogether(["select \(7)", "select * from t"], isPreparing: true)
            #expect(try results.map { try $0.onlyRow().int(0) } == [7, 1])
            #expect(try prepared() == 2)
        }
        // Another type of its result: the server refuses the prepared one.
        try connection.script("alter table t alter column a type text using 'text'")
        let again = try connection.runTogether(["select \(7)", "select * from t"], isPreparing: true)
        #expect(try again[1].onlyRow().text(0) == "text")
        _ = try connection.runTogether(["select \(7)", "select * from t"], isPreparing: true)
        try connection.script("alter table t alter column a type bigint using 2")
        let error = try #require(throws: PostgresError.self) {
            try connection.transaction { connection throws(PostgresError) in
                _ = try connection.runTogether(["select \(7)", "select * from t"], isPreparing: true)
            }
        }
        #expect(error.code == .conflict)
        #expect(try connection.run("select a from t").onlyRow().int(0) == 2)
    }
}
