public import Decisions

extension Decision {
    /// Whether a row that is no decision told its time; one without stands at the beginning of 1970.
    public var hasRowTime: Bool { time.seconds != 0 }

    /// What a row that is no decision says beside identifier, time and tenant.
    ///
    /// What it does not say of a decision is held as "?", and an effect that it does not say as conditional.
    public var rowFields: [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        func add(_ name: String, _ value: String?) {
            if let value, !value.isEmpty, value != "?" { fields.append((name, value)) }
        }
        add("principal", principal.id)
        add("roles", principal.roles.joined(separator: ", "))
        add("kind", resource.kind)
        add("resource", resource.id)
        add("scope", resource.scope)
        add("actions", actions.joined(separator: ", "))
        if effect != .conditional { add("effect", effect.rawValue) }
        add("outcome", outcome)
        add("policies", policies.joined(separator: ", "))
        for member in extras.members { add(member.key, member.value.text ?? member.value.json) }
        return fields
    }

    /// These in one line.
    public var rowText: String { rowFields.map { "\($0.name) \($0.value)" }.joined(separator: "  ") }
}
