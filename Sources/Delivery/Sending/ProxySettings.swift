/// The proxy that requests go through, as the environment names it.
public struct ProxySettings: Sendable, Hashable {
    /// Its host.
    public let host: String
    /// Its port.
    public let port: Int
    /// Hosts that are reached without it, and endings of names; `*` for all.
    let exceptions: [String]

    /// Reads `$https_proxy` or `$HTTPS_PROXY` and `$no_proxy` or `$NO_PROXY`; `nil` where none is named.
    public init?(environment: (String) -> String?) {
        guard let text = environment("https_proxy") ?? environment("HTTPS_PROXY"),
            let address = ReceiverAddress(text.contains("://") ? text : "http://\(text)"),
            address.scheme == "http"
        else { return nil }
        host = address.host
        port = address.port ?? 80
        exceptions = (environment("no_proxy") ?? environment("NO_PROXY") ?? "").split(separator: ",").map {
            String($0.filter { !$0.isWhitespace }).lowercased()
        }
    }

    /// Whether a host is reached without the proxy; this machine always is.
    func excepts(_ host: String) -> Bool {
        let host = host.lowercased()
        if host == "localhost" || host == "[::1]" || host.hasPrefix("127.") { return true }
        return exceptions.contains { exception in
            if exception == "*" { return true }
            let name = exception.hasPrefix(".") ? String(exception.dropFirst()) : exception
            return !name.isEmpty && (host == name || host.hasSuffix(".\(name)"))
        }
    }
}
