extension Decision {
    /// The values of a field: none when it is absent, several when it is a list.
    public func values(of field: DecisionField) -> [FieldValue] {
        switch field {
        case .id: [.text(id)]
        case .time: [.time(time)]
        case .tenant: [.text(tenant)]
        case .principal: [.text(principal.id)]
        case .role: principal.roles.map(FieldValue.text)
        case .kind: [.text(resource.kind)]
        case .resource: Self.text(resource.id)
        case .scope: Self.text(resource.scope)
        case .action: actions.map(FieldValue.text)
        case .effect: [.text(effect.rawValue)]
        case .policy: policies.map(FieldValue.text)
        case .durationMicroseconds: durationNanoseconds.map { [.number(Double($0) / 1000)] } ?? []
        case .cacheHit: cacheHit.map { [.text($0 ? "true" : "false")] } ?? []
        case .ip: Self.text(source.ip)
        case .agent: Self.text(source.agent)
        case .metadata(let path): metadata(at: path)
        }
    }

    private static func text(_ value: String?) -> [FieldValue] {
        value.map { [.text($0)] } ?? []
    }

    private func metadata(at path: [String]) -> [FieldValue] {
        switch path {
        case ["outcome"]: return Self.text(outcome)
        case ["source", "format"]: return Self.text(source.format)
        default:
            var values: [FieldValue] = []
            Self.collect(.object(extras), at: path[...], into: &values)
            return values
        }
    }

    /// Follows a path into a value; a key that itself holds dots is found by its joined parts.
    private static func collect(
        _ value: JSONValue, at path: ArraySlice<String>, into values: inout [FieldValue]
    ) {
        switch value {
        case .array(let elements):
            for element in elements { collect(element, at: path, into: &values) }
        case .object(let object):
            for count in 0..<min(path.count, DecisionLimits.pathParts) {
                let key = path.prefix(count + 1).joined(separator: ".")
                if let inner = object[key] { collect(inner, at: path.dropFirst(count + 1), into: &values) }
            }
        case .string(let text) where path.isEmpty: values.append(.text(text))
        case .bool(let bool) where path.isEmpty: values.append(.text(bool ? "true" : "false"))
        case .number(let text) where path.isEmpty:
            if let number = Double(text) { values.append(.number(number)) }
        case .null, .string, .bool, .number: break
        }
    }
}

/// Named limits of the model.
enum DecisionLimits {
    /// How many parts of a dotted path are joined in search of a key that itself holds dots.
    static let pathParts = 8
}
