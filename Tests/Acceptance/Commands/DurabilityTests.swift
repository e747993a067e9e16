import Foundation
import Testing

#if canImport(Glibc)
    import Glibc
#endif

extension Commands {
    @Suite struct Durability {
        /// An ingest that follows a file keeps the store's lock until it is ended.
        private func holder(of folder: TemporaryFolder) async throws -> VerdictProcess {
            let file = try folder.write(NativeLog.routine(20), to: "followed.jsonl")
            let holder = try VerdictProcess(["ingest", "--follow", "--store", folder.store, file])
            try await eventually("the first lines are stored") {
                let run = try await verdict("stats", "--store", folder.store, "--json")
                return try run.status == 0 && run.object()["vectors"].integer == 20
            }
            return holder
        }

        @Test func `a second writer is told who holds the store, readers are not held up`() async throws {
            let folder = try TemporaryFolder()
            let holder = try await holder(of: folder)
            let second = try await verdict("ingest", "--store", folder.store, Fixture.path("native.jsonl"))
            #expect(second.status == 1)
            #expect(second.errors.contains("\(holder.child.pid)"))
            #expect(second.errors.contains("ingest"))
            for words in [
                ["rebuild"], ["delete", "--yes", "id:r-00001"], ["import", folder.path("x.jsonl")],
            ] {
                let run = try await verdict([words[0], "--store", folder.store] + words.dropFirst())
                #expect(run.status == 1, "\(words)")
            }
            for words in [
                ["search"], ["stats"], ["tenants"], ["anomalies"], ["health"],
                ["export", folder.path("all.jsonl")],
                ["frame", "--view", "overview", "--size", "80x24"], ["delete", "--dry-run", "id:r-00001"],
            ] {
                let run = try await verdict([words[0], "--store", folder.store] + words.dropFirst())
                #expect(run.status == 0, "\(words): \(run.errors)")
            }
            holder.child.signal(SIGTERM)
            _ = try await holder.result()
            #expect(try await folder.stats()["vectors"].integer == 20)
        }

        @Test func `a followed file is read as it grows`() async throws {
            let folder = try TemporaryFolder()
            let holder = try await holder(of: folder)
            try folder.append(NativeLog.routine(7, prefix: "later"), to: "followed.jsonl")
            try await eventually("the added lines are stored") {
                try await folder.stats()["vectors"].integer == 27
            }
            holder.child.signal(SIGINT)
            let result = try await holder.result()
            #expect([0, 130].contains(result.status), "\(result.status): \(result.errors)")
        }

        @Test func `what was acknowledged survives a kill, and the lock does not`() async throws {
            let folder = try TemporaryFolder()
            let holder = try await holder(of: folder)
            holder.child.signal(SIGKILL)
            #expect(try await holder.result().status == 128 + SIGKILL)
            #expect(try await folder.stats()["vectors"].integer == 20)
            let counts = try await folder.ingest(NativeLog.routine(25))
            #expect(counts == IngestCounts(read: 25, accepted: 5, duplicates: 20))
        }

        @Test func `a store is private to its owner`() async throws {
            let folder = try TemporaryFolder()
            try await folder.ingest(NativeLog.routine(3))
            func mode(_ path: String) throws -> Int {
                let attributes = try FileManager.default.attributesOfItem(atPath: path)
                return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0
            }
            #expect(try mode(folder.path("store")) == 0o700)
            let files = try folder.files(below: "store")
            #expect(!files.isEmpty)
            for file in files { #expect(try mode(folder.path(file)) == 0o600, "\(file)") }
        }

        @Test func `a foreign or damaged file is refused by name and left as it is`() async throws {
            let folder = try TemporaryFolder()
            try await folder.ingest(NativeLog.routine(40))
            // A rebuild leaves a snapshot behind as well as a journal.
            let rebuilt = try await verdict("rebuild", "--store", folder.store)
            #expect(rebuilt.status == 0, "\(rebuilt.errors)")
            try await folder.ingest(NativeLog.routine(60))
            let kept = try folder.files(below: "store").filter { file in
                let name = file.lowercased()
                return !name.hasSuffix("lock") && !name.hasSuffix(".pid")
            }
            #expect(!kept.isEmpty)
            for file in kept where try folder.bytes(file).count >= 16 {
                let whole = try folder.bytes(file)
                let damaged = Data("#!/bin/sh\nexit 0".utf8) + whole.dropFirst(16)
                try folder.write(damaged, to: file)
                for words in [["stats"], ["ingest", Fixture.path("native.jsonl")]] {
                    let run = try await verdict([words[0], "--store", folder.store] + words.dropFirst())
                    #expect(run.status == 1, "\(file) \(words[0])")
                    #expect(run.errors.contains(folder.path(file)), "\(file) \(words[0]): \(run.errors)")
                }
                #expect(try folder.bytes(file) == damaged, "\(file)")
                try folder.write(whole, to: file)
            }
            #expect(try await folder.stats()["vectors"].integer == 60)
        }

        @Test func `a journal cut off in the middle of a record loses that record only`() async throws {
            let folder = try TemporaryFolder()
            try await folder.ingest(NativeLog.routine(30))
            let journal = try #require(
                try folder.files(below: "store").max { try folder.bytes($0).count < folder.bytes($1).count })
            let whole = try folder.bytes(journal)
            try folder.write(whole.dropLast(3), to: journal)
            let vectors = try #require(try await folder.stats()["vectors"].integer)
            #expect((0...30).contains(vectors))
            #expect(try await folder.ingest(NativeLog.routine(30)).accepted == 30 - vectors)
            #expect(try await folder.stats()["vectors"].integer == 30)
        }

        @Test func `a store that cannot be made is an error that names it`() async throws {
            let folder = try TemporaryFolder()
            let file = try folder.write("a file", to: "file")
            for path in [file + "/below", file, "/proc/verdict-store"] {
                let run = try await verdict(
                    "ingest", "--store", "memory:" + path, Fixture.path("native.jsonl"))
                #expect(run.status == 1, "\(path)")
                #expect(run.errors.contains(path), "\(run.errors)")
            }
            #expect(try folder.read("file") == "a file")
        }

        @Test func `a folder without permission is an error that names it`() async throws {
            let folder = try TemporaryFolder()
            try await folder.ingest(NativeLog.routine(3))
            // Permissions do not bind root, which the tests may run as: the program runs as nobody then.
            let program = folder.path("verdict")
            try FileManager.default.copyItem(atPath: VerdictProcess.executable, toPath: program)
            let isRoot = geteuid() == 0
            let asNobody = isRoot ? "setpriv --reuid=65534 --regid=65534 --clear-groups " : ""
            let closing = try await shell(
                "chmod 755 \(folder.url.path) && chmod 755 \(program) && chmod \(isRoot ? "700" : "000") \(folder.path("store"))"
            )
            #expect(closing.status == 0)
            for words in ["stats", "ingest \(Fixture.path("native.jsonl"))"] {
                let run = try await shell("\(asNobody)\(program) \(words) --store \(folder.store)")
                #expect(run.status == 1, "\(words): \(run.errors)")
                #expect(run.errors.contains(folder.path("store")), "\(run.errors)")
            }
            let opening = try await shell("chmod 700 \(folder.path("store"))")
            #expect(opening.status == 0)
        }
    }
}
