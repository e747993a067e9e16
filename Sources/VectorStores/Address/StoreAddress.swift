/// Where a store is.
public enum StoreAddress: Sendable, Hashable {
    /// In this process only.
    case ephemeral
    /// A durable embedded store in a directory.
    case directory(String)
    /// A PostgreSQL server; the address without its password is what is printed.
    case postgres(String)
}

extension StoreAddress {
    /// The longest address, in bytes of UTF-8.
    public static let maximumBytes = 4_096

    /// Reads `memory:`, `memory:DIR`, `postgres://…` or `postgresql://…`.
    ///
    /// Names of stores are looked up in the configuration before this is asked.
    public init(parsing text: String) throws(StoreError) {
        guard text.utf8.count <= StoreAddress.maximumBytes, !text.utf8.contains(0) else {
            throw StoreError(
                .usage,
                "the store address is longer than \(StoreAddress.maximumBytes) bytes or has a zero byte")
        }
        let scheme = text.prefix { $0 != ":" }
        switch scheme {
        case "memory" where scheme.endIndex < text.endIndex:
            let path = text[text.index(after: scheme.endIndex)...]
            self = path.isEmpty ? .ephemeral : .directory(String(path))
        case "postgres" where text.hasPrefix("postgres://"),
            "postgresql" where text.hasPrefix("postgresql://"):
            self = .postgres(text)
        default:
            throw StoreError(
                .usage,
                "`\(PrintedText.escaped(PostgresAddress.beginning(text), limit: 80))` is no store address: "
                    + "use memory:, memory:DIR, postgres://… or a name from the configuration")
        }
    }
}

extension StoreAddress: CustomStringConvertible {
    /// The address as it is written, without a password.
    public var description: String {
        switch self {
        case .ephemeral: "memory:"
        case .directory(let path): "memory:\(path)"
        case .postgres(let address): PostgresAddress.withoutPassword(address)
        }
    }
}
