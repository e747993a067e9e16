/// Why a PostgreSQL server, or the way to it, did not do what was asked.
package struct PostgresError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of failure, for programs.
    package var code: Code
    /// The server's own five characters; `nil` where no server answered.
    package var sqlState: String?
    /// One sentence for the operator: what, where, what to do; never a secret or a bound value.
    package var description: String

    /// The kinds of failure.
    package enum Code: Sendable, Hashable {
        /// No server answers there, or the connection broke.
        case connection
        /// The server does not believe who asks.
        case authentication
        /// The time that was given is over.
        case timeout
        /// Somebody stopped it.
        case cancelled
        /// A right is lacking.
        case permission
        /// A table, column, function, extension or database is not there.
        case missing
        /// Another transaction was in the way; the same again may work.
        case conflict
        /// A row with that key is there already.
        case uniqueViolation
        /// The server takes no writes: a standby, or told so.
        case readOnlyServer
        /// The server's disk or memory is used up.
        case full
        /// The server, or the pool, has no connection left.
        case tooManyConnections
        /// The server stops, or starts and does not answer yet.
        case shuttingDown
        /// The answer to a write was lost: it may have been done or not.
        case unknownOutcome
        /// The server refuses for another reason.
        case server
        /// The server's answer is not what was asked for.
        case protocolViolation
        /// The request or the address is not usable.
        case usage
    }

    package init(_ code: Code, sqlState: String? = nil, _ description: String) {
        self.code = code
        self.sqlState = sqlState
        self.description = description
    }

    /// Whether the same again, on a new connection, may work soon.
    ///
    /// An unknown outcome is none of these: what was done must be looked at first.
    package var isTransient: Bool {
        switch code {
        case .connection, .conflict, .tooManyConnections, .shuttingDown: true
        default: false
        }
    }
}

extension PostgresError.Code {
    /// The kind that an SQLSTATE stands for.
    ///
    /// Source: PostgreSQL documentation, appendix A, "PostgreSQL Error Codes".
    init(sqlState: String) {
        self =
            Self.exact[sqlState] ?? Self.classes[String(sqlState.prefix(2))] ?? .server
    }

    private static let exact: [String: Self] = [
        "08P01": .protocolViolation, "08007": .unknownOutcome, "40003": .unknownOutcome,
        "23505": .uniqueViolation, "25006": .readOnlyServer,
        "40001": .conflict, "40P01": .conflict, "55P03": .conflict, "55006": .conflict,
        "42501": .permission, "3D000": .missing, "3F000": .missing, "42P01": .missing,
        "42703": .missing, "42704": .missing, "42883": .missing, "58P01": .missing,
        "53100": .full, "53200": .full, "53300": .tooManyConnections,
        // The server stopped it by itself, mostly since its time was over: of what was asked for here, by a
        // cancellation or a deadline, ``PostgresConnection/exchanging`` knows.
        "57014": .timeout, "57P01": .shuttingDown, "57P02": .shuttingDown, "57P03": .shuttingDown,
        "57P04": .missing, "57P05": .connection, "25P03": .connection, "25P04": .connection,
    ]

    private static let classes: [String: Self] = ["08": .connection, "28": .authentication]

    /// What an operator does about it; empty where the server's own words have to do.
    var advice: String {
        switch self {
        case .connection: "check that the server runs and can be reached"
        case .authentication: "check the user and the password"
        case .permission: "ask the owner to grant the right"
        case .conflict: "try again"
        case .readOnlyServer: "name the primary server"
        case .full: "give the server more disk or memory"
        case .tooManyConnections: "raise max_connections, or use fewer connections"
        case .shuttingDown: "try again when the server is up"
        default: ""
        }
    }
}
