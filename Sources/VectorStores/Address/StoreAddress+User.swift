extension StoreAddress {
    /// The role that the address of a server names; `nil` where it names none, and then the server's client does.
    package var userName: String? {
        guard case .postgres(let address) = self, let scheme = address.firstRange(of: "://") else {
            return nil
        }
        let rest = address[scheme.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        if let at = authority.firstIndex(of: "@") {
            // A password may hold anything but stands behind the first colon.
            let name = Self.decoded(authority[..<at].prefix { $0 != ":" })
            if !name.isEmpty { return name }
        }
        guard let question = rest.firstIndex(of: "?") else { return nil }
        for part in rest[rest.index(after: question)...].split(separator: "&") where part.hasPrefix("user=") {
            let name = Self.decoded(part.dropFirst(5))
            if !name.isEmpty { return name }
        }
        return nil
    }

    /// Text with its percent escapes read; one that is none stays.
    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
