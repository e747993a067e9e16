import Decisions
import Testing
import VectorStores

/// A way to make an empty store for the conformance suite.
struct StoreFactory: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Makes an empty store; whoever makes it closes it.
    let make: @Sendable () async throws -> any DecisionStore

    /// Every kind of store there is.
    static let all: [StoreFactory] = [
        StoreFactory(testDescription: "ephemeral") {
            try MemoryStore(options: StoreOptions(clock: testClock))
        }
    ]
}
