/// Where a receiver listens, checked; of its path nobody is told, since it may be a secret.
public struct ReceiverAddress: Sendable, Hashable, CustomStringConvertible {
    /// `https` or `http`.
    public let scheme: String
    /// The host, in brackets where it is an address of IPv6.
    public let host: String
    /// The port; `nil` for the usual one.
    public let port: Int?
    /// The path with what follows it; empty or beginning with a slash or a question mark.
    let path: String

    /// The most bytes of an address.
    public static let maximumBytes = 2_048

    /// Reads an address; `nil` when it is none that alerts can be sent to.
    ///
    /// Without a user in it: a name and a password have keys of their own in the configuration.
    public init?(_ text: String) {
        guard text.utf8.count <= Self.maximumBytes, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            return nil
        }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let scheme = parts[0].lowercased()
        guard parts.count == 2, scheme == "https" || scheme == "http", parts[1].hasPrefix("//") else {
            return nil
        }
        let rest = parts[1].dropFirst(2)
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let path = rest[authority.endIndex...]
        guard !authority.contains("@"), !path.contains("#") else { return nil }
        var host = authority
        var port: Int?
        let bracket = authority.lastIndex(of: "]") ?? authority.startIndex
        if let colon = authority[bracket...].lastIndex(of: ":") {
            guard let number = Int(authority[authority.index(after: colon)...]), (1...65_535).contains(number)
            else { return nil }
            host = authority[..<colon]
            port = number
        }
        let isAddress = host.hasPrefix("[") && host.hasSuffix("]") && host.count > 2
        let isName = !host.isEmpty && host.utf8.allSatisfy(Self.isOfName)
        guard isAddress || isName else { return nil }
        self.scheme = scheme
        self.host = String(host)
        self.port = port
        self.path = String(path)
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// Scheme, host and port: what may be told.
    public var description: String { "\(scheme)://\(host)" + (port.map { ":\($0)" } ?? "") }

    /// Whether it is this machine, so that nothing crosses a network.
    public var isLoopback: Bool {
        host == "localhost" || host == "[::1]"
            || host.hasPrefix("127.") && host.utf8.allSatisfy { $0 != UInt8(ascii: "-") && $0 < 0x3A }
    }

    /// The whole address.
    var whole: String { description + path }

    /// The address of a path below this one.
    func below(_ rest: String) -> String {
        var base = path
        while base.hasSuffix("/") { base.removeLast() }
        return description + base + rest
    }
}
