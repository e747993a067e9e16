/// Where a store is.
public enum StoreAddress: Sendable, Hashable {
    /// In this process only.
    case ephemeral
    /// A durable embedded store in a directory.
    case directory(String)
    /// A PostgreSQL server; the address without its password is what is printed.
    case postgres(String)
}
