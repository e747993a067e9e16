/// The servers that tests run against.
package enum PostgresVersion: String, Sendable, CaseIterable {
    /// PostgreSQL 18 with pgvector, or the server that `$VERDICT_TEST_POSTGRES` names.
    case eighteenWithVectors
    /// PostgreSQL 15 without pgvector, with TLS.
    case fifteen
}
