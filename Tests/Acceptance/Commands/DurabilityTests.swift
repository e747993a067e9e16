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

        @Test(arguments: [SIGINT, SIGKILL])
        func `following goes on where it was left`(signal: Int32) async throws {
            let folder = try TemporaryFolder()
            let first = try await holder(of: folder)
            first.child.signal(signal)
            _ = try await first.result()
            try folder.append(NativeLog.routine(7, prefix: "later"), to: "followed.jsonl")
            let second = try VerdictProcess([
                "ingest", "--follow", "--store", folder.store, folder.path("followed.jsonl"),
            ])
            try await eventually("the added lines are stored") {
                try await folder.stats()["vectors"].integer == 27
            }
            second.child.signal(SIGINT)
            let result = try await second.result()
            #expect([0, 130].contains(result.status), "\(result.status): \(result.errors)")
            #expect(result.output.contains("7 accepted"), "\(result.output)")
            if signal == SIGINT {
                #expect(result.errors.contains("goes on at line 21"), "\(result.errors)")
                #expect(result.output.contains("7 read"), "\(result.output)")
            }
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

        /// Puts bytes in place of others in the middle of a file and looks how two commands take it.
        private func expectRefusal(of file: String, in folder: TemporaryFolder, at place: Int) async throws {
            let whole = try folder.bytes(file)
            let damage = Data("#!/bin/sh\nexit 0".utf8)
            let damaged = whole.prefix(place) + damage + whole.dropFirst(place + damage.count)
            try folder.write(damaged, to: file)
            for words in [["stats"], ["ingest", Fixture.path("native.jsonl")]] {
                let run = try await verdict([words[0], "--store", folder.store] + words.dropFirst())
                #expect(run.status == 1, "\(file) at \(place): \(words[0])")
                #expect(run.errors.contains(folder.path(file)), "\(file) \(words[0]): \(run.errors)")
            }
            #expect(try folder.bytes(file) == damaged, "\(file) at \(place)")
            try folder.write(whole, to: file)
        }

        @Test func `a foreign or damaged file is refused by name and left as it is`() async throws {
            let folder = try TemporaryFolder()
            try await folder.ingest(NativeLog.routine(40))
            // A rebuild leaves a snapshot behind as well as a journal.
            let rebuilt = try await verdict("rebuild", "--store", folder.store)
            #expect(rebuilt.status == 0, "\(rebuilt.errors)")
            try await folder.ingest(NativeLog.routine(60))
            let kept = try folder.files(below: "store").filter { !$0.hasSuffix("lock") }
            #expect(kept.count == 3)
            for file in kept {
                let length = try folder.bytes(file).count
                for place in [0, length / 4, length / 2, length * 3 / 4] {
                    try await expectRefusal(of: file, in: folder, at: place)
                }
            }
            #expect(try await folder.stats()["vectors"].integer == 60)
        }

        @Test func `a journal whose end is cut off keeps the rest, and the cut end is set aside`()
            async throws
        {
            let folder = try TemporaryFolder()
            try await folder.ingest(NativeLog.routine(30))
            let file = "store/journal-0"
            let whole = try folder.bytes(file)
            // The mark at the end takes 24 bytes; before it stand records of the detector, not decisions.
            for cut in [3, 24 + 3] {
                try folder.write(whole.dropLast(cut), to: file)
                let stats = try await verdict("stats", "--store", folder.store, "--json")
                #expect(stats.status == 0)
                #expect(try stats.object()["vectors"].integer == 30)
                #expect(stats.errors.contains(folder.path(file)), "\(stats.errors)")
            }
            let log = try folder.write(NativeLog.routine(31), to: "log.jsonl")
            let run = try await verdict("ingest", "--store", folder.store, "--json", log)
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.errors.contains("set aside"), "\(run.errors)")
            #expect(try run.object()["accepted"].integer == 1)
            let aside = try folder.files(below: "store").filter { $0.contains(".torn-") }
            #expect(aside.count == 1)
            #expect(whole.range(of: try folder.bytes(try #require(aside.first))) != nil)
            let again = try await verdict("stats", "--store", folder.store, "--json")
            #expect(again.errors == "")
            #expect(try again.object()["vectors"].integer == 31)
        }

        @Test func `an anomalous line nested as deep as a line may be is kept with its incident`()
            async throws
        {
            let folder = try await SampleStore.copy()
            let deep = String(repeating: "[", count: 62) + String(repeating: "]", count: 62)
            let line = NativeLog.line(
                "deep", at: 10_700, principal: "mallory", kind: "secret", action: "exfiltrate",
                effect: "deny", address: "203.0.113.9"
            ).replacingOccurrences(of: "}}\n", with: "},\"attributes\":{\"deep\":\(deep)}}\n")
            #expect(try await folder.ingest(line).accepted == 1)
            let incidents = try await verdict("anomalies", "--store", folder.store, "--json")
            #expect(incidents.status == 0, "\(incidents.errors)")
            #expect(try incidents.objects().contains { $0["principal"].text == "mallory" })
            #expect(try await folder.ingest(line).duplicates == 1)
        }

        @Test func `files that are not the store's own stay where they are`() async throws {
            let folder = try TemporaryFolder()
            try await folder.ingest(NativeLog.routine(3))
            let others = ["store/movie.mkv.partial", "store/notes.new", "store/journal.new"]
            for name in others { try folder.write("mine", to: name) }
            try folder.write("left by a crash", to: "store/snapshot-1.new")
            try await folder.ingest(NativeLog.routine(5))
            for name in others { #expect(try folder.read(name) == "mine") }
            #expect(!folder.exists("store/snapshot-1.new"))
        }

        @Test func `a rebuild that a full disk does not keep exits 1 and says so`() async throws {
            let folder = try TemporaryFolder()
            try await folder.ingest(NativeLog.routine(40))
            // No file may pass a kilobyte; what is told goes through a pipe.
            let run = try await shell(
                """
                trap '' XFSZ
                (ulimit -f 1; $VERDICT rebuild --m 32 --store \(folder.store); echo status $?) 2>&1 | cat
                """)
            #expect(run.output.contains("status 1"), "\(run.output)")
            #expect(run.output.contains("could not be kept"), "\(run.output)")
            let stats = try await folder.stats()
            #expect(stats["vectors"].integer == 40)
            #expect(stats["index"]["m"].integer == 16)
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
            let isRoot = geteuid() == 0
            let asNobody = isRoot ? "setpriv --reuid=65534 --regid=65534 --clear-groups " : ""
            // Copied by another process: a child that this one starts meanwhile would hold the copy open for
            // writing, and it could not be run.
            let closing = try await shell(
                "cp '\(VerdictProcess.executable)' \(program) && chmod 755 \(folder.url.path) && chmod 755 \(program) && chmod \(isRoot ? "700" : "000") \(folder.path("store"))"
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
