/// Whether an action looks or changes.
enum AccessClass: String {
    case read
    case write

    /// The class of an action by its first telling word: `view:public`, `s3:GetObject`, `invoices.delete`.
    ///
    /// Words end where letters do and where a capital begins. An action without a telling word changes.
    init(action: String) {
        let bytes = action.utf8Span.span
        var word: UInt64 = 0
        var afterLower = false
        for index in bytes.indices {
            let byte = bytes[index]
            let lower = ASCII.lowercased(byte)
            let isLetter = lower &- UInt8(ascii: "a") < 26
            if !isLetter || lower != byte && afterLower {
                if let known = Self.named(word) {
                    self = known
                    return
                }
                word = 0
            }
            if isLetter {
                // Words past eight letters match nothing: the top byte marks them.
                word = word >> 56 != 0 ? UInt64.max : word << 8 | UInt64(lower)
            }
            afterLower = isLetter && lower == byte
        }
        self = Self.named(word) ?? .write
    }

    private static func named(_ word: UInt64) -> AccessClass? {
        if word == 0 { return nil }
        if reading.contains(word) { return .read }
        return writing.contains(word) ? .write : nil
    }

    private static func packed(_ words: [String]) -> [UInt64] {
        words.map { $0.utf8.reduce(0) { $0 << 8 | UInt64($1) } }
    }

    private static let reading = packed([
        "get", "list", "watch", "read", "view", "head", "options", "query", "search", "lookup", "check",
        "select", "scan", "fetch", "download", "describe", "show", "find",
    ])

    private static let writing = packed([
        "create", "update", "delete", "patch", "put", "post", "write", "edit", "approve", "reject", "remove",
        "add", "set", "start", "stop", "run", "attach", "detach", "modify", "assume", "invoke", "exec",
        "bind",
        "escalate", "grant", "revoke", "send", "pay", "cancel",
    ])
}
