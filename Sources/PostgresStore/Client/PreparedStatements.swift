/// The statements that the server knows by name, of one connection.
final class PreparedStatements {
    /// A text is another statement with values of other types.
    struct Key: Hashable {
        var text: String
        var types: [UInt32]
    }

    /// The most that are kept; the server holds a plan for each.
    static let limit = 256

    private var names: [Key: String] = [:]
    private var order: [Key] = []
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

    func name(of key: Key) -> String? { names[key] }

    func nextName() -> String {
        made += 1
        return "verdict_\(made)"
    }

    func add(_ key: Key, name: String) {
        names[key] = name
        order.append(key)
    }

    /// The name of the statement that was made known first, if another one would be too many.
    func takeOldestIfFull() -> String? {
        guard order.count >= Self.limit else { return nil }
        return names.removeValue(forKey: order.removeFirst())
    }

    func forgetAll() {
        names.removeAll()
        order.removeAll()
    }
}
