import VectorStores

/// Metadata that is no native line, and queries that would be wrong if it were read otherwise than a mirror does.
enum ForeignQueries {
    /// A native line whose time is a number.
    private static let epoch = #"""
        {"effect": "allow", "time": 1767830400.25, "principal": {"id": "bob"}, "resource": {"kind": "secret"},
        "actions": ["read"]}
        """#

    static let metadata: [String?] = [
        nil, "null", "17", #""text""#, #"["a", "b"]"#, "{}", #"{"tenant": "acme"}"#, #"{"tenant": 7}"#,
        #"{"tenant": {"a": 1}}"#, #"{"tenant": true, "principal": "alice"}"#,
        #"{"principal": {"id": "alice"}, "actions": []}"#,
        #"{"principal": {"id": ""}, "resource": {"kind": "invoice"}}"#,
        #"{"principal": {"id": "alice"}, "effect": "maybe", "resource": {"kind": "invoice"}}"#,
        #"{"principal": {"id": "alice", "roles": "admin"}, "effect": "deny"}"#,
        #"{"effect": "deny", "actions": ["read", 5], "time": "2026-01-08T00:00:00Z"}"#,
        #"{"effect": "deny", "actions": ["read"], "time": "2026-01-08T02:30:00.5+02:00"}"#,
        #"{"effect": "deny", "actions": ["read"], "time": "2026-01-08t00:00:00z"}"#,
        epoch,
        #"{"time": "yesterday"}"#, #"{"time": "2024-02-29T12:00:00.123456789Z"}"#,
        #"{"time": "2023-02-29T12:00:00Z"}"#, #"{"time": "2026-01-07T23:59:60Z"}"#,
        #"{"time": 5}"#, #"{"duration_us": "310"}"#, #"{"duration_us": -3}"#, #"{"duration_us": 310.4996}"#,
        #"{"cache_hit": "true"}"#, #"{"source": "10.0.0.5"}"#, #"{"source": {"ip": 5}}"#,
        #"{"attrs": [[{"code": [403]}]], "tags": {"deep": "green"}}"#, #"{"attrs.code": "403"}"#,
        #"{"attrs": {"code": 4.03e2, "flag": true}, "original_id": "d-7"}"#,
        #"{"outcome": ["ok"]}"#, #"{"principal": [{"id": "alice"}], "metadata": "text"}"#,
        "{\"tenant\": \"\u{212A}elvin\", \"principal\": {\"id\": \"?\"}}",
    ]

    private static let comparisons: [(String, Query.Operation, [String])] = [
        ("tenant", .equals, ["acme"]), ("tenant", .equals, [""]), ("tenant", .equals, ["7", "true"]),
        ("tenant", .equals, [#"{"a": 1}"#]), ("tenant", .contains, ["a"]), ("tenant", .contains, [""]),
        ("tenant", .contains, ["kelv"]), ("principal", .equals, ["alice"]), ("principal", .equals, ["?"]),
        ("principal", .equals, [""]), ("principal", .contains, ["?"]), ("principal", .contains, ["L"]),
        ("kind", .equals, ["?", "invoice"]), ("kind", .contains, ["VOI"]), ("action", .equals, ["?"]),
        ("action", .equals, ["read"]), ("action", .contains, ["READ"]), ("role", .equals, ["admin"]),
        ("effect", .equals, ["conditional"]), ("effect", .equals, ["deny"]), ("effect", .contains, ["y"]),
        ("cache_hit", .equals, ["true"]), ("ip", .equals, ["10.0.0.5"]), ("outcome", .equals, ["ok"]),
        ("duration_us", .greaterOrEqual, ["310.5"]), ("duration_us", .less, ["0"]),
        ("duration_us", .equals, ["310", "310.5"]), ("attrs.code", .equals, ["403"]),
        ("attrs.code", .greater, ["402.99999999999"]), ("attrs.flag", .equals, ["true"]),
        ("tags", .equals, ["green"]), ("tags.deep", .contains, ["GREEN"]), ("metadata", .equals, ["text"]),
        ("metadata", .equals, ["17"]), ("metadata.tenant", .equals, ["7"]), ("id", .equals, ["d-7"]),
        ("id", .equals, ["foreign-3", "foreign-31"]), ("id", .contains, ["GN-1"]),
        ("time", .equals, ["2026-01-08T00:00:00Z", "2026-01-08T00:30:00.5Z"]),
        ("time", .greaterOrEqual, ["2026-01-08T00:00:00.25Z"]), ("time", .less, ["2026-01-08T00:00:00Z"]),
        ("time", .contains, ["2024-02"]), ("time", .lessOrEqual, ["1970-01-01T00:00:00Z"]),
        ("principal", .equals, ["a\0b"]), ("attrs.\"quo\\te", .equals, ["x"]),
    ]

    static let all = comparisons.map { field, operation, operands in
        Query.comparison(Query.Comparison(field: field, operation: operation, operands: operands))
    }
}
