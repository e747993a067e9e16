import Foundation
import Testing

extension Commands {
    @Suite struct Search {
        @Test func `without a likeness the newest come first and have no score`() async throws {
            let folder = try TemporaryFolder()
            try await folder.ingest(NativeLog.routine(30))
            let answer = try await folder.search()
            #expect(answer.keys == ["strategy", "exact", "scanned", "elapsed_us", "results"])
            #expect(answer["strategy"].text == "list")
            #expect(answer["exact"].flag == true)
            #expect((answer["scanned"].integer ?? -1) >= 10)
            #expect((answer["elapsed_us"].number ?? -1) >= 0)
            let results = answer["results"].items
            #expect(results.compactMap { $0["id"].text } == (20..<30).reversed().map { "r-000\($0)" })
            #expect(results.allSatisfy { $0.keys == ["id", "tenant", "metadata"] })
            #expect(results[0]["metadata"]["id"] == .absent)
            #expect(results[0]["metadata"]["principal"]["id"].text?.isEmpty == false)
        }

        @Test func `likeness leaves the decision itself out and orders by score, then identifier`()
            async throws
        {
            let folder = try TemporaryFolder()
            try await folder.ingest(NativeLog.routine(120))
            for exact in [[], ["--exact"]] {
                let run = try await verdict(
                    ["search", "--store", folder.store, "--json", "-k", "15", "--like", "r-00007"] + exact)
                let answer = try run.object()
                #expect(["exact", "graph", "filtered-graph"].contains(answer["strategy"].text))
                if !exact.isEmpty { #expect(answer["exact"].flag == true) }
                let results = answer["results"].items
                #expect(results.count == 15)
                #expect(!results.contains { $0["id"].text == "r-00007" })
                let keys = results.map { (score: $0["score"].number ?? 9, id: $0["id"].text ?? "") }
                let sorted = keys.sorted { ($1.score, $0.id) < ($0.score, $1.id) }
                #expect(keys.map(\.id) == sorted.map(\.id))
                #expect(keys.allSatisfy { (-1.000001...1.000001).contains($0.score) })
            }
        }

        @Test func `graph and exact search agree on a small store`() async throws {
            let folder = try TemporaryFolder()
            try await folder.ingest(NativeLog.routine(200))
            func scores(_ options: String...) async throws -> [Double] {
                let words = ["search", "--store", folder.store, "--json", "--like", "r-00042"] + options
                return try await verdict(words).object()["results"].items.compactMap { $0["score"].number }
            }
            let (near, exact) = (try await scores(), try await scores("--exact"))
            #expect(near.count == 10)
            #expect(zip(near, exact).allSatisfy { abs($0 - $1) < 1e-5 })
        }

        @Test func `a decision that is not stored can be asked about`() async throws {
            let folder = try TemporaryFolder()
            try await folder.ingest(files: [Fixture.path("native.jsonl")])
            let line = try Fixture.lines("native.jsonl")[0]
            let answer = try await folder.search("--decision", line, "-k", "2")
            #expect(answer["results"][0]["id"].text == "d-1")
            #expect(abs((answer["results"][0]["score"].number ?? 0) - 1) < 1e-6)
            let bad = try await verdict("search", "--store", folder.store, "--decision", "{not json")
            #expect(bad.status == 2)
        }

        @Test func `fewer than were asked for says why, and only then`() async throws {
            let folder = try TemporaryFolder()
            try await folder.ingest(NativeLog.routine(12))
            #expect(try await folder.search("-k", "12")["reason"] == .absent)
            for words in [["-k", "50"], ["-k", "12", "--like", "r-00000"], ["principal:nobody"]] {
                let answer = try await verdict(["search", "--store", folder.store, "--json"] + words).object()
                #expect(answer["reason"].text?.isEmpty == false, "\(words)")
            }
        }

        @Test func `an unknown identifier fails, an ambiguous one is a usage error that lists its tenants`()
            async throws
        {
            let folder = try TemporaryFolder()
            try await folder.ingest(files: [Fixture.path("native.jsonl")])
            let unknown = try await verdict("search", "--store", folder.store, "--like", "nobody")
            #expect(unknown.status == 1)
            #expect(unknown.errors.contains("nobody"))
            let ambiguous = try await verdict("search", "--store", folder.store, "--like", "shared")
            #expect(ambiguous.status == 2)
            #expect(ambiguous.errors.contains("acme") && ambiguous.errors.contains("globex"))
            let chosen = try await folder.search("tenant:globex", "--like", "shared", "-k", "1")
            #expect(chosen["results"][0]["id"].text == "d-4")
        }

        @Test func `a search within a tenant never crosses it`() async throws {
            let folder = try TemporaryFolder()
            try await folder.ingest(
                NativeLog.routine(150, tenant: "acme") + NativeLog.routine(9, tenant: "globex", prefix: "g"))
            for words in [["--like", "g-00001"], ["--like", "g-00001", "--exact"], []] {
                let run = try await verdict(
                    ["search", "--store", folder.store, "--json", "tenant:globex", "-k", "20"] + words)
                let results = try run.object()["results"].items
                #expect(results.count == (words.isEmpty ? 9 : 8))
                #expect(results.allSatisfy { $0["tenant"].text == "globex" })
            }
        }

        @Test(
            arguments: [
                ("tenant:globex", ["d-4", "shared"]), ("principal:alice", ["d-1", "d-3"]),
                ("effect:deny", ["d-2", "shared"]),
                ("kind:ledger action:read", ["d-4", "shared"]), ("action~exp", ["d-2"]),
                ("action~EXP", ["d-2"]),
                ("role:auditor", ["d-1"]), ("duration_us>=300", ["d-1"]), ("duration_us<13", ["d-3"]),
                ("cache_hit:true", ["d-3"]), ("id:[d-1,d-4]", ["d-1", "d-4"]), ("ip:10.1.2.3", ["d-1"]),
                ("agent~WEB", ["d-1"]), ("principal.attributes.region:eu", ["d-3"]),
                ("request.tags:b", ["d-3"]),
                ("scope:eu.finance or resource:l-1", ["d-1", "d-4"]), ("policy:invoice-base", ["d-1"]),
                ("(principal:alice or principal:bob) not effect:deny", ["d-1", "d-3"]),
                ("not tenant:acme not tenant:globex not tenant:initech", ["d-2"]),
                ("time>=2026-01-05T09:00:04Z tenant:[acme,globex]", ["shared", "shared"]),
                ("time<2026-01-05T09:00:01Z", ["d-1"]), ("principal:\"Jürgen Groß\"", ["Zürich-✓"]),
                ("principal:Alice", []), ("time>-3s", ["shared", "Zürich-✓"]),
            ] as [(String, [String])])
        func `a query finds what it says`(query: String, identifiers: [String]) async throws {
            let store = try await NativeStore.shared()
            let run = try await verdict(
                "search", "--store", store.store, "--json", "--now", "2026-01-05T09:00:07.5Z", query)
            #expect(run.status == 0, "\(run.errors)")
            let found = try run.object()["results"].items.compactMap { $0["id"].text }
            #expect(found.sorted() == identifiers.sorted())
        }

        @Test(arguments: [
            "effect=", "effect:", "(tenant:acme", "tenant:acme)", "duration_us>fast", "principal>5",
            "tenant:\"acme",
            "or", "not", "time>tomorrow", "kind:[a,", "tenant",
        ])
        func `a query that cannot be read is shown with a caret`(query: String) async throws {
            let store = try await NativeStore.shared()
            let run = try await verdict("search", "--store", store.store, "--json", query)
            #expect(run.status == 2, "\(run.output)")
            #expect(run.output.isEmpty)
            let lines = run.errors.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            let shown = try #require(lines.firstIndex { $0.contains(query) }, "\(run.errors)")
            #expect(lines.dropFirst(shown).contains { $0.contains("^") }, "\(run.errors)")
        }

        @Test func `queries have limits`() async throws {
            let store = try await NativeStore.shared()
            let long = "principal:" + String(repeating: "a", count: 4096)
            let deep = String(repeating: "(", count: 33) + "id:a" + String(repeating: ")", count: 33)
            for query in [long, deep] {
                let run = try await verdict("search", "--store", store.store, query)
                #expect(run.status == 2)
            }
            for limit in ["0", "-1", "many"] {
                let run = try await verdict("search", "--store", store.store, "-k", limit)
                #expect(run.status == 2, "-k \(limit)")
            }
        }
    }
}

/// One store with the native fixture that tests which only read it share.
private actor NativeStore {
    private static let instance = NativeStore()
    private var opening: Task<TemporaryFolder, any Error>?

    static func shared() async throws -> TemporaryFolder { try await instance.folder() }

    private func folder() async throws -> TemporaryFolder {
        if let opening { return try await opening.value }
        let task = Task {
            let folder = try TemporaryFolder()
            try await folder.ingest(files: [Fixture.path("native.jsonl")])
            return folder
        }
        opening = task
        return try await task.value
    }
}
