/// Which server the databases of tests are made on.
package enum ServerChoice: Hashable, Sendable {
    /// One that the tests start, set up and end.
    case started
    /// One that somebody else runs, by its address: it is used as it is, and never stopped.
    case named(String)

    /// What names another server with pgvector.
    package static let variable = "VERDICT_TEST_POSTGRES"

    /// Chooses for a version by the variables of the environment.
    ///
    /// An empty name is none, as a script leaves it that was given none.
    package init(_ version: PostgresVersion, environment: [String: String]) {
        guard version == .eighteenWithVectors, let address = environment[Self.variable], !address.isEmpty
        else {
            self = .started
            return
        }
        self = .named(address)
    }
}
