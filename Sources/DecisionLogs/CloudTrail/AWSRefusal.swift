/// How AWS says that a caller may not do what it asked for.
enum AWSRefusal {
    /// Whether an error code says so; EC2 writes whose fault it was in front (`Client.UnauthorizedOperation`).
    static func isRefusal(code: String) -> Bool {
        var code = code[...]
        for origin in ["Client.", "Server."] where code.hasPrefix(origin) {
            code = code.dropFirst(origin.count)
            break
        }
        return codes.contains(String(code)) || code.hasPrefix("NotAuthorized") || code.hasPrefix("Forbidden")
    }

    /// Whether an error message says so.
    static func isRefusal(message: String) -> Bool {
        place(of: "not authorized to perform", in: message.utf8Span.span, from: 0) != nil
    }

    /// The kind of policy that a message blames, in its own words: `explicit deny in a service control policy`.
    static func policies(in message: String) -> [String] {
        let text = message.utf8Span.span
        var phrases: [String] = []
        if let kind = kind(between: "no ", and: " allows", in: text) { phrases.append("no \(kind) allows") }
        for article in ["a", "an", "the"] {
            let opening = "explicit deny in \(article) "
            if let kind = kind(between: opening, and: "", in: text) { phrases.append(opening + kind) }
        }
        return phrases
    }

    private static let codes: Set<String> = [
        "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "UnauthorizedAccess", "AuthFailure",
        "AuthorizationError", "InvalidClientTokenId", "SignatureDoesNotMatch", "ExpiredToken",
        "ExpiredTokenException", "VpceAccessDenied",
    ]

    /// The kinds of "Troubleshoot access denied error messages" of the IAM User Guide.
    ///
    /// Only these count: a message also quotes names that the caller chose.
    private static let kinds = [
        "identity-based policy", "resource-based policy", "service control policy", "resource control policy",
        "session policy", "permissions boundary", "VPC endpoint policy", "role trust policy",
    ]

    private static func kind(
        between opening: String, and closing: String, in text: Span<UInt8>
    ) -> String? {
        var start = 0
        while let place = place(of: opening, in: text, from: start) {
            start = place + opening.utf8.count
            for kind in kinds where stands(kind + closing, at: start, in: text) { return kind }
        }
        return nil
    }

    private static func place(of phrase: String, in text: Span<UInt8>, from start: Int) -> Int? {
        guard let first = phrase.utf8.first else { return nil }
        var place = start
        while place < text.count {
            if text[place] == first, stands(phrase, at: place, in: text) { return place }
            place += 1
        }
        return nil
    }

    private static func stands(_ phrase: String, at place: Int, in text: Span<UInt8>) -> Bool {
        let wanted = phrase.utf8Span.span
        guard wanted.count <= text.count - place else { return false }
        for index in wanted.indices where text[place + index] != wanted[index] { return false }
        return true
    }
}
