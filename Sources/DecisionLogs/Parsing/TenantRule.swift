internal import Decisions

/// Where a decision's tenant comes from when the log does not say it as wanted.
public struct TenantRule: Sendable, Hashable {
    /// The tenant of decisions that have none.
    public var fallback: String?
    /// The field whose value is the tenant: one of the decision's, else a dotted path into the log record, else
    /// one into what the record was wrapped in.
    public var field: String?

    /// Creates a rule; by default the log's own tenant stays.
    public init(fallback: String? = nil, field: String? = nil) {
        self.fallback = fallback
        self.field = field
    }

    /// Whether it can change a tenant.
    var isSet: Bool { fallback != nil || field != nil }

    /// Sets the tenant of a decision; `named` is what its record names, else what the objects around that name.
    func apply(to decision: inout Decision, naming named: String?) {
        if let field, let name = Self.value(of: field, in: decision) ?? named {
            decision.tenant = name
        }
        if decision.tenant.isEmpty, let fallback { decision.tenant = fallback }
    }

    /// What an object as it was read holds where the field points.
    func name(in object: Span<UInt8>) -> String? {
        guard let field else { return nil }
        let path = field.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard let name = try? JSONReader.read(object, { try $0.text(at: path[...]) }), !name.isEmpty else {
            return nil
        }
        return name
    }

    private static func value(of field: String, in decision: Decision) -> String? {
        switch decision.values(of: DecisionField(field)).first {
        case .text(let text) where !text.isEmpty: text
        case .number(let number) where number == number.rounded() && number.magnitude < 1e15:
            String(Int64(number))
        case .time(let time): time.description
        case .text, .number, nil: nil
        }
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
