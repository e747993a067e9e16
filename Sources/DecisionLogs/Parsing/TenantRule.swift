internal import Decisions

/// Where a decision's tenant comes from when the log does not say it as wanted.
public struct TenantRule: Sendable, Hashable {
    /// The tenant of decisions that have none.
    public var fallback: String?
    /// The field whose value is the tenant: one of the decision's, else a dotted path into the log record.
    public var field: String?

    /// Creates a rule; by default the log's own tenant stays.
    public init(fallback: String? = nil, field: String? = nil) {
        self.fallback = fallback
        self.field = field
    }

    /// Sets the tenant of a decision that was read from `record`.
    func apply(to decision: inout Decision, record: Span<UInt8>) {
        if let field, let name = value(of: field, decision: decision, record: record) {
            decision.tenant = name
        }
        if decision.tenant.isEmpty, let fallback { decision.tenant = fallback }
    }

    private func value(of field: String, decision: Decision, record: Span<UInt8>) -> String? {
        switch decision.values(of: DecisionField(field)).first {
        case .text(let text) where !text.isEmpty: return text
        case .number(let number) where number == number.rounded() && number.magnitude < 1e15:
            return String(Int64(number))
        case .time(let time): return time.description
        case .text, .number, nil: break
        }
        let path = field.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        return (try? JSONReader.read(record) { try $0.text(at: path[...]) }) ?? nil
    }
}

extension JSONReader {
    /// Takes one value and returns the text at a dotted path into it; keys that hold dots are found too.
    fileprivate mutating func text(at path: ArraySlice<String>) throws(JSONError) -> String? {
        switch try peek() {
        case .string where path.isEmpty: return try string()
        case .number where path.isEmpty: return try number()
        case .array:
            var found: String?
            try beginArray()
            while try nextElement() {
                let text = try text(at: path)
                found = found ?? text
            }
            return found
        case .object where !path.isEmpty:
            var found: String?
            try beginObject()
            while let key = try nextKey() {
                if let rest = Self.rest(of: path, after: key) {
                    let text = try text(at: rest)
                    found = text ?? found
                } else {
                    try skip()
                }
            }
            return found
        case .object, .string, .number, .bool, .null:
            try skip()
            return nil
        }
    }

    private static func rest(of path: ArraySlice<String>, after key: String) -> ArraySlice<String>? {
        if path.first == key { return path.dropFirst() }
        let parts = key.split(separator: ".", omittingEmptySubsequences: false).count
        guard parts > 1, parts <= path.count, path.prefix(parts).joined(separator: ".") == key else {
            return nil
        }
        return path.dropFirst(parts)
    }
}
