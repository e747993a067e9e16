import PostgresStore
import Testing

/// Statements whose values are never text.
@Suite struct SQLTests {
    @Test func `values become parameters in their order`() {
        let tenant = "acme"
        let sql: SQL = "select 1 where tenant = \(tenant) and n > \(5) and ok = \(true)"
        #expect(sql.text == "select 1 where tenant = $1 and n > $2 and ok = $3")
        #expect(sql.values == [.text("acme"), .int8(5), .bool(true)])
    }

    @Test func `nothing that a value holds becomes text`() {
        for hostile in ["'; drop table t; --", "\\'", "$1", "\"", "\0", "{}", "\u{202E}"] {
            let sql: SQL = "select \(hostile)"
            #expect(sql.text == "select $1")
            #expect(sql.values == [.text(hostile)])
        }
    }

    @Test func `a name is one name whatever it holds`() {
        #expect(
            ("select \(identifier: "a\"; drop table t; --")" as SQL).text
                == "select \"a\"\"; drop table t; --\"")
        #expect(("\(identifier: "a\0b")" as SQL).text == "\"a\u{FFFD}b\"")
        #expect(("\(identifier: "\u{301}\"\u{301}")" as SQL).text == "\"\u{301}\"\"\u{301}\"")
    }

    @Test func `parts are joined with their values numbered on`() {
        let conditions: [SQL] = ["a = \(1)", "b = \("x")", "c is null"]
        var sql: SQL = "select \(2.5) where "
        sql += .joined(conditions, by: " and ")
        #expect(sql.text == "select $1 where a = $2 and b = $3 and c is null")
        #expect(sql.values == [.float8(2.5), .int8(1), .text("x")])
        #expect(SQL.joined([], by: ", ").text == "")
    }

    @Test func `what is absent is null`() {
        let text: String? = nil
        let number: Int64? = nil
        let sql: SQL = "select \(text), \(number)"
        #expect(sql.values == [.null, .null])
    }

    @Test func `a vector that stands in several places is sent once, any other value each time`() {
        let (vector, other): ([Float], [Float]) = ([1, 2], [1, 3])
        let sql: SQL = "select \(7), \(vector), \(7), \(other), \(sql: "\(vector)"), \("x")"
        #expect(sql.text == "select $1, $2, $3, $4, $2, $5")
        #expect(
            sql.parameters == [.int8(7), .float4Array(vector), .int8(7), .float4Array(other), .text("x")])
        #expect(sql.values.count == 6)
    }
}
