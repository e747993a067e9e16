/// The parts of a libpq URI that must not be printed.
enum PostgresAddress {
    /// The parameters whose values are secrets.
    private static let secretParameters: Set<String> = ["password", "sslpassword", "sslkey", "passfile"]

    /// A libpq URI with its password and every secret parameter replaced by `***`.
    ///
    /// The user part ends at the last `@` before the path, since a password may hold an unescaped `@`.
    static func withoutPassword(_ address: String) -> String {
        guard let scheme = address.firstRange(of: "://") else { return address }
        let rest = address[scheme.upperBound...]
        let queryStart = rest.firstIndex(of: "?") ?? rest.endIndex
        var authority = String(rest[..<queryStart])
        if let at = authority.lastIndex(of: "@"),
            let colon = authority[..<at].firstIndex(of: ":")
        {
            authority.replaceSubrange(authority.index(after: colon)..<at, with: "***")
        }
        guard queryStart < rest.endIndex else { return address[..<scheme.upperBound] + authority }
        let parameters = rest[rest.index(after: queryStart)...].split(
            separator: "&", omittingEmptySubsequences: false
        ).map { parameter -> String in
            guard let equals = parameter.firstIndex(of: "=") else { return String(parameter) }
            let name = parameter[..<equals]
            return secretParameters.contains(name.lowercased()) ? "\(name)=***" : String(parameter)
        }
        return address[..<scheme.upperBound] + authority + "?" + parameters.joined(separator: "&")
    }
}
