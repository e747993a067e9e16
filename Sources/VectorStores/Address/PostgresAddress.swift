/// The parts of a libpq URI that must not be printed.
enum PostgresAddress {
    /// The parameters whose values are secrets.
    private static let secretParameters: Set<String> = ["password", "sslpassword", "sslkey", "passfile"]

    /// A libpq URI with its password and every secret parameter replaced by `***`.
    ///
    /// A password may hold an unescaped `@`, `?` or `/`, so the user part is taken to reach to the last `@`:
    /// rather too much is hidden than too little.
    static func withoutPassword(_ address: String) -> String {
        guard let scheme = address.firstRange(of: "://") else { return address }
        var rest = withoutSecretParameters(String(address[scheme.upperBound...]))
        if let at = rest.lastIndex(of: "@"), let colon = rest[..<at].firstIndex(of: ":") {
            rest.replaceSubrange(rest.index(after: colon)..<at, with: "***")
        }
        return address[..<scheme.upperBound] + rest
    }

    private static func withoutSecretParameters(_ text: String) -> String {
        let parts = text.split(separator: "&", omittingEmptySubsequences: false).map { part -> String in
            guard let equals = part.firstIndex(of: "=") else { return String(part) }
            let name = part[..<equals].split(separator: "?", omittingEmptySubsequences: false).last ?? ""
            return secretParameters.contains(name.lowercased()) ? "\(part[...equals])***" : String(part)
        }
        return parts.joined(separator: "&")
    }

    /// As much of something that is no address as can hold no secret: what stands before the first sign of a
    /// user, a host or a parameter.
    static func beginning(_ text: String) -> String {
        let beginning = text.prefix { !":@=".contains($0) }
        return beginning.endIndex < text.endIndex ? beginning + "…" : text
    }
}
