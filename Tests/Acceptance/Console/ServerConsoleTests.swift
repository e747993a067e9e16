import PostgresStore
import PostgresTesting
import Testing

extension ConsoleInTerminal {
    /// The console on a store that a server keeps.
    @Suite struct ServerConsole {
        @Test func `a session on a server triages, and rebuilds where it was started to`() async throws {
            let database = try StoreDatabase(.eighteenWithVectors)
            defer { database.drop() }
            let run = try await verdict(
                "ingest", "--store", database.address, Fixture.path("native.jsonl"))
            #expect(run.status == 0, "\(run.errors)")
            let session = try await TmuxSession(120, 36)
            try await session.run("$VERDICT console --store '\(database.address)'")
            try await session.wait(for: "TRIAGE")
            try await session.press("7", "R")
            try await session.wait(for: "needs access operate: start with --write")
            try await session.expectQuit()
            try await session.run("$VERDICT console --write --store '\(database.address)'")
            try await session.wait(for: "OPERATE")
            try await session.expectQuit()
        }
    }
}
