import AnomalyDetection
import Decisions

/// Keeps what a receiver may not be told out of attributes and sentences.
struct Redaction: Sendable {
    /// What stands where something was taken out.
    static let mark = "[redacted]"
    /// The most bytes of one attribute.
    static let maximumBytes = 1_000
    /// The most values of one attribute.
    static let maximumValues = 16

    /// What may be told.
    let allowed: Set<AlertAttribute>

    /// The attributes that an incident has, redacted unless they may be told.
    func attributes(of incident: Incident) -> [Alert.Attribute] {
        AlertAttribute.allCases.compactMap { name in
            let values = Self.values(name, of: incident)
            guard !values.isEmpty else { return nil }
            guard allowed.contains(name) else { return Alert.Attribute(name: name, text: Self.mark) }
            let more = values.count - Self.maximumValues
            let text = values.prefix(Self.maximumValues).joined(separator: ", ")
            return Alert.Attribute(
                name: name,
                text: ShortText.cut(text, toBytes: Self.maximumBytes) + (more > 0 ? " and \(more) more" : ""))
        }
    }

    /// A sentence without the values that may not be told.
    func sentence(_ text: String, of incident: Incident) -> String {
        var secrets: [String] = []
        for name in AlertAttribute.allCases where !allowed.contains(name) && name != .attrs {
            secrets += Self.values(name, of: incident)
            // An incident lists sixteen; its strangest member, which sentences are about, may be of another.
            let decision = incident.evidence.decision
            switch name {
            case .resources: secrets += [decision.resource.id, decision.resource.scope].compactMap { $0 }
            case .addresses: secrets += [decision.source.ip].compactMap { $0 }
            case .roles, .agent, .policies, .attrs: break
            }
        }
        // What a sentence says of the story itself stays readable, even where a resource has the same name.
        let told = [incident.key.principal, incident.key.kind, incident.key.tenant]
        var text = text
        for secret in secrets.sorted(by: { $0.utf8.count > $1.utf8.count }) where !told.contains(secret) {
            text = Self.replacing(secret, in: text)
        }
        return text
    }

    /// The values of an attribute.
    private static func values(_ name: AlertAttribute, of incident: Incident) -> [String] {
        let decision = incident.evidence.decision
        return switch name {
        case .roles: decision.principal.roles
        case .resources: incident.resources.filter { $0 != incident.key.kind }
        case .addresses: incident.addresses
        case .agent: decision.source.agent.map { [$0] } ?? []
        case .policies: decision.policies
        case .attrs: decision.extras["attrs"].map { $0 == .object([:]) ? [] : [$0.json] } ?? []
        }
    }

    /// How much of a value sentences repeat before they cut it.
    private static let repeatedScalars = 120

    /// The text with the mark in place of a value that stands there as a word of its own, cut or whole.
    private static func replacing(_ value: String, in text: String) -> String {
        let wanted = Array(value.unicodeScalars.prefix(repeatedScalars))
        guard !wanted.isEmpty else { return text }
        let scalars = Array(text.unicodeScalars)
        var result = String.UnicodeScalarView()
        var place = 0
        while place < scalars.count {
            let end = place + wanted.count
            if end <= scalars.count, scalars[place] == wanted[0], Array(scalars[place..<end]) == wanted,
                place == 0 || !isInsideWord(scalars[place - 1]),
                end == scalars.count || !isInsideWord(scalars[end])
            {
                result.append(contentsOf: mark.unicodeScalars)
                place = end
            } else {
                result.append(scalars[place])
                place += 1
            }
        }
        return String(result)
    }

    private static func isInsideWord(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil || scalar == "_"
    }
}
