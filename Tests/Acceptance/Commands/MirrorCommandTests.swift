import Foundation
import PostgresTesting
import Testing

extension Commands {
    /// What commands say of the mirror that answers for a server.
    @Suite struct ServerMirror {
        @Test func `the cost of a mirror is told on standard error, in one line`() async throws {
            let database = try StoreDatabase(.fifteen)
            defer { database.drop() }
            let folder = try TemporaryFolder()
            let home = ["XDG_CACHE_HOME": folder.path("cache")]
            let run = try await verdict(
                ["stats", "--store", database.address, "--json"], environment: home)
            #expect(run.status == 0, "\(run.errors)")
            let lines = run.errors.split(separator: "\n")
            #expect(lines.count == 1)
            #expect(lines.first?.hasPrefix("verdict: reading the mirror: about 0 rows, ") == true)
            #expect(try run.object()["vectors"].integer == 0)
            // A small mirror is not kept, and an empty queue has no file.
            #expect(!FileManager.default.fileExists(atPath: folder.path("cache")))
        }
    }
}
