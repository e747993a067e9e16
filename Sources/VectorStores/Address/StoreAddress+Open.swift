extension StoreAddress {
    /// Opens the store that is at this address; those of PostgreSQL are opened by a target of their own.
    public func open(_ options: StoreOptions) throws(StoreError) -> any DecisionStore {
        switch self {
        case .ephemeral: try MemoryStore(options: options)
        case .directory(let path): try MemoryStore(directory: path, options: options)
        case .postgres:
            throw StoreError(
                .unsupported, "this build has no PostgreSQL store: use memory:DIR instead of \(self)")
        }
    }
}
