import Foundation
import PostgresStore
import PostgresTesting
import Testing

#if canImport(Glibc)
    import Glibc
#endif

extension Commands {
    /// The commands on a store that a PostgreSQL server keeps, beside the same on one in a folder.
    @Suite struct ServerStore {
        /// An answer without what differs from run to run.
        private static func answer(_ object: JSON, without keys: [String]) -> JSON {
            guard case .object(var members) = object else { return object }
            for key in keys { members[key] = nil }
            return .object(members)
        }

        private func ask(_ words: [String], _ store: String, without keys: [String] = []) async throws
            -> [JSON]
        {
            let run = try await verdict([words[0], "--store", store, "--json"] + words.dropFirst())
            #expect(run.status == 0, "\(words): \(run.errors)")
            return try run.objects().map { Self.answer($0, without: keys) }
        }

        private func ingest(_ files: [String], _ store: String) async throws -> JSON {
            let run = try await verdict(["ingest", "--store", store, "--json"] + files)
            return Self.answer(try run.object(), without: ["seconds"])
        }

        @Test(arguments: PostgresVersion.allCases)
        func `one log gives the same answers on a server as in a folder`(version: PostgresVersion)
            async throws
        {
            let database = try StoreDatabase(version)
            defer { database.drop() }
            let folder = try TemporaryFolder()
            let files = [
                try folder.write(
                    NativeLog.routine(1050) + NativeLog.routine(40, tenant: "globex", prefix: "g")
                        + NativeLog.intrusion(5, from: 10_600), to: "log.jsonl"),
                // The server has no zero character, and says U+FFFD in its place.
                try folder.write(
                    try Fixture.text("hostile.jsonl").replacing("\\u0000", with: "\u{FFFD}"),
                    to: "hostile.jsonl"),
                Fixture.path("kubernetes.audit.jsonl"),
            ]
            let stores = [folder.store, database.address]
            for _ in 0..<2 {
                let counts = try await [ingest(files, stores[0]), ingest(files, stores[1])]
                #expect(counts[0] == counts[1])
            }
            for words in [
                ["tenants"], ["anomalies"], ["anomalies", "state:new"],
            ] {
                let answers = try await [ask(words, stores[0]), ask(words, stores[1])]
                #expect(answers[0] == answers[1], "\(words)")
                #expect(!answers[0].isEmpty)
            }
            for words in [
                ["-k", "40"], ["-k", "25", "tenant:globex not effect:deny"],
                ["--like", "r-00007", "-k", "20", "--exact"],
                ["--like", "g-00007", "--exact", "kind:invoice"],
            ] {
                let answers = try await stores.asyncMap { store in
                    try await ask(["search"] + words, store, without: ["elapsed_us", "scanned", "strategy"])
                }
                #expect(answers[0] == answers[1], "\(words)")
            }
            let exported = try await stores.asyncMap { store in
                let run = try await verdict("export", "--store", store, folder.path("all.jsonl"))
                #expect(run.status == 0, "\(run.errors)")
                let lines = try folder.read("all.jsonl").split(separator: "\n").map {
                    try JSON(parsing: String($0))
                }
                try FileManager.default.removeItem(atPath: folder.path("all.jsonl"))
                return lines.sorted { "\($0["tenant"])\($0["id"])" < "\($1["tenant"])\($1["id"])" }
            }
            #expect(exported[0] == exported[1] && exported[0].count > 1_000)
            let deleted = try await stores.asyncMap { store in
                try await ask(["delete", "--yes", "effect:deny"], store, without: ["seconds"])
            }
            #expect(deleted[0] == deleted[1])
            #expect(try await ask(["tenants"], stores[0]) == ask(["tenants"], stores[1]))
        }

        @Test(arguments: PostgresVersion.allCases)
        func `every view and report is there`(version: PostgresVersion) async throws {
            let database = try StoreDatabase(version)
            defer { database.drop() }
            let counts = try await ingest([Fixture.path("native.jsonl")], database.address)
            #expect((counts["accepted"].integer ?? 0) > 0)
            // Who ends has moved on what it stored.
            #expect(try database.count("decision_inbox") == 0)
            for view in ["overview", "metrics", "anomalies", "tenants", "search", "index", "health", "log"] {
                let run = try await verdict(
                    "frame", "--view", view, "--size", "100x30", "--store", database.address)
                #expect(run.status == 0, "\(view): \(run.errors)")
                #expect(run.lines.count == 30)
            }
            let health = try await ask(["health"], database.address)
            let unwell = health[0]["checks"].items.filter { $0["status"].text != "ok" }
            let dangers = try ServerTraits(of: database.database).dangers
            // Servers that tests start take no care of power failures, and are told to; others may be well.
            if version == .fifteen { #expect(dangers == ["fsync is off"]) }
            #expect(unwell.map { $0["name"].text } == (dangers.isEmpty ? [] : ["settings"]), "\(unwell)")
            for danger in dangers {
                #expect(unwell.first?["detail"].text?.contains(danger) == true, "\(danger)")
            }
            let names = Set(health[0]["checks"].items.compactMap { $0["name"].text })
            #expect(names.isSuperset(of: ["server", "mirror", "inbox", "rows", "pgvector", "index"]))
            let search = try await ask(["search", "--like", "d-1", "--exact"], database.address)
            // One question is asked of the server, without a mirror.
            #expect(search[0]["strategy"].text == "exact")
            let stats = try await ask(["stats"], database.address)
            #expect(stats[0]["vectors"] == counts["accepted"])
            let server = stats[0]["server"]
            #expect(server["tables"].items.first?["name"].text == "decision_vectors")
            #expect(server["inbox_rows"].integer == 0 && server["queued"].integer == 0)
            let kinds = Set(server["indexes"].items.compactMap { $0["method"].text })
            #expect(kinds.contains("btree") && kinds.contains("hnsw") == (version == .eighteenWithVectors))
            let rebuild = try await verdict("rebuild", "--m", "12", "--json", "--store", database.address)
            #expect(rebuild.status == 0, "\(rebuild.errors)")
            let rebuilt = try rebuild.object()["server"]
            #expect(rebuilt["m"].integer == (version == .eighteenWithVectors ? 12 : nil))
            #expect(rebuild.errors.contains("beside the old one") == (version == .eighteenWithVectors))
        }

        @Test(arguments: [["stats"], ["health"], ["search"], ["ingest", "-"], ["rebuild"]])
        func `a server that is gone is told in a sentence`(words: [String]) async throws {
            let proxy = try TestProxy(to: 1)
            let port = proxy.port
            proxy.end()
            let address = "postgres://u:s3cret@127.0.0.1:\(port)/db"
            let run = try await verdict([words[0], "--store", address] + words.dropFirst())
            #expect(run.status == 1, "\(run.errors)")
            let told = run.output + run.errors
            #expect(told.contains("check that the server runs and can be reached"), "\(told)")
            #expect(!told.contains("s3cret"))
        }

        @Test(arguments: [["stats"], ["ingest", "-"]])
        func `Ctrl-C ends a command that waits for its store to be read`(words: [String]) async throws {
            let server = try PostgresServer.shared(.fifteen)
            let proxy = try TestProxy(to: server.port)
            defer { proxy.end() }
            proxy.set(.silent)
            let store = proxy.address(of: server) + "?connect_timeout=600"
            let process = try VerdictProcess([words[0], "--store", store] + words.dropFirst())
            try await eventually("it connects") { proxy.isUsed }
            process.child.signal(SIGINT)
            #expect(try await process.result().status == 130)
        }

        @Test(arguments: [["stats"], ["ingest", "-"], ["migrate"], ["console"]])
        func `nothing is told of an address that can be read in two ways`(words: [String]) async throws {
            let run = try await verdict(
                [words[0], "--store", "postgres://u:pa@s3cret@127.0.0.1:1/db"] + words.dropFirst())
            #expect(run.status == 2)
            #expect(run.errors.contains("percent-encode"), "\(run.errors)")
            #expect(!(run.output + run.errors).contains("s3cret"))
        }

        @Test func `what a process queued that was killed another one writes`() async throws {
            let server = try PostgresServer(.fifteen, settings: ["fsync = on"])
            let database = try StoreDatabase(on: server)
            defer { database.drop() }
            let folder = try TemporaryFolder()
            let home = ["XDG_CACHE_HOME": folder.path("cache")]
            let file = try folder.write(NativeLog.routine(20), to: "followed.jsonl")
            let first = try VerdictProcess(
                ["ingest", "--follow", "--store", database.address, file], environment: home)
            try await eventually("the first lines are stored") { try database.rows() == 20 }
            try server.stop()
            try folder.append(NativeLog.routine(30, tenant: "globex", prefix: "late"), to: "followed.jsonl")
            let last = Data("late-00029".utf8)
            try await eventually("the last line is queued") {
                let cache = folder.path("cache")
                // Nothing is there before something is queued.
                let paths = (try? FileManager.default.subpathsOfDirectory(atPath: cache)) ?? []
                return paths.contains { path in
                    path.contains("/queue/")
                        && (FileManager.default.contents(atPath: "\(cache)/\(path)")?.range(of: last) != nil)
                }
            }
            first.child.signal(SIGKILL)
            #expect(try await first.result().status == 128 + SIGKILL)
            try server.start()
            #expect(try database.rows() == 20)
            let run = try await verdict(
                ["ingest", "--store", database.address, "--json", "-"], environment: home)
            #expect(run.status == 0, "\(run.errors)")
            #expect(try database.rows() == 50)
            // Nothing is stored twice when the log is read again.
            let again = try await verdict(
                ["ingest", "--store", database.address, "--json", file], environment: home)
            #expect(try again.object()["accepted"].integer == 0 && database.rows() == 50)
        }

        @Test(arguments: PostgresVersion.allCases)
        func `who writes is killed, and the next goes on at once`(version: PostgresVersion) async throws {
            let database = try StoreDatabase(version)
            defer { database.drop() }
            let folder = try TemporaryFolder()
            let file = try folder.write(NativeLog.routine(400), to: "followed.jsonl")
            let first = try VerdictProcess(["ingest", "--follow", "--store", database.address, file])
            try await eventually("some lines are stored") { try database.rows() > 0 }
            first.child.signal(SIGKILL)
            #expect(try await first.result().status == 128 + SIGKILL)
            let counts = try await ingest([file], database.address)
            #expect(counts["read"].integer == 400)
            #expect((counts["accepted"].integer ?? 0) + (counts["duplicates"].integer ?? 0) == 400)
            #expect(try database.rows() == 400)
        }
    }
}

extension StoreDatabase {
    /// How many different rows both tables have.
    func rows() throws -> Int {
        try run(
            """
            select count(distinct id) from
                (select id from decision_inbox union all select id from decision_vectors) as rows
            """)[0].int(0)
    }
}

extension Array {
    /// The results of a closure for each element, one after another.
    fileprivate func asyncMap<Result>(_ transform: (Element) async throws -> Result) async throws -> [Result]
    {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
