internal import Decisions

/// What an event holds in the form that its caller and its policy agreed on, and where a decision is found in it.
struct OPAContent {
    /// What was asked, as it was logged.
    var input = OPADocument(named: "input")
    /// What the instance of OPA calls itself.
    var labels = OPADocument(named: "labels")
    /// What was answered.
    var result = OPADocument(named: "result")
    /// Where fields are looked for before they are where inputs usually have them.
    var mappings: [OPAMapping] = []

    func document(_ part: OPAPlace.Part) -> OPADocument {
        switch part {
        case .input: input
        case .labels: labels
        case .result: result
        }
    }

    /// What is found first at the places of a field.
    private func first<Found>(
        _ field: KeyPath<OPAMapping, [OPAPlace]>,
        _ look: (OPADocument, JSONPointer) throws(DecisionError) -> Found?
    ) throws(DecisionError) -> Found? {
        for mapping in mappings {
            for place in mapping[keyPath: field] {
                if let found = try look(document(place.part), place.pointer) { return found }
            }
        }
        for place in OPAMapping.builtIn[keyPath: field] {
            if let found = try look(document(place.part), place.pointer) { return found }
        }
        return nil
    }

    /// The first name at the places of a field.
    func text(_ field: KeyPath<OPAMapping, [OPAPlace]>) throws(DecisionError) -> String? {
        try first(field) { document, pointer throws(DecisionError) in try document.text(at: pointer) }
    }

    /// The first names at the places of a field.
    func texts(_ field: KeyPath<OPAMapping, [OPAPlace]>) throws(DecisionError) -> [String] {
        try first(field) { document, pointer throws(DecisionError) in
            let texts = try document.texts(at: pointer)
            return texts.isEmpty ? nil : texts
        } ?? []
    }

    /// Who asked; `?` when the input does not say it, or its log had it erased.
    func principal() throws(DecisionError) -> Principal {
        Principal(id: try text(\.principal) ?? "?", roles: try texts(\.roles))
    }

    /// What was asked about: a resource that is named as one, the object under admission, or the path of an HTTP
    /// request; without a kind none of them.
    func resource() throws(DecisionError) -> (kind: String?, id: String?) {
        let id = try text(\.resource)
        if let kind = try text(\.kind) { return (kind, id) }
        if let kind = try input.text(at: Self.admittedKind) {
            let namespace = try input.text(at: Self.admittedNamespace)
            let name = try input.text(at: Self.admittedName)
            return (kind, id ?? [namespace, name].compactMap(\.self).joined(separator: "/").present)
        }
        let path = try first(\.requestPath) { document, pointer throws(DecisionError) in
            try document.path(at: pointer)
        }
        guard let path else { return (nil, id) }
        let parts = path.utf8.prefix { $0 != UInt8(ascii: "?") }
            .split(separator: UInt8(ascii: "/"), maxSplits: 1)
        return ("http:/" + (parts.first.map { String(Substring($0)) } ?? ""), id ?? path)
    }

    private static let admittedKind: JSONPointer = "/request/kind/kind"
    private static let admittedNamespace: JSONPointer = "/request/namespace"
    private static let admittedName: JSONPointer = "/request/name"

    /// The first text of a field that names nothing, so that any text will do, where somebody said that it is.
    func mappedWords(_ field: KeyPath<OPAMapping, [OPAPlace]>) -> String? {
        for mapping in mappings {
            if let words = words(mapping[keyPath: field]) { return words }
        }
        return nil
    }

    /// The same where Envoy's plugin has it.
    func usualWords(_ field: KeyPath<OPAMapping, [OPAPlace]>) -> String? {
        words(OPAMapping.builtIn[keyPath: field])
    }

    private func words(_ places: [OPAPlace]) -> String? {
        for place in places {
            if let text = document(place.part).value(at: place.pointer)?.text?.present { return text }
        }
        return nil
    }
}
