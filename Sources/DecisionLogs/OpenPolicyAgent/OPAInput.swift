internal import Decisions

/// What an event's input says.
///
/// An input has no fixed schema: it is what the caller and the policy agreed on.
struct OPAInput {
    /// The input as it was logged.
    var document = OPADocument(named: "input")
    /// Where its fields are looked for, the built-in places last.
    var mappings: [OPAMapping] = [.builtIn]

    /// The first text that the pointers of a field lead to.
    func text(_ field: KeyPath<OPAMapping, [JSONPointer]>) throws(DecisionError) -> String? {
        for mapping in mappings {
            for pointer in mapping[keyPath: field] {
                if let text = try document.text(at: pointer) { return text }
            }
        }
        return nil
    }

    /// The first texts that the pointers of a field lead to.
    func texts(_ field: KeyPath<OPAMapping, [JSONPointer]>) throws(DecisionError) -> [String] {
        for mapping in mappings {
            for pointer in mapping[keyPath: field] {
                let texts = try document.texts(at: pointer)
                if !texts.isEmpty { return texts }
            }
        }
        return []
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
        if let kind = try document.text(at: Self.admittedKind) {
            let namespace = try document.text(at: Self.admittedNamespace)
            let name = try document.text(at: Self.admittedName)
            return (kind, id ?? [namespace, name].compactMap(\.self).joined(separator: "/").present)
        }
        guard let path = try path() else { return (nil, id) }
        let parts = path.utf8.prefix { $0 != UInt8(ascii: "?") }
            .split(separator: UInt8(ascii: "/"), maxSplits: 1)
        return ("http:/" + (parts.first.map { String(Substring($0)) } ?? ""), id ?? path)
    }

    private static let admittedKind: JSONPointer = "/request/kind/kind"
    private static let admittedNamespace: JSONPointer = "/request/namespace"
    private static let admittedName: JSONPointer = "/request/name"

    private func path() throws(DecisionError) -> String? {
        for mapping in mappings {
            for pointer in mapping.path {
                if let path = try document.path(at: pointer) { return path }
            }
        }
        return nil
    }

    /// Where the request came from, as Envoy saw it.
    var address: String? { words(\.address) }

    /// The agent that made the request, as Envoy saw it.
    var agent: String? { words(\.agent) }

    /// The first text of a field that names nothing, so that any text will do.
    private func words(_ field: KeyPath<OPAMapping, [JSONPointer]>) -> String? {
        for mapping in mappings {
            for pointer in mapping[keyPath: field] {
                if let text = document.value(at: pointer)?.text?.present { return text }
            }
        }
        return nil
    }
}
