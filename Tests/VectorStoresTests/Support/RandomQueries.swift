import VectorStores

/// Seeded random queries over the fields that random decisions have.
enum RandomQueries {
    private static let comparisons: [(String, Query.Operation, [String])] = [
        ("tenant", .equals, ["acme"]), ("tenant", .equals, [""]), ("tenant", .contains, ["ML"]),
        ("tenant", .equals, ["nobody"]), ("principal", .equals, ["alice"]), ("principal", .contains, ["C"]),
        ("principal", .equals, ["alice", "bob"]), ("role", .equals, ["admin"]), ("role", .contains, ["CLE"]),
        ("kind", .equals, ["invoice"]), ("kind", .contains, ["deploy"]), ("resource", .equals, ["inv-1"]),
        ("resource", .contains, ["inv-1"]), ("scope", .equals, ["us"]), ("action", .contains, ["DELETE"]),
        ("action", .equals, ["read", "update"]), ("effect", .equals, ["deny"]),
        ("effect", .contains, ["con"]), ("policy", .equals, ["override"]),
        ("duration_us", .greaterOrEqual, ["310.5"]), ("duration_us", .less, ["1e3"]),
        ("duration_us", .equals, ["310"]), ("duration_us", .contains, ["31"]),
        ("cache_hit", .equals, ["true"]), ("ip", .contains, ["10.0"]), ("agent", .equals, ["web/4.2"]),
        ("outcome", .equals, ["ok"]), ("source.format", .equals, ["verdict"]),
        ("attrs.code", .equals, ["403"]), ("attrs.code", .greater, ["250"]),
        ("attrs.level", .contains, ["meta"]),
        ("tags", .equals, ["green"]), ("attrs.none", .equals, ["x"]), ("id", .equals, ["d-7"]),
        ("id", .contains, ["-1"]), ("time", .greater, ["2026-01-08T00:00:00Z"]),
        ("time", .lessOrEqual, ["2026-01-12T12:00:00.500Z"]), ("time", .contains, ["2026-01-1"]),
        ("id", .contains, ["D-1"]), ("id", .contains, ["4000-8000-00"]), ("id", .contains, ["ER-7"]),
        ("id", .contains, [""]), ("id", .contains, ["3A-"]),
        ("id", .equals, ["d-7", "d-8", "d-9", "a-rather-long-identifier-12"]),
        ("tenant", .contains, ["äU"]), ("tenant", .contains, ["umlaut"]),
        ("resource", .contains, ["V-1"]), ("ip", .contains, ["3.7"]), ("policy", .contains, ["BASE"]),
        ("duration_us", .greater, ["310"]), ("duration_us", .lessOrEqual, ["310.5"]),
        ("duration_us", .less, ["-1"]), ("duration_us", .greater, ["1e300"]),
        ("time", .equals, ["2026-01-08T00:00:00Z"]), ("time", .less, ["2026-01-08T00:00:00Z"]),
        ("kind", .equals, [#"quo"te \ (x)"#]), ("scope", .equals, ["a b"]), ("agent", .equals, ["=x"]),
    ]

    static func query(depth: Int, _ random: inout SeededGenerator) -> Query {
        if depth == 0 || random.chance(0.3) {
            let (field, operation, operands) = random.choose(comparisons)
            return .comparison(Query.Comparison(field: field, operation: operation, operands: operands))
        }
        let parts = (0..<Int.random(in: 2...3, using: &random)).map { _ in query(depth: depth - 1, &random) }
        return random.choose([.all(parts), .any(parts), .not(parts[0])])
    }
}
