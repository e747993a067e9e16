import Foundation
import Testing

extension Commands {
    /// Where answers and files of the commands go.
    @Suite struct Output {
        @Test func `without standard descriptors nothing is written into a store`() async throws {
            let folder = try TemporaryFolder()
            let log = folder.path("log.jsonl")
            try folder.write(NativeLog.routine(20) + "bad\n", to: "log.jsonl")
            let command = "$VERDICT ingest --json --store \(folder.store) \(log)"
            let run = try await shell("\(command) <&- >&- 2>&-")
            #expect(run.status == 3)
            #expect(try !folder.read("store/lock").contains("verdict:"))
            #expect(try folder.bytes("store/journal-0").range(of: Data("log.jsonl:21".utf8)) == nil)
            let told = try await shell("\(command) >&-")
            #expect(told.errors.contains("cannot write the output: Bad file descriptor"), "\(told.errors)")
            let stats = try await verdict("stats", "--store", folder.store, "--json")
            #expect(stats.errors.isEmpty, "\(stats.errors)")
            #expect(try stats.object()["vectors"].integer == 20)
        }

        @Test func `a file stays as it was when what should replace it fails`() async throws {
            let folder = try TemporaryFolder()
            let vectors = try folder.write("old", to: "old.fvecs")
            let missing = try await verdict("embed", folder.path("missing.jsonl"), "--fvecs", vectors)
            #expect(missing.status == 1)
            let labels = try folder.write("old", to: "labels.csv")
            let log = "generate --seed 1 --decisions 2000 --tenants 2 --days 2"
            let full = try await shell("$VERDICT \(log) --labels \(labels) > /dev/full")
            #expect(full.status == 1)
            #expect(try folder.read("old.fvecs") == "old")
            #expect(try folder.read("labels.csv") == "old")
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
            #expect(names.sorted() == ["labels.csv", "old.fvecs"])
        }

        @Test func `a link is written through and stays a link`() async throws {
            let folder = try TemporaryFolder()
            let file = try folder.write("old", to: "vectors.fvecs")
            let link = folder.path("link.fvecs")
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: file)
            let run = try await verdict("embed", Fixture.path("native.jsonl"), "--fvecs", link)
            #expect(run.status == 0, "\(run.errors)")
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == file)
            #expect(try folder.bytes("vectors.fvecs").count % (4 * 385) == 0)
        }

        @Test func `an import tells how many lines it did not take, and refuses a folder`() async throws {
            let folder = try TemporaryFolder()
            let lines = NativeLog.line("a") + String(repeating: "bad\n", count: 13) + NativeLog.line("b")
            let file = try folder.write(lines, to: "some.jsonl")
            let run = try await verdict("import", file, "--store", folder.store, "--json")
            #expect(run.status == 3)
            #expect(try run.object()["vectors"].integer == 2)
            let told = run.errors.split(separator: "\n")
            #expect(told.count == 11)
            #expect(told.last == "verdict: 3 more rejected")
            try folder.write("", to: "folder.jsonl/inside")
            let refused = try await verdict("import", folder.path("folder.jsonl"), "--store", folder.store)
            #expect(refused.status == 1)
            #expect(refused.errors.contains("Is a directory"), "\(refused.errors)")
        }

        @Test func `a long cell is cut in a table and whole in JSON`() async throws {
            let folder = try TemporaryFolder()
            let actions = (1...1000).map { "\"action-\($0)\"" }.joined(separator: ",")
            let line = NativeLog.line("long").replacingOccurrences(
                of: #""actions":["read"]"#, with: "\"actions\":[\(actions)]")
            #expect(
                try await folder.ingest(line + NativeLog.line("short")) == IngestCounts(read: 2, accepted: 2))
            let run = try await verdict("search", "--store", folder.store)
            #expect(run.lines.allSatisfy { $0.count < 300 }, "\(run.lines.map(\.count))")
            #expect(run.output.contains("action-1,action-2,") && run.output.contains("…"))
            let found = try await folder.search("id:long")["results"].items
            #expect(found.first?["metadata"]["actions"].items.count == 1000)
        }
    }
}
