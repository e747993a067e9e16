import Decisions

/// Fields of a decision with the exact values that a rule asks for; all of them must be so.
///
/// Names are compared by their bytes. A decision of several actions has a rule's action only when it has no other one,
/// so that no rule hides a deletion behind a read.
public struct SuppressionFields: Sendable, Hashable {
    /// The fields that can be asked for, named as in queries.
    public enum Field: String, Sendable, Hashable, CaseIterable {
        /// The tenant.
        case tenant
        /// Who.
        case principal
        /// The kind of resource.
        case kind
        /// The resource's identifier.
        case resource
        /// The resource's scope.
        case scope
        /// The only action.
        case action
        /// The effect.
        case effect
        /// One of the policies.
        case policy
        /// The source address.
        case ip
    }

    private var values: [Field: String] = [:]

    /// Fields that ask for nothing.
    public init() {}

    /// The value that a field must have; `nil` when it may have any.
    public subscript(field: Field) -> String? {
        get { values[field] }
        set { values[field] = newValue.map(DecisionFacts.kept) }
    }

    /// The fields that are asked for, in their order.
    public var asked: [Field] { Field.allCases.filter { values[$0] != nil } }

    /// Whether it says who, what or where: tenant and effect alone would hide nearly everything.
    public var isNarrow: Bool { asked.contains { $0 != .tenant && $0 != .effect } }

    /// Whether a decision has all that is asked for.
    public func matches(_ facts: DecisionFacts) -> Bool {
        values.allSatisfy { field, value in
            switch field {
            case .tenant: Self.same(facts.tenant, value)
            case .principal: Self.same(facts.principal, value)
            case .kind: Self.same(facts.kind, value)
            case .resource: facts.resource.map { Self.same($0, value) } ?? false
            case .scope: facts.scope.map { Self.same($0, value) } ?? false
            case .action: !facts.actions.isEmpty && facts.actions.allSatisfy { Self.same($0, value) }
            case .effect: facts.effect.rawValue == value
            case .policy: facts.policies.contains { Self.same($0, value) }
            case .ip: facts.address.map { Self.same($0, value) } ?? false
            }
        }
    }

    private static func same(_ left: String, _ right: String) -> Bool { ByteKey(left) == ByteKey(right) }

    /// The values that a decision has for a field, in its order; empty when it has none.
    public static func values(of field: Field, in facts: DecisionFacts) -> [String] {
        switch field {
        case .tenant: [facts.tenant]
        case .principal: [facts.principal]
        case .kind: [facts.kind]
        case .resource: [facts.resource].compactMap(\.self)
        case .scope: [facts.scope].compactMap(\.self)
        case .action: facts.actions
        case .effect: [facts.effect.rawValue]
        case .policy: facts.policies
        case .ip: [facts.address].compactMap(\.self)
        }
    }
}

extension SuppressionFields: CustomStringConvertible {
    /// The fields as they are typed: `principal=svc-deploy,action=get`.
    public var description: String {
        asked.map { "\($0.rawValue)=\(Self.quoted(values[$0] ?? ""))" }.joined(separator: ",")
    }

    /// A value with quotes where it needs them.
    private static func quoted(_ value: String) -> String {
        guard value.isEmpty || value.contains(where: { ",\"\\".contains($0) || $0.isWhitespace }) else {
            return value
        }
        return "\""
            + value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    /// The longest text of a rule, in bytes.
    public static let maximumTextBytes = 16_384

    /// Reads fields as they are typed: `principal=svc-deploy,action=get`; quotes with `\"` and `\\` hold anything.
    public init(parsing text: String) throws(IncidentError) {
        guard text.utf8.count <= Self.maximumTextBytes else {
            throw Self.unreadable("is longer than \(Self.maximumTextBytes) bytes")
        }
        var rest = text[...]
        while true {
            rest = rest.drop(while: \.isWhitespace)
            let name = rest.prefix { $0 != "=" && $0 != "," }
            guard rest.dropFirst(name.count).first == "=" else {
                throw Self.unreadable("has no = after '\(Reasons.short(String(name)))'")
            }
            let word = name.filter { !$0.isWhitespace }
            guard let field = Field(rawValue: String(word)) else {
                throw Self.unreadable("knows no field '\(Reasons.short(String(word)))'")
            }
            guard values[field] == nil else { throw Self.unreadable("names \(field.rawValue) twice") }
            rest = rest.dropFirst(name.count + 1).drop(while: \.isWhitespace)
            let value = try Self.value(from: &rest)
            guard field != .effect || Effect(rawValue: value) != nil else {
                throw Self.unreadable("has an effect that is not allow, deny or conditional")
            }
            self[field] = value
            rest = rest.drop(while: \.isWhitespace)
            if rest.isEmpty { return }
            guard rest.first == "," else { throw Self.unreadable("has no comma after \(field.rawValue)") }
            rest = rest.dropFirst()
        }
    }

    private static func value(from rest: inout Substring) throws(IncidentError) -> String {
        guard rest.first == "\"" else {
            let value = rest.prefix { $0 != "," }
            rest = rest.dropFirst(value.count)
            var trimmed = value
            while trimmed.last?.isWhitespace == true { trimmed.removeLast() }
            return String(trimmed)
        }
        rest = rest.dropFirst()
        var value = ""
        while let character = rest.popFirst() {
            if character == "\"" { return value }
            if character == "\\" {
                guard let escaped = rest.popFirst() else { break }
                value.append(escaped)
            } else {
                value.append(character)
            }
        }
        throw unreadable("has a quote that is not closed")
    }

    private static func unreadable(_ what: String) -> IncidentError {
        let known = Field.allCases.map(\.rawValue).joined(separator: ", ")
        return IncidentError(
            .invalidTransition,
            "the rule \(what): a rule is FIELD=VALUE,FIELD=VALUE with fields among \(known)")
    }
}

extension SuppressionFields {
    /// The fields as they are saved.
    var json: JSONValue {
        var object = JSONObject()
        for field in asked { object[field.rawValue] = .string(values[field] ?? "") }
        return .object(object)
    }

    /// Reads saved fields; one that this version does not know makes the rule unusable, since it would hide more.
    init(json: JSONValue) throws(IncidentError) {
        guard case .object(let object) = json else {
            throw IncidentError(.damaged, "a saved rule has no fields: it is left out")
        }
        for member in object.members {
            guard let field = Field(rawValue: member.key), case .string(let value) = member.value else {
                throw IncidentError(.damaged, "a saved rule has a field of another version: it is left out")
            }
            values[field] = value
        }
        guard isNarrow else { throw IncidentError(.damaged, "a saved rule has no fields: it is left out") }
    }
}
