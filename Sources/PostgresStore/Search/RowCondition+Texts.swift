import Decisions
import VectorStores

/// Where a text of a decision stands in the metadata.
struct TextPlace: Sendable {
    /// The keys that lead there.
    var path: [String]
    /// The text, null where there is none.
    var text: SQL
    /// What a mirror reads where a row does not say it.
    var standIn: String?

    static let principal = TextPlace(
        path: ["principal", "id"], text: "(metadata->'principal'->>'id')",
        standIn: ForeignMetadata.unknownText)
    static let kind = TextPlace(
        path: ["resource", "kind"], text: "(metadata->'resource'->>'kind')",
        standIn: ForeignMetadata.unknownText)
    static let resource = TextPlace(path: ["resource", "id"], text: "(metadata->'resource'->>'id')")
    static let scope = TextPlace(path: ["resource", "scope"], text: "(metadata->'resource'->>'scope')")
    static let ip = TextPlace(path: ["source", "ip"], text: "(metadata->'source'->>'ip')")
    static let agent = TextPlace(path: ["source", "agent"], text: "(metadata->'source'->>'agent')")
    static let format = TextPlace(path: ["source", "format"], text: "(metadata->'source'->>'format')")
    static let outcome = TextPlace(path: ["outcome"], text: "(metadata->>'outcome')")

    // Lists: the text is the list itself.
    static let roles = TextPlace(path: ["principal", "roles"], text: "metadata->'principal'->'roles'")
    static let actions = TextPlace(
        path: ["actions"], text: "metadata->'actions'", standIn: ForeignMetadata.unknownText)
    static let policies = TextPlace(path: ["policies"], text: "metadata->'policies'")

    /// Whether the metadata holds a value there; asked in the form that an index of containment serves.
    func holds(_ value: JSONValue) -> SQL {
        let document = path.reversed().reduce(value) { inner, key in .object([key: inner]) }
        return "metadata @> \(PostgresValue.jsonb(document.json))"
    }
}

extension RowCondition {
    static func text(_ comparison: Query.Comparison, _ place: TextPlace) -> RowCondition {
        let isMeant = place.standIn.map { comparison.admits($0) } ?? false
        switch comparison.operation {
        case .equals:
            return native(.any(comparison.operands.map { .when(place.holds(.string($0))) }))
                .orStandIn(isMeant)
        case .contains: return contains(comparison.operands[0], place.text).orStandIn(isMeant)
        // Texts have no order.
        case .less, .lessOrEqual, .greater, .greaterOrEqual: return .never
        }
    }

    static func list(_ comparison: Query.Comparison, _ place: TextPlace) -> RowCondition {
        let isMeant = place.standIn.map { comparison.admits($0) } ?? false
        switch comparison.operation {
        case .equals:
            return native(
                .any(comparison.operands.map { .when(place.holds(.array([.string($0)]))) })
            ).orStandIn(isMeant)
        case .contains:
            let element = contains(comparison.operands[0], "element.text")
            return RowCondition(
                possible: anyElement(of: place, element.possible),
                certain: .all([anyElement(of: place, element.certain), .when(NativeRow.condition)])
            ).orStandIn(isMeant)
        case .less, .lessOrEqual, .greater, .greaterOrEqual: return .never
        }
    }

    private static func anyElement(of place: TextPlace, _ predicate: RowPredicate) -> RowPredicate {
        guard case .when(let condition) = predicate else { return predicate }
        return .when(
            """
            exists (select from jsonb_array_elements_text(case jsonb_typeof(\(sql: place.text))
                when 'array' then \(sql: place.text) else '[]' end) as element (text)
                where \(sql: condition))
            """)
    }

    /// Containment without regard to case, as far as the letters of ASCII go.
    ///
    /// What has other letters may be lower-case in a way of its own, which is judged here.
    static func contains(_ fragment: String, _ text: SQL) -> RowCondition {
        let lower = fragment.lowercased()
        let other: SQL = "octet_length(\(sql: text)) <> char_length(\(sql: text))"
        guard lower.utf8.allSatisfy({ $0 < 0x80 }) else {
            return RowCondition(possible: .when(other), certain: .never)
        }
        let found: SQL = "position(\(lower) in lower(\(sql: text) collate \"C\")) > 0"
        return RowCondition(
            possible: .any([.when(found), .when(other)]),
            certain: .all([.when(found), .when(NativeRow.condition)]))
    }

    static func effect(_ comparison: Query.Comparison) -> RowCondition {
        let known = Effect.allCases.map(\.rawValue).filter { comparison.admits($0) }
        let place = TextPlace(path: ["effect"], text: "(metadata->>'effect')")
        return native(.any(known.map { .when(place.holds(.string($0))) }))
            .orStandIn(known.contains(Effect.conditional.rawValue))
    }

    static func cacheHit(_ comparison: Query.Comparison) -> RowCondition {
        let place = TextPlace(path: ["cache_hit"], text: "(metadata->>'cache_hit')")
        let known = [true, false].filter { comparison.admits($0 ? "true" : "false") }
        return native(.any(known.map { .when(place.holds(.bool($0))) }))
    }

    /// The tenant is a text of its own, which an index holds.
    static func tenant(_ comparison: Query.Comparison) -> RowCondition {
        let isPlain: SQL =
            "coalesce(jsonb_typeof(metadata->'tenant') not in ('object', 'array'), true)"
        switch comparison.operation {
        case .equals:
            let names = comparison.operands.filter { !$0.isEmpty }
            var parts: [RowPredicate] = []
            if names.count == 1 { parts.append(.when("metadata->>'tenant' = \(names[0])")) }
            if names.count > 1 { parts.append(.when("metadata->>'tenant' = any(\(names))")) }
            if names.count < comparison.operands.count {
                parts.append(.when("metadata->>'tenant' is null"))
                parts.append(.when("metadata->>'tenant' = ''"))
                // What is no name is read as none.
                parts.append(.when("jsonb_typeof(metadata->'tenant') in ('object', 'array')"))
            }
            let isSure = !names.contains { $0.hasPrefix("{") || $0.hasPrefix("[") }
            return RowCondition(
                possible: .any(parts), certain: isSure ? .any(parts) : .all([.any(parts), .when(isPlain)]))
        case .contains:
            let contained = contains(comparison.operands[0], "coalesce(metadata->>'tenant', '')")
            return RowCondition(
                possible: contained.possible, certain: .all([contained.certain, .when(isPlain)]))
        case .less, .lessOrEqual, .greater, .greaterOrEqual: return .never
        }
    }

    /// A row's own identifier, or the one that its decision had before.
    static func identifier(_ comparison: Query.Comparison) -> RowCondition {
        let original = TextPlace(path: [CopyBinary.originalIDKey], text: "(metadata->>'original_id')")
        let isOwn: RowPredicate = .when("metadata->'original_id' is null")
        switch comparison.operation {
        case .equals:
            let named: RowPredicate = .when("id = any(\(comparison.operands))")
            let others = comparison.operands.map { RowPredicate.when(original.holds(.string($0))) }
            return RowCondition(possible: .any([named] + others), certain: .all([named, isOwn]))
        case .contains:
            let fragment = comparison.operands[0]
            let (own, other) = (contains(fragment, "id"), contains(fragment, original.text))
            return RowCondition(
                possible: .any([own.possible, other.possible]), certain: .all([own.certain, isOwn]))
        case .less, .lessOrEqual, .greater, .greaterOrEqual: return .never
        }
    }
}
