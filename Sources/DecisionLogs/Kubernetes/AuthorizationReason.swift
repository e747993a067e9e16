/// The words of the API server's authorizer.
enum AuthorizationReason {
    /// The binding and the role that a reason names: `RBAC: allowed by RoleBinding "web/prod" of Role "web" to
    /// ServiceAccount "web/prod"` gives `RoleBinding/web/prod` and `Role/web`.
    static func policies(in reason: String) -> [String] {
        let opening = "RBAC: allowed by "
        guard reason.hasPrefix(opening) else { return [] }
        var rest = reason.utf8.dropFirst(opening.utf8.count)
        guard let binding = named(&rest) else { return [] }
        guard rest.starts(with: " of ".utf8) else { return [binding] }
        rest = rest.dropFirst(4)
        guard let role = named(&rest) else { return [binding] }
        return [binding, role]
    }

    /// Takes `Kind "name"` off the front as `Kind/name`.
    private static func named(_ text: inout Substring.UTF8View) -> String? {
        guard let open = text.firstIndex(of: UInt8(ascii: "\"")) else { return nil }
        let kind = text[..<open]
        let name = text[text.index(after: open)...]
        guard let close = name.firstIndex(of: UInt8(ascii: "\"")), kind.last == UInt8(ascii: " ") else {
            return nil
        }
        text = name[name.index(after: close)...]
        return String(Substring(kind.dropLast())) + "/" + String(Substring(name[..<close]))
    }
}
