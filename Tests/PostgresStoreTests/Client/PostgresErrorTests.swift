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
}
