import Foundation
import Testing

extension Commands {
    /// Rebuilds that several processes want.
    @Suite struct Rebuilds {
        @Test func `a second rebuild joins the first and ends with its result`() async throws {
            // Many distinct decisions, so that building takes a while.
            let folder = try TemporaryFolder()
            let log = try await verdict(
                "generate", "--seed", "1", "--decisions", "3000", "--tenants", "2", "--days", "2")
            try await folder.ingest(log.output)
            let store = ["--store", folder.store]
            let first = try VerdictProcess(
                ["rebuild", "--json", "--m", "64", "--ef-construction", "1000"] + store)
            let frame = ["frame", "--view", "index", "--size", "120x36"] + store
            try await eventually("the rebuild began") {
                try await verdict(frame).output.contains("only its own console can stop it")
            }
            let second = try VerdictProcess(["rebuild", "--json"] + store)
            let other = try await verdict(["rebuild", "--m", "8"] + store)
            #expect(
                other.status == 1 && other.errors.contains("held by pid \(first.child.pid) (verdict rebuild)")
            )
            #expect(other.errors.contains("; it runs a rebuild m=64 ef-construction=1000\n"), "\(other)")
            // Both are waited for at once: an ended process that nobody waits for still counts as there.
            async let end = first.result()
            let joined = try await second.result()
            #expect(joined.status == 0 && joined.errors.contains("joined the rebuild m=64"), "\(joined)")
            let built = try await end
            #expect(built.status == 0)
            for side in ["before", "after"] {
                let (one, same) = (try built.object()[side], try joined.object()[side])
                #expect(one["recall"] == same["recall"] && one["memory_bytes"] == same["memory_bytes"])
            }
        }
    }
}
