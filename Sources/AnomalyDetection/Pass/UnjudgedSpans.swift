import Decisions

/// Which decisions nobody judged when they came: those of a tenant that was learning, and those that were only
/// counted because detection was behind.
///
/// One span of event time for each tenant, so that a flood costs no more than a trickle.
struct UnjudgedSpans: Sendable, Hashable {
    /// From the oldest to the newest of them.
    struct Span: Sendable, Hashable {
        var from: Timestamp
        var to: Timestamp
    }

    /// The most tenants remembered; what comes of others stays as it was scored.
    static let maximumTenants = 1_000
    /// The longest name of a tenant that is remembered, in bytes: all of them are saved in one record.
    static let maximumNameBytes = 1_024
    /// The key of its record in the detector's collection.
    static let key = "unjudged"

    private(set) var spans: [ByteKey: Span] = [:]
    /// Whether it changed since it was saved.
    var isChanged = false

    /// The tenants, by name.
    var tenants: [String] { spans.keys.sorted().map(\.text) }

    /// The span of a tenant.
    subscript(tenant: String) -> Span? { spans[ByteKey(tenant)] }

    /// Notes a decision that could not be judged.
    mutating func note(_ decision: Decision) {
        let tenant = ByteKey(decision.tenant)
        if let span = spans[tenant] {
            if decision.time >= span.from, decision.time <= span.to { return }
            spans[tenant] = Span(from: min(span.from, decision.time), to: max(span.to, decision.time))
        } else {
            guard spans.count < Self.maximumTenants,
                decision.tenant.utf8.count <= Self.maximumNameBytes
            else { return }
            spans[tenant] = Span(from: decision.time, to: decision.time)
        }
        isChanged = true
    }

    /// Says that everything of a tenant from some time on was judged; `nil` when all was.
    mutating func judged(_ tenant: String, from time: Timestamp?) {
        let tenant = ByteKey(tenant)
        guard let span = spans[tenant] else { return }
        isChanged = true
        // Where all of a run had the newest time, the rest of that second is given up, and what is older is not.
        let end = time.map { $0 < span.to ? $0 : $0.advanced(bySeconds: -1) }
        if let end, end > span.from {
            spans[tenant]?.to = end
        } else {
            spans[tenant] = nil
        }
    }

    /// Forgets all of it.
    mutating func forget() {
        isChanged = isChanged || !spans.isEmpty
        spans = [:]
    }
}

extension UnjudgedSpans {
    /// The spans as they are saved.
    var json: JSONValue {
        .object([
            "spans": .array(
                spans.sorted { $0.key < $1.key }.map { tenant, span in
                    .object([
                        "of": .string(tenant.text), "from": .string(span.from.description),
                        "to": .string(span.to.description),
                    ])
                })
        ])
    }

    /// Reads saved spans.
    init(json: JSONValue) throws(IncidentError) {
        let fields = try JSONFields(json, name: "list of what was not judged")
        let saved = try fields.elements("spans") { value -> (ByteKey, Span)? in
            guard let span = try? JSONFields(value, name: "span"), let tenant = try? span.text("of"),
                let from = try? span.time("from"), let to = try? span.time("to")
            else { return nil }
            return (ByteKey(tenant), Span(from: from, to: to))
        }
        for (tenant, span) in saved.prefix(Self.maximumTenants) { spans[tenant] = span }
    }
}
