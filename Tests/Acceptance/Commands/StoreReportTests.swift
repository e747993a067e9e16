import Foundation
import Testing

extension Commands {
    @Suite struct StoreReports {
        @Test func `statistics tell what is kept`() async throws {
            let folder = try TemporaryFolder()
            try await folder.ingest(
                NativeLog.line("a") + NativeLog.line("b") + NativeLog.line("c", effect: "deny"))
            let stats = try await folder.stats()
            #expect(
                stats.keys == [
                    "vectors", "distinct", "dimension", "recipe", "distinct_share", "index", "memory_bytes",
                    "memory_parts", "mapped_bytes", "rss_bytes", "last_insert", "tenants",
                ])
            #expect(stats["vectors"].integer == 3)
            #expect(stats["distinct"].integer == 2)
            #expect(stats["dimension"].integer == 384)
            #expect(stats["tenants"].integer == 1)
            #expect(stats["recipe"].text?.isEmpty == false)
            #expect((stats["memory_bytes"].integer ?? 0) > 0)
            #expect((stats["rss_bytes"].integer ?? 0) > 1_000_000)
            #expect(stats["last_insert"].text?.contains("T") == true)
            let index = stats["index"]
            #expect(
                index.keys == [
                    "m", "ef_construction", "ef", "quantization", "kernel", "nodes", "tombstones",
                    "unreachable", "layers", "degrees", "self_recall", "distances_per_query",
                    "hops_per_query", "training",
                ])
            #expect(index["training"] == .null)
            #expect(stats["distinct_share"].number == 0.6667)
            #expect(index["self_recall"].number == 1)
            #expect((index["distances_per_query"].number ?? 0) > 0)
            #expect((index["hops_per_query"].number ?? 0) > 0)
            #expect(index["layers"][0].integer == 2 && index["degrees"][1].integer == 2)
            #expect(stats["memory_parts"].keys.contains("links") && stats["mapped_bytes"].integer == 0)
            #expect(index["nodes"].integer == 2)
            #expect(index["unreachable"].integer == 0)
            let table = try await verdict("stats", "--store", folder.store)
            #expect(table.status == 0 && table.output.contains("384"))
            for fact in ["self-recall", "hops", "layers", "median", "kernel", "  links", "distinct share"] {
                #expect(table.output.contains(fact), "\(table.output)")
            }
        }

        @Test func `tenants are listed with their counts`() async throws {
            let folder = try TemporaryFolder()
            try await folder.ingest(files: [Fixture.path("native.jsonl")])
            let tenants = try await verdict("tenants", "--store", folder.store, "--json").objects()
            #expect(
                tenants.allSatisfy {
                    $0.keys == ["tenant", "vectors", "distinct", "denies", "anomalies", "last_time"]
                })
            #expect(tenants.compactMap { $0["tenant"].text }.sorted() == ["", "acme", "globex", "initech"])
            let globex = try #require(tenants.first { $0["tenant"].text == "globex" })
            #expect(globex["vectors"].integer == 2)
            #expect(globex["distinct"].integer == 2)
            #expect(globex["denies"].integer == 1)
            #expect(globex["last_time"].text == "2026-01-05T09:00:05Z")
            let table = try await verdict("tenants", "--store", folder.store)
            #expect(table.output.contains("(none)"))
        }

        @Test func `a store in order is healthy`() async throws {
            let folder = try TemporaryFolder()
            try await folder.ingest(NativeLog.routine(5))
            let run = try await verdict("health", "--store", folder.store, "--json")
            #expect(run.status == 0)
            let answer = try run.object()
            #expect(answer.keys == ["status", "checks"])
            #expect(answer["status"].text == "ok")
            let names = answer["checks"].items.compactMap { $0["name"].text }
            #expect(
                names.sorted() == [
                    "detector", "disk", "identity", "index", "journal", "lock", "retention", "snapshot",
                    "times",
                ])
            for check in answer["checks"].items {
                #expect(check.keys == ["name", "status", "since", "detail"])
                #expect(["ok", "degraded", "failed"].contains(check["status"].text))
            }
        }

        @Test func `a store that cannot be opened is one failed check`() async throws {
            let folder = try TemporaryFolder()
            try folder.write("not a journal at all", to: "store/journal-0")
            for (name, sentence) in [("store", "journal-0"), ("gone", "does not exist")] {
                let address = "memory:" + folder.path(name)
                let run = try await verdict("health", "--store", address, "--json")
                #expect(run.status == 1)
                let answer = try run.object()
                #expect(answer["status"].text == "failed")
                let check = answer["checks"][0]
                #expect(answer["checks"].items.count == 1)
                #expect(check.keys == ["name", "status", "since", "detail"])
                #expect(check["name"].text == "store" && check["status"].text == "failed")
                #expect(check["detail"].text?.contains(sentence) == true)
                let table = try await verdict("health", "--store", address)
                #expect(table.status == 1)
                #expect(table.output.contains(sentence) && table.output.hasSuffix("status: failed\n"))
            }
        }

        @Test func `a picture shows the checks that the command lists`() async throws {
            let folder = try await SampleStore.shared()
            let run = try await verdict("health", "--store", folder.store, "--json")
            let frame = try await verdict(
                "frame", "--store", folder.store, "--view", "health", "--size", "160x50")
            for check in try run.object()["checks"].items {
                let name = try #require(check["name"].text)
                #expect(frame.output.contains(name), "\(name)")
            }
            #expect(frame.output.contains("nobody scores now"))
        }

        @Test func `a default store that is not there is in order and has nothing to rebuild`() async throws {
            let folder = try TemporaryFolder()
            let home = ["XDG_DATA_HOME": folder.url.path]
            let health = try await verdict(["health", "--json"], environment: home)
            #expect(health.status == 0)
            #expect(!health.output.contains("free space is unknown"))
            let rebuild = try await verdict(["rebuild"], environment: home)
            #expect(rebuild.status == 0, "\(rebuild.errors)")
            #expect(rebuild.output.contains("nothing to rebuild") && rebuild.output.contains("0 decisions"))
            let object = try await verdict(["rebuild", "--json"], environment: home).object()
            #expect(object["before"].keys == ["recall", "p50_us", "memory_bytes"])
            #expect(!folder.exists("verdict"))
        }

        @Test func `two contents under one identifier are told by health`() async throws {
            let folder = try TemporaryFolder()
            try await folder.ingest(NativeLog.line("twice") + NativeLog.line("twice", principal: "mallory"))
            let run = try await verdict("health", "--store", folder.store, "--json")
            let checks = try run.object()["checks"].items
            let identity = try #require(checks.first { $0["name"].text == "identity" })
            #expect(identity["status"].text == "degraded")
            #expect(identity["detail"].text?.hasPrefix("1 decision came under") == true)
        }

        @Test func `a rebuild tells recall, latency and memory before and after`() async throws {
            let folder = try TemporaryFolder()
            try await folder.ingest(NativeLog.routine(150))
            let run = try await verdict(
                "rebuild", "--store", folder.store, "--json", "--m", "8", "--ef-construction", "80")
            #expect(run.status == 0, "\(run.errors)")
            let answer = try run.object()
            #expect(answer.keys == ["before", "after", "built"])
            #expect(try await folder.stats()["distinct"].integer == answer["built"]["nodes"].integer)
            #expect((answer["built"]["self_recall"].number ?? 0) >= 0.95)
            for side in ["before", "after"] {
                #expect(answer[side].keys == ["recall", "p50_us", "memory_bytes"])
                #expect((answer[side]["recall"].number ?? 0) >= 0.95)
                #expect((answer[side]["memory_bytes"].integer ?? 0) > 0)
            }
            let stats = try await folder.stats()
            #expect(stats["index"]["m"].integer == 8)
            #expect(stats["index"]["ef_construction"].integer == 80)
            #expect(stats["vectors"].integer == 150)
            let wrong = try await verdict("rebuild", "--store", folder.store, "--m", "1")
            #expect(wrong.status == 2)
        }

        @Test func `a rebuild gives searches smaller codes, which are kept`() async throws {
            let folder = try TemporaryFolder()
            try await folder.ingest(NativeLog.routine(150))
            let run = try await verdict("rebuild", "--store", folder.store, "--json", "--quantization", "pq8")
            #expect((try run.object()["after"]["recall"].number ?? 0) >= 0.95, "\(run.errors)")
            let index = try await folder.stats()["index"]
            #expect(index["quantization"].text == "pq8")
            let training = index["training"]
            #expect(training.keys == ["vectors", "vectors_needed", "centroids", "centroid_limit"])
            #expect(training["vectors_needed"].integer == 10_000)
            #expect(training["centroid_limit"].integer == 256)
            let vectors = try #require(training["vectors"].integer)
            #expect(vectors == index["nodes"].integer)
            #expect(run.errors.contains("pq8 has \(vectors) of 10,000 vectors to train on"), "\(run.errors)")
            let table = try await verdict("stats", "--store", folder.store)
            #expect(table.output.contains("\(vectors) of 10,000 vectors, "), "\(table.output)")
            let wrong = try await verdict("rebuild", "--store", folder.store, "--quantization", "pq9")
            #expect(wrong.status == 2)
            #expect(wrong.errors.contains("none, sq8, sq4, pq4, pq8, pq16"))
        }

        @Test func `a rebuild leaves a job that every console shows`() async throws {
            let folder = try TemporaryFolder()
            try await folder.ingest(NativeLog.routine(60))
            for m in ["8", "12"] {
                #expect(try await verdict("rebuild", "--store", folder.store, "--m", m).status == 0)
            }
            let words = ["frame", "--view", "index", "--size", "120x36", "--store", folder.store]
            let frame = try await verdict(words)
            #expect(frame.output.contains("#2 rebuild m=12"), "\(frame.output)")
            #expect(frame.output.contains("done") && frame.output.contains("before"))
            #expect(frame.output.contains("(pid "))
            #expect(try await verdict(words).output == frame.output)
        }

        @Test func `a configured recall chooses the breadth of searches`() async throws {
            let folder = try TemporaryFolder()
            let configuration = try folder.write("recall: 0.9\n", to: "config.yaml")
            let log = try folder.write(NativeLog.routine(120), to: "log.jsonl")
            let store = ["--store", folder.store, "--config", configuration]
            #expect(try await verdict(["ingest", log] + store).status == 0)
            let words = ["frame", "--view", "index", "--size", "120x36", "--store", folder.store]
            let frame = try await verdict(words)
            #expect(frame.output.contains("≥ 90.0 %"), "\(frame.output)")
            #expect(frame.output.contains("search 10"), "\(frame.output)")
            #expect(try await verdict(["rebuild"] + store).errors == "")
            #expect(try await folder.stats()["vectors"].integer == 120)
            let wrong = try folder.write("recall: 2\n", to: "wrong.yaml")
            let refused = try await verdict(["search", "--store", folder.store, "--config", wrong])
            #expect(refused.errors.contains("`recall` must be a number from 0.5 to 0.999"))
        }

        @Test func `deleting counts first, asks, and deletes what matched`() async throws {
            let folder = try TemporaryFolder()
            try await folder.ingest(files: [Fixture.path("native.jsonl")])
            func delete(_ words: String...) async throws -> VerdictProcess.Result {
                try await verdict(["delete", "--store", folder.store, "--json"] + words)
            }
            let dry = try await delete("--dry-run", "tenant:acme").object()
            #expect(dry.keys == ["matched", "deleted", "seconds"])
            #expect(dry["matched"].integer == 3 && dry["deleted"].integer == 0)
            #expect(try await folder.stats()["vectors"].integer == 7)

            let unasked = try await delete("tenant:acme")
            #expect(unasked.status == 2)
            #expect(unasked.output.isEmpty && unasked.errors.contains("give --yes"))
            #expect(try await folder.stats()["vectors"].integer == 7)

            let byQuery = try await delete("--yes", "tenant:acme").object()
            #expect(byQuery["matched"].integer == 3 && byQuery["deleted"].integer == 3)
            let byIdentifier = try await delete("--yes", "--id", "d-2", "--id", "d-4").object()
            #expect(byIdentifier["deleted"].integer == 2)
            let left = try await folder.search()["results"].items.compactMap { $0["id"].text }
            #expect(left.sorted() == ["Zürich-✓", "shared"])
        }

        @Test func `a tenant may stand beside identifiers, and nothing else`() async throws {
            let folder = try TemporaryFolder()
            try await folder.ingest(files: [Fixture.path("native.jsonl")])
            let several = try await verdict("delete", "--store", folder.store, "--id", "shared", "--dry-run")
            #expect(several.status == 2)
            let one = try await verdict(
                "delete", "--store", folder.store, "--id", "shared", "tenant:acme", "--dry-run", "--json")
            #expect(try one.object()["matched"].integer == 1)
            let more = try await verdict(
                "delete", "--store", folder.store, "--id", "shared", "effect:deny", "--dry-run")
            #expect(more.status == 2)
        }

        @Test(arguments: [["rebuild"], ["delete", "--id", "x", "--yes"]])
        func `a store that is not there is not made by who changes it`(words: [String]) async throws {
            let folder = try TemporaryFolder()
            let run = try await verdict(words + ["--store", folder.store])
            #expect(run.status == 1)
            #expect(!folder.exists("store"))
        }

        @Test func `the caret of a query stands under its place`() async throws {
            let folder = try TemporaryFolder()
            try await folder.ingest(NativeLog.routine(3))
            let run = try await verdict("search", "--store", folder.store, "effect:deny and")
            let lines = run.errors.split(separator: "\n")
            let place = try #require(lines.firstIndex(of: "effect:deny and"))
            try #require(place + 1 < lines.count)
            #expect(lines[place + 1].hasPrefix(String(repeating: " ", count: "effect:deny and".count) + "^ "))
        }

        @Test func `deleting everything by an empty query is refused`() async throws {
            let folder = try TemporaryFolder()
            try await folder.ingest(NativeLog.routine(3))
            for words in [[], [""], ["  "]] {
                let run = try await verdict(["delete", "--store", folder.store, "--yes"] + words)
                #expect(run.status == 2)
            }
            #expect(try await folder.stats()["vectors"].integer == 3)
        }
    }

    @Suite struct Archives {
        @Test(arguments: ["all.jsonl", "all.jsonl.gz", "all.pgcopy"])
        func `what is exported is imported whole`(name: String) async throws {
            let (source, target) = (try TemporaryFolder(), try TemporaryFolder())
            for fixture in ["native.jsonl", "kubernetes.audit.jsonl", "hostile.jsonl"] {
                try await source.ingest(files: [Fixture.path(fixture)])
            }
            let file = source.path(name)
            let exported = try await verdict("export", file, "--store", source.store, "--json")
            #expect(exported.status == 0, "\(exported.errors)")
            let answer = try exported.object()
            #expect(answer.keys == ["vectors", "bytes", "seconds"])
            #expect(answer["vectors"].integer == 26)
            let bytes = try source.bytes(name)
            #expect(answer["bytes"].integer == bytes.count)
            if name.hasSuffix(".gz") { #expect(Array(bytes.prefix(2)) == [0x1f, 0x8b]) }
            if name.hasSuffix(".pgcopy") {
                #expect(bytes.starts(with: Data("PGCOPY\n".utf8) + [0xff, 0x0d, 0x0a, 0x00]))
            }

            let imported = try await verdict("import", file, "--store", target.store, "--json")
            #expect(imported.status == 0, "\(imported.errors)")
            #expect(try imported.object()["vectors"].integer == 26)
            let (before, after) = (
                try await source.search("-k", "50")["results"], try await target.search("-k", "50")["results"]
            )
            #expect(before.items.count == 26)
            // PostgreSQL has no zero character: another stands in its place.
            let isTable = name.hasSuffix(".pgcopy")
            #expect((isTable ? before.withoutZeros : before) == after)
            let like = ["--like", "d-1", "--exact"]
            let near = try await verdict(["search", "--store", source.store, "--json"] + like).object()
            let same = try await verdict(["search", "--store", target.store, "--json"] + like).object()
            let nearest = near["results"]
            #expect((isTable ? nearest.withoutZeros : nearest) == same["results"])
        }

        @Test func `an export can be narrowed by a query`() async throws {
            let folder = try TemporaryFolder()
            try await folder.ingest(files: [Fixture.path("native.jsonl")])
            let file = folder.path("acme.jsonl")
            let run = try await verdict("export", file, "tenant:acme", "--store", folder.store, "--json")
            #expect(try run.object()["vectors"].integer == 3)
            let text = try folder.read("acme.jsonl")
            #expect(text.split(separator: "\n").count == 3)
        }

        @Test func `an archive of an unknown kind and a damaged one are refused`() async throws {
            let folder = try TemporaryFolder()
            try await folder.ingest(NativeLog.routine(3))
            let unknown = try await verdict("export", folder.path("all.zip"), "--store", folder.store)
            #expect(unknown.status == 2)
            let damaged = try folder.write("PGCOPX not at all", to: "bad.pgcopy")
            let run = try await verdict("import", damaged, "--store", folder.store)
            #expect(run.status == 1)
            #expect(run.errors.contains("bad.pgcopy"))
            #expect(try await folder.stats()["vectors"].integer == 3)
        }

        /// An export of some decisions as a table, and where in it each row begins.
        private func table(of count: Int, in folder: TemporaryFolder) async throws -> (Data, rows: [Int]) {
            try await folder.ingest(NativeLog.routine(count))
            let run = try await verdict("export", folder.path("all.pgcopy"), "--store", folder.store)
            #expect(run.status == 0, "\(run.errors)")
            let bytes = try folder.bytes("all.pgcopy")
            var rows: [Int] = []
            var place = 19
            while bytes[place] == 0 {
                rows.append(place)
                place += 2
                for _ in 0..<4 { place += 4 + bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }
            }
            return (bytes, rows)
        }

        @Test func `a row that is not usable is rejected and the others are stored`() async throws {
            let (source, target) = (try TemporaryFolder(), try TemporaryFolder())
            let (whole, rows) = try await table(of: 30, in: source)
            var bytes = whole
            // Counts, then the identifier of seven letters; the vector behind it begins with its dimension.
            let vector = rows[20] + 2 + 4 + 7 + 4
            bytes.replaceSubrange(vector + 4..<vector + 8, with: [0x7F, 0xC0, 0, 0])
            let file = try source.write(bytes, to: "bad.pgcopy")
            let run = try await verdict("import", file, "--store", target.store, "--json")
            #expect(run.status == 3)
            #expect(try run.object()["vectors"].integer == 29)
            #expect(run.errors.contains("bad.pgcopy: row 21: its vector holds a value"), "\(run.errors)")
            #expect(try await target.stats()["vectors"].integer == 29)
        }

        @Test func `what comes before a broken row is stored and told, and the row is named`() async throws {
            let (source, target) = (try TemporaryFolder(), try TemporaryFolder())
            let (whole, rows) = try await table(of: 30, in: source)
            var bytes = whole
            bytes[rows[20] + 1] = 9
            let file = try source.write(bytes, to: "broken.pgcopy")
            let run = try await verdict("import", file, "--store", target.store, "--json")
            #expect(run.status == 1)
            #expect(try run.object()["vectors"].integer == 20)
            #expect(run.errors.contains("broken.pgcopy: row 21: it has 9 columns"), "\(run.errors)")
            #expect(try await target.stats()["vectors"].integer == 20)
        }
    }
}
