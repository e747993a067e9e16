import Decisions
import Testing

@testable import VectorStores

@Suite struct QueryParserTests {
    private let now = Timestamp(seconds: 1_767_603_600, nanoseconds: 0, fractionDigits: 0)

    private func compared(_ field: String, _ operation: Query.Operation, _ operands: String...) -> Query {
        .comparison(Query.Comparison(field: field, operation: operation, operands: operands))
    }

    private func parsed(_ text: String) throws(QueryError) -> Query { try Query(parsing: text, now: now) }

    @Test func `a comparison is field, sign and value`() throws {
        #expect(try parsed("tenant:acme") == compared("tenant", .equals, "acme"))
        #expect(try parsed("action~delete") == compared("action", .contains, "delete"))
        #expect(try parsed("duration_us>=500") == compared("duration_us", .greaterOrEqual, "500"))
        #expect(try parsed("duration_us<500.5") == compared("duration_us", .less, "500.5"))
        #expect(try parsed("attrs.code:403") == compared("attrs.code", .equals, "403"))
        #expect(
            try parsed("principal:system:serviceaccount:a:b")
                == compared("principal", .equals, "system:serviceaccount:a:b"))
    }

    @Test func `not binds tighter than and, and tighter than or`() throws {
        let (a, b, c) = (
            compared("a", .equals, "1"), compared("b", .equals, "2"), compared("c", .equals, "3")
        )
        #expect(try parsed("a:1 b:2 or c:3") == .any([.all([a, b]), c]))
        #expect(try parsed("a:1 or b:2 and c:3") == .any([a, .all([b, c])]))
        #expect(try parsed("not a:1 b:2") == .all([.not(a), b]))
        #expect(try parsed("not (a:1 OR b:2) AND c:3") == .all([.not(.any([a, b])), c]))
        #expect(try parsed("a:1 (b:2 or c:3)") == .all([a, .any([b, c])]))
    }

    @Test func `quotes and lists hold any value`() throws {
        #expect(try parsed(#"kind:"a \"b\" \\ c)""#) == compared("kind", .equals, #"a "b" \ c)"#))
        #expect(try parsed("effect:[allow, deny]") == compared("effect", .equals, "allow", "deny"))
        #expect(try parsed(#"role:["a,b",c]"#) == compared("role", .equals, "a,b", "c"))
        #expect(try parsed(#"tenant:"""#) == compared("tenant", .equals, ""))
    }

    @Test func `a keyword with a sign behind it is a field`() throws {
        #expect(
            try parsed("or:1 and and:2")
                == .all([compared("or", .equals, "1"), compared("and", .equals, "2")]))
    }

    @Test func `relative times are counted back from now`() throws {
        #expect(try parsed("time>-1h") == compared("time", .greater, "2026-01-05T08:00:00Z"))
        #expect(try parsed("time>-7d") == compared("time", .greater, "2025-12-29T09:00:00Z"))
        #expect(
            try parsed("time<2026-01-05T09:00:00Z") == compared("time", .less, "2026-01-05T09:00:00Z"))
        #expect(try parsed("seen.at>=-15m") == compared("seen.at", .greaterOrEqual, "2026-01-05T08:45:00Z"))
    }

    @Test func `white space alone matches everything`() throws {
        #expect(try parsed("") == .all([]))
        #expect(try parsed("  \n\t ") == .all([]))
    }

    @Test(arguments: [
        ("tenant", 6, "expected `:`"),
        ("tenant:", 7, "expected a value"),
        ("tenant<5", 0, "neither a number nor a time"),
        ("time>soon", 5, "expected a time"),
        ("duration_us>fast", 12, "expected a number"),
        ("score>=nan", 7, "expected a number"),
        ("attrs.code>x", 11, "expected a number or a time"),
        ("(a:1", 4, "expected `)`"),
        ("a:1)", 3, "expected `and`"),
        ("a:1 or", 6, "expected a field"),
        ("not", 3, "expected a field"),
        (#"a:"open"#, 7, "expected a closing"),
        (#"a:"x"y"#, 5, "expected white space"),
        ("a:[1,2", 6, "expected `,` or `]`"),
        ("a:[1,]", 5, "expected a value"),
        (":x", 0, "expected a field"),
        ("a:1 \u{1B}[31m", 5, "expected `:`"),
        (#"a:"b\qc""#, 5, #"expected `"` or `\`"#),
        ("f!~x", 1, "expected `:`"),
        ("cache_hit:maybe", 10, "expected `true` or `false`"),
        ("cache_hit:[true,TRUE]", 16, "expected `true` or `false`"),
        ("cache_hit>true", 0, "neither a number nor a time"),
        ("or a:1", 0, "expected a field"),
        ("a:1 and and b:2", 8, "expected a field"),
        ("a:1 or OR b:2", 7, "expected a field"),
        ("(and a:1)", 1, "expected a field"),
        ("not or", 4, "expected a field"),
    ])
    func `an error points at the place`(text: String, offset: Int, expected: String) {
        let error = #expect(throws: QueryError.self) { try parsed(text) }
        #expect(error?.offset == offset)
        #expect(error?.expected.contains(expected) == true)
    }

    @Test func `an error shows the query, a caret and what was expected`() {
        let error = #expect(throws: QueryError.self) { try parsed("effect:deny time>soon") }
        #expect(
            error?.description == """
                effect:deny time>soon
                                 ^ expected a time, such as `2026-01-05T09:00:00Z` or `-2h`
                """)
    }

    @Test func `an error shows only what is around the caret, and no control characters`() {
        let long = String(repeating: "a:1 ", count: 50) + "\u{1B}[2J"
        let error = #expect(throws: QueryError.self) { try parsed(long) }
        let lines = error?.description.split(separator: "\n") ?? []
        #expect(lines.first?.hasPrefix("…") == true)
        #expect(lines.first?.count ?? 0 < 130)
        #expect(error?.description.contains("\u{1B}") == false)
    }

    @Test func `size and depth are limited`() throws {
        let long = "a:" + String(repeating: "x", count: Query.maximumBytes)
        #expect(throws: QueryError.self) { try parsed(long) }
        let deep = String(repeating: "(", count: 32) + "a:1" + String(repeating: ")", count: 32)
        #expect(try parsed(deep) == compared("a", .equals, "1"))
        #expect(throws: QueryError.self) { try parsed("(" + deep + ")") }
        #expect(throws: QueryError.self) { try parsed(String(repeating: "not ", count: 40) + "a:1") }
    }

    @Test func `a printed query reads back as itself`() throws {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<500 {
            let query = RandomQueries.query(depth: 4, &random)
            let text = query.description
            let again = try Query(parsing: text, now: now)
            #expect(again == query, "\(text)")
        }
    }

    @Test func `random bytes never crash the parser`() {
        var random = SeededGenerator(seed: 11)
        let pieces = [
            "a", ":", "~", "<=", ">", "(", ")", "[", "]", ",", "\"", "\\", " ", "not ", "or ", "é", "-1h",
        ]
        var readable = 0
        for _ in 0..<2_000 {
            let text = (0..<Int.random(in: 0..<12, using: &random)).map { _ in random.choose(pieces) }
                .joined()
            do {
                _ = try parsed(text)
                readable += 1
            } catch {
                #expect(error.offset <= text.utf8.count)
                #expect(!error.description.isEmpty)
            }
        }
        #expect(readable > 0)
    }
}
