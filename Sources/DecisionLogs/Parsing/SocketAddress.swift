/// A peer's address as logs write it, with or without a port.
enum SocketAddress {
    /// The address without its port: `10.1.4.7:53114` gives `10.1.4.7`, `[::1]:80` gives `::1`.
    ///
    /// A port says nothing of who asks, and each connection has another. A bare IPv6 address has none, and
    /// what ends in no number stays as it is.
    static func host(of text: String) -> String {
        let bytes = text.utf8
        if bytes.first == UInt8(ascii: "[") {
            guard let close = bytes.firstIndex(of: UInt8(ascii: "]")) else { return text }
            return String(text[bytes.index(after: bytes.startIndex)..<close])
        }
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else { return text }
        let port = bytes[bytes.index(after: colon)...]
        let isNumber = port.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return port.isEmpty || !isNumber ? text : String(text[..<colon])
    }
}
