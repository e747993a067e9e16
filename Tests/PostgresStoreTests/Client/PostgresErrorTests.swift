import Testing

@testable import PostgresStore

/// What the server's five characters mean, and what is done again.
@Suite struct PostgresErrorTests {
    @Test(arguments: [
        ("08006", PostgresError.Code.connection), ("28P01", .authentication), ("28000", .authentication),
        ("57014", .timeout), ("42501", .permission), ("42P01", .missing), ("3D000", .missing),
        ("40001", .conflict), ("40P01", .conflict), ("55P03", .conflict), ("23505", .uniqueViolation),
        ("25006", .readOnlyServer), ("53100", .full), ("53200", .full), ("53300", .tooManyConnections),
        ("57P01", .shuttingDown), ("57P02", .shuttingDown), ("57P03", .shuttingDown),
        ("08007", .unknownOutcome), ("40003", .unknownOutcome), ("22P02", .server), ("XX000", .server),
        ("", .server),
    ])
    func `each SQLSTATE has its kind`(state: String, code: PostgresError.Code) {
        #expect(PostgresError.Code(sqlState: state) == code)
    }

    @Test func `only what passes is done again`() {
        let passing: Set<PostgresError.Code> = [.connection, .conflict, .tooManyConnections, .shuttingDown]
        let all: [PostgresError.Code] = [
            .connection, .authentication, .timeout, .cancelled, .permission, .missing, .conflict,
            .uniqueViolation, .readOnlyServer, .full, .tooManyConnections, .shuttingDown, .unknownOutcome,
            .server, .protocolViolation, .usage,
        ]
        #expect(Set(all.filter { PostgresError($0, "").isTransient }) == passing)
    }

    private static let messages: [(lines: String, sentence: String)] = [
        (
            "connection to server at \"a\", port 1 failed: Connection refused\n"
                + "\tIs the server running on that host and accepting TCP/IP connections?\n",
            "connection to server at \"a\", port 1 failed: Connection refused"
        ),
        (
            "connection to server at \"a\" failed: refused\n\tIs the server running?\n"
                + "connection to server at \"b\" failed: timeout expired\n",
            "connection to server at \"a\" failed: refused; connection to server at \"b\" failed: timeout expired"
        ),
        (
            "server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally\n"
                + "\tbefore or while processing the request.\n",
            "server closed the connection unexpectedly: This probably means the server terminated abnormally "
                + "before or while processing the request"
        ),
        ("could not load:\nno such file", "could not load: no such file"),
        ("why?", "why?"), ("\n\n", ""),
    ]

    @Test(arguments: messages)
    func `what libpq says in lines is one sentence`(message: String, sentence: String) {
        #expect(ConnectionFailure.oneLine(message) == sentence)
    }
}
