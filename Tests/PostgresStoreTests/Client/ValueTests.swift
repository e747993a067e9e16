import PostgresStore
import PostgresTesting
import Testing

/// Values go there and back as they are, and are never read as SQL.
@Suite struct ValueTests {
    private static let hostile = [
        "'; drop table victims; --", "\\'; drop table victims; --", "$1", "$$; drop table victims; $$",
        "\"; drop table victims; --", "%s%n", "\\x00", "E'\\047'", "a\nb\tc\r", "\u{202E}\u{1B}[2J", "🧨",
        "e\u{301}", "", " ", "null", "{}", "{\"a\":1}", "a,b", "{a,\"b\\\\\"}",
    ]

    @Test(arguments: PostgresVersion.allCases)
    func `values come back as they went`(version: PostgresVersion) throws {
        let database = try TestDatabase(version)
        defer { database.drop() }
        let connection = try database.connect()
        let row = try connection.run(
            """
            select \(true), \(false), \(PostgresValue.int4(.min)), \(Int64.max), \(Int64.min), \(-0.1), \
            \(Double.infinity), \("Ümläut"), \(PostgresValue.bytes([0, 255, 92, 39])), \
            \(PostgresValue.timestamp(microseconds: 1)), \(PostgresValue.timestamptz(microseconds: -1)), \
            \(PostgresValue.xid8(.max)), \(PostgresValue.null)::text
            """
        ).onlyRow()
        #expect(try row.bool(0) && !row.bool(1))
        #expect(try row.int8(2) == Int64(Int32.min))
        #expect(try row.int8(3) == .max && row.int8(4) == .min)
        #expect(try row.float8(5) == -0.1 && row.float8(6) == .infinity)
        #expect(try row.text(7) == "Ümläut")
        #expect(try row.bytes(8) == [0, 255, 92, 39])
        #expect(try row.timestamp(9) == 1 && row.timestamp(10) == -1)
        #expect(try row.xid8(11) == .max)
        #expect(row.isNull(12))
        #expect(try row.optionalText(12) == nil)
    }

    @Test(arguments: PostgresVersion.allCases)
    func `the server reads times, numbers and lists as they were meant`(version: PostgresVersion) throws {
        let database = try TestDatabase(version)
        defer { database.drop() }
        let connection = try database.connect()
        let row = try connection.run(
            """
            select \(PostgresValue.timestamp(microseconds: 86_400_000_000))::text, \
            \(PostgresValue.timestamptz(microseconds: 1_500_000))::text, \
            \(["a", "b'\"", "", "ü"])::text[] @> array['b''"', ''], \
            \([1, -2] as [Int64])[2], \([0.5, 1.5] as [Float])[2], \(PostgresValue.xid8(7))::text, \
            \(PostgresValue.jsonb(#"{"a":[1,2]}"#))->'a'->>1
            """
        ).onlyRow()
        #expect(try row.text(0) == "2000-01-02 00:00:00")
        #expect(try row.text(1) == "2000-01-01 00:00:01.5+00")
        #expect(try row.bool(2))
        #expect(try row.int8(3) == -2 && row.float8(4) == 1.5)
        #expect(try row.text(5) == "7" && row.text(6) == "2")
    }

    @Test(arguments: PostgresVersion.allCases)
    func `lists come back as they went`(version: PostgresVersion) throws {
        let database = try TestDatabase(version)
        defer { database.drop() }
        let connection = try database.connect()
        for texts in [[], ["one"], Self.hostile] {
            #expect(try connection.run("select \(texts)").onlyRow().texts(0) == texts)
        }
        for numbers in [[], [.min, 0, .max]] as [[Int64]] {
            #expect(try connection.run("select \(numbers)").onlyRow().int8s(0) == numbers)
        }
        for floats in [[], [0, -0.25, .greatestFiniteMagnitude]] as [[Float]] {
            #expect(try connection.run("select \(floats)").onlyRow().floats(0) == floats)
        }
    }

    @Test func `a vector comes back as it went`() throws {
        let database = try TestDatabase()
        defer { database.drop() }
        let connection = try database.connect()
        try connection.script("create extension vector")
        let row = try connection.run("select \([0.5, -1.5, 0] as [Float])::vector(3)").onlyRow()
        #expect(try row.floats(0) == [0.5, -1.5, 0])
    }

    @Test(arguments: PostgresVersion.allCases)
    func `nothing in a value is read as SQL`(version: PostgresVersion) throws {
        let database = try TestDatabase(version)
        defer { database.drop() }
        let connection = try database.connect()
        try connection.script(
            "create table victims (t text, j jsonb, a text[], b bytea); insert into victims values ('x')")
        for text in Self.hostile {
            let json = PostgresValue.jsonb("{\"k\":\(jsonString(text))}")
            try connection.run(
                """
                insert into victims values (\(text), \(json), \([text, text]), \
                \(PostgresValue.bytes(Array(text.utf8))))
                """)
            let row = try connection.run(
                "select t, j->>'k', a, b from victims where t = \(text) and a[2] = \(text) and j->>'k' = \(text)"
            ).onlyRow()
            #expect(try row.text(0) == text && row.text(1) == text)
            #expect(try row.texts(2) == [text, text] && row.bytes(3) == Array(text.utf8))
        }
        #expect(try connection.run("select count(*) from victims").onlyRow().int(0) == Self.hostile.count + 1)
    }

    @Test(arguments: PostgresVersion.allCases)
    func `a name is a name whatever it holds`(version: PostgresVersion) throws {
        let database = try TestDatabase(version)
        defer { database.drop() }
        let connection = try database.connect()
        for name in Self.hostile where !name.isEmpty {
            try connection.run("create table \(identifier: name) (a int)")
            let row = try connection.run("select relname from pg_class where relname = \(name)").onlyRow()
            #expect(try row.text(0) == name)
            try connection.run("drop table \(identifier: name)")
        }
    }

    @Test(arguments: PostgresVersion.allCases)
    func `a zero character becomes one that the server takes`(version: PostgresVersion) throws {
        let database = try TestDatabase(version)
        defer { database.drop() }
        let connection = try database.connect()
        let json = PostgresValue.jsonb(#"{"a":"x\u0000y","b":"\\u0000"}"#)
        let row = try connection.run("select \("a\0b"), \(["\0"]), \(json)->>'a', \(json)->>'b'").onlyRow()
        #expect(try row.text(0) == "a\u{FFFD}b" && row.texts(1) == ["\u{FFFD}"])
        #expect(try row.text(2) == "x\u{FFFD}y" && row.text(3) == #"\u0000"#)
    }

    @Test func `a column is what is asked for or an error`() throws {
        let database = try TestDatabase()
        defer { database.drop() }
        let connection = try database.connect()
        let row = try connection.run("select 'x'::text, null::int8, 1.5::float8, 'true'::jsonb").onlyRow()
        #expect(throws: PostgresError.self) { try row.int8(0) }
        #expect(throws: PostgresError.self) { try row.int8(1) }
        #expect(throws: PostgresError.self) { try row.bool(2) }
        #expect(throws: PostgresError.self) { try row.texts(0) }
        #expect(throws: PostgresError.self) { try row.floats(2) }
        #expect(throws: PostgresError.self) { try connection.run("select 1 where false").onlyRow() }
        #expect(try row.jsonText(3) == "true" && row.text(3) == "true")
    }

    private func jsonString(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar in
            scalar.value < 32 || scalar == "\"" || scalar == "\\"
                ? "\\u" + String(repeating: "0", count: 4 - String(scalar.value, radix: 16).count)
                    + String(scalar.value, radix: 16)
                : String(scalar)
        }
        return "\"\(escaped.joined())\""
    }
}
