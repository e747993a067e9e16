public import Decisions

/// One field of a decision with another value, to see how its score follows.
public enum FlipChange: Sendable, Hashable {
    /// Another principal.
    case principal(String)
    /// Another resource: a kind and, where there is one, an identifier.
    case resource(kind: String, id: String?)
    /// Another action in the place of all.
    case action(String)
    /// Another hour of the same day, 0 to 23, UTC.
    case hour(Int)

    /// The fields that can be changed, in the order in which they are shown.
    public enum Field: String, Sendable, Hashable, CaseIterable {
        /// Who.
        case principal
        /// What on.
        case resource
        /// What.
        case action
        /// When.
        case hour
    }

    /// The field.
    public var field: Field {
        switch self {
        case .principal: .principal
        case .resource: .resource
        case .action: .action
        case .hour: .hour
        }
    }

    /// The new value as a person reads it: `secrets/db`, `03 h`.
    public var value: String {
        switch self {
        case .principal(let name): name
        case .resource(let kind, let id): id.map { $0.isEmpty ? kind : "\(kind)/\($0)" } ?? kind
        case .action(let name): name
        case .hour(let hour): hour < 10 ? "0\(hour) h" : "\(hour) h"
        }
    }

    /// The value that a decision has in a field.
    public static func own(_ field: Field, of decision: Decision) -> FlipChange {
        switch field {
        case .principal: .principal(decision.principal.id)
        case .resource: .resource(kind: decision.resource.kind, id: decision.resource.id)
        case .action: .action(decision.actions.joined(separator: ","))
        case .hour: .hour(decision.time.hourOfDay)
        }
    }

    /// Reads what was typed for a field; `nil` where that is no value of it.
    ///
    /// A resource is a kind, or a kind and an identifier behind the first `/`.
    public static func typed(_ text: String, for field: Field) -> FlipChange? {
        var text = text[...]
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        guard !text.isEmpty, text.utf8.count <= maximumTypedBytes else { return nil }
        switch field {
        case .principal: return .principal(String(text))
        case .action: return .action(String(text))
        case .resource:
            guard let slash = text.firstIndex(of: "/") else { return .resource(kind: String(text), id: nil) }
            let kind = text[..<slash]
            let id = text[text.index(after: slash)...]
            if kind.isEmpty { return nil }
            return .resource(kind: String(kind), id: id.isEmpty ? nil : String(id))
        case .hour:
            let digits = text.hasSuffix(" h") ? text.dropLast(2) : text
            guard digits.count <= 2, let hour = Int(digits), (0..<24).contains(hour) else { return nil }
            return .hour(hour)
        }
    }

    /// The longest value that is typed, in bytes.
    public static let maximumTypedBytes = 1_024

    /// The decision with this value; nothing else of it changes.
    public func applied(to decision: Decision) -> Decision {
        var changed = decision
        switch self {
        case .principal(let name): changed.principal.id = name
        case .resource(let kind, let id):
            changed.resource.kind = kind
            changed.resource.id = id
        case .action(let name): changed.actions = [name]
        case .hour(let hour):
            changed.time = decision.time.advanced(
                bySeconds: Int64(hour - decision.time.hourOfDay) * 3_600)
        }
        return changed
    }

    /// Hours by which it moves a decision, round the clock; 0 for other fields.
    func hoursMoved(from decision: Decision) -> Int {
        guard case .hour(let hour) = self else { return 0 }
        let distance = abs(hour - decision.time.hourOfDay)
        return min(distance, 24 - distance)
    }
}

extension Decision {
    /// The decision with several fields changed.
    public func applying(_ changes: [FlipChange]) -> Decision {
        changes.reduce(self) { $1.applied(to: $0) }
    }
}
