/// The statements that the server knows by name, of one connection.
final class PreparedStatements {
    /// A text is another statement with values of other types.
    struct Key: Hashable {
        var text: String
        var types: [UInt32]
    }

    /// The most that are kept; the server holds a plan for each.
    static let limit = 256

    private var known: [Key: (name: String, lastUse: UInt64)] = [:]
    private var uses: UInt64 = 0
    private var made = 0

    /// Whether an error may say that what was prepared is no more what it was: no such name, another result type.
    static func isOutdated(_ error: PostgresError) -> Bool {
        ["26000", "42P05", "0A000"].contains(error.sqlState)
    }

    /// What such an error means to a transaction, which is over: the same again will work.
    ///
    /// A statement that was not prepared before cannot be outdated: what it asks for is not to be had.
    static func inTransaction(_ error: PostgresError, wasKnown: Bool) -> PostgresError {
        guard error.sqlState != "0A000" || wasKnown else { return error }
        return PostgresError(.conflict, sqlState: error.sqlState, error.description)
    }

    func name(of key: Key) -> String? {
        guard let name = known[key]?.name else { return nil }
        add(key, name: name)
        return name
    }

    func nextName() -> String {
        made += 1
        return "verdict_\(made)"
    }

    func add(_ key: Key, name: String) {
        uses += 1
        known[key] = (name: name, lastUse: uses)
    }

    /// The name of the statement whose last use is longest ago, if another one would be too many: never that of one
    /// which is about to be done together with the other one.
    func takeOldestIfFull() -> String? {
        guard known.count >= Self.limit, let oldest = known.min(by: { $0.value.lastUse < $1.value.lastUse })
        else { return nil }
        return known.removeValue(forKey: oldest.key)?.name
    }

    func forgetAll() { known.removeAll() }
}
