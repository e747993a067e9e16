/// A short message that goes by itself.
struct Notice: Equatable, Sendable {
    /// What happened.
    var text: String
    /// What kind of message it is.
    var kind: Kind
    /// When it goes, on the console's own clock.
    var untilMilliseconds: Int64

    /// The kinds of message, by how they are signed.
    enum Kind: Equatable, Sendable {
        /// Something was done.
        case done
        /// Something to know.
        case note
        /// Something could not be done.
        case problem
    }

    /// How long a message of a kind stays, in milliseconds.
    static func stayMilliseconds(_ kind: Kind) -> Int64 { kind == .problem ? 8_000 : 5_000 }
}
