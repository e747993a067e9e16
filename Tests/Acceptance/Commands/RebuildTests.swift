import Foundation
import Testing

extension Commands {
    /// Rebuilds that several processes want.
    @Suite struct Rebuilds {
        /// A store of many distinct decisions, so that building its index takes a while.
        private func folder() async throws -> TemporaryFolder {
            let folder = try TemporaryFolder()
            let log = try await verdict(
                "generate", "--seed", "1", "--decisions", "3000", "--tenants", "2", "--days", "2")
            try await folder.ingest(log.output)
            return folder
        }

        /// A rebuild that has begun and goes on for a while.
        private func startedRebuild(_ folder: TemporaryFolder) async throws -> VerdictProcess {
            let rebuild = try VerdictProcess(
                ["rebuild", "--json", "--m", "64", "--ef-construction", "1000", "--store", folder.store])
            try await eventually("the rebuild began") {
                try await jobs(folder).contains("only its own console can stop it")
            }
            return rebuild
        }

        /// The view that shows the jobs.
        private func jobs(_ folder: TemporaryFolder) async throws -> String {
            try await verdict("frame", "--view", "index", "--size", "120x36", "--store", folder.store).output
        }

        @Test func `a second rebuild joins the first and ends with its result`() async throws {
            let folder = try await folder()
            let store = ["--store", folder.store]
            let first = try await startedRebuild(folder)
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

        @Test func `Ctrl-C stops a rebuild, and the old index serves on`() async throws {
            let folder = try await folder()
            let rebuild = try await startedRebuild(folder)
            rebuild.child.signal(SIGINT)
            let stopped = try await rebuild.result()
            #expect(stopped.status == 130 && stopped.output.isEmpty)
            #expect(stopped.errors.contains("the old index serves on"), "\(stopped.errors)")
            #expect(try await jobs(folder).contains("cancelled"))
            let stats = try await folder.stats()
            #expect(stats["index"]["m"].integer == 16 && stats["vectors"].integer == 3_000)
            let store = ["--json", "--store", folder.store]
            let newest = try await verdict(["search", "-k", "1"] + store).object()["results"][0]["id"].text
            let near = try await verdict(["search", "--like", try #require(newest)] + store)
            #expect(try near.object()["results"].items.count == 10)
            #expect(try await verdict("rebuild", "--m", "8", "--store", folder.store).status == 0)
        }

        @Test(arguments: ["ingest", "import", "delete"])
        func `whoever writes next ends the job of a process that was killed, and says so`(writer: String)
            async throws
        {
            let folder = try await folder()
            let archive = folder.path("all.jsonl")
            #expect(try await verdict("export", archive, "--store", folder.store).status == 0)
            let rebuild = try await startedRebuild(folder)
            rebuild.child.signal(SIGKILL)
            _ = try await rebuild.result()
            #expect(try await jobs(folder).contains("orphaned"))
            let words =
                switch writer {
                case "ingest": ["ingest", try folder.write(NativeLog.line("a"), to: "log.jsonl")]
                case "import": ["import", archive]
                default: ["delete", "--yes", "principal:nobody"]
                }
            let run = try await verdict(words + ["--store", folder.store])
            #expect(run.status == 0 && run.errors.contains("its process ended"), "\(run)")
            let after = try await jobs(folder)
            #expect(!after.contains("orphaned") && after.contains("failed"), "\(after)")
        }
    }
}
