public import Decisions

/// A query compiled to look at one decision, or at anything that has fields, after the other.
public struct QueryMatcher: Sendable {
    private indirect enum Node: Sendable {
        case all([Node])
        case any([Node])
        case not(Node)
        case test(name: String, field: DecisionField, ValueTest)
    }

    private let root: Node

    /// Compiles a query; `nil` matches everything.
    public init(_ query: Query?) {
        root = query.map(QueryMatcher.compiled) ?? .all([])
    }

    private static func compiled(_ query: Query) -> Node {
        switch query {
        case .all(let parts): .all(parts.map(compiled))
        case .any(let parts): .any(parts.map(compiled))
        case .not(let part): .not(compiled(part))
        case .comparison(let comparison):
            .test(name: comparison.field, field: DecisionField(comparison.field), ValueTest(comparison))
        }
    }

    /// Whether a decision matches.
    ///
    /// `storedID` is the identifier it is stored under, when that differs from its own: `id:` finds
    /// a decision by either.
    public func matches(_ decision: Decision, storedID: String? = nil) -> Bool {
        matches(root) { _, field in
            if field == .id, let storedID, storedID != decision.id {
                return [.text(storedID), .text(decision.id)]
            }
            return decision.values(of: field)
        }
    }

    /// Whether a stored decision matches.
    public func matches(_ stored: StoredDecision) -> Bool {
        matches(stored.decision, storedID: stored.storedID)
    }

    /// Whether something matches whose fields a closure gives, by the name the query uses.
    public func matches(fieldValues: (String) -> [FieldValue]) -> Bool {
        matches(root) { name, _ in fieldValues(name) }
    }

    private func matches(_ node: Node, _ values: (String, DecisionField) -> [FieldValue]) -> Bool {
        switch node {
        case .all(let parts): parts.allSatisfy { matches($0, values) }
        case .any(let parts): parts.contains { matches($0, values) }
        case .not(let part): !matches(part, values)
        case .test(let name, let field, let test): values(name, field).contains { test.matches($0) }
        }
    }
}

extension ValueTest {
    /// Whether a field's value matches.
    func matches(_ value: FieldValue) -> Bool {
        switch value {
        case .text(let text): matches(text: text)
        case .number(let number): matches(number: number, text: ValueTest.text(of: number))
        case .time(let time): matches(time: time)
        }
    }

    /// A number as people write it: whole ones without a fraction.
    static func text(of number: Double) -> String {
        if let whole = Int64(exactly: number) { return String(whole) }
        return String(number)
    }
}
