import Foundation
import PostgresStore
import PostgresTesting
import Testing

extension Commands {
    /// `verdict bench --suite postgres` over a small store.
    @Suite struct PostgresBench {
        /// How long a run may take that measures everything, on a busy machine.
        private static let patience = 240.0

        private static func start(
            _ database: TestDatabase, _ folder: TemporaryFolder, _ words: [String]
        ) throws -> VerdictProcess {
            try folder.write("", to: "scratch/here")
            return try VerdictProcess(
                ["bench", "--suite", "postgres", "--store", database.address, "--seconds", "0.01"] + words,
                environment: ["TMPDIR": folder.path("scratch")])
        }

        /// What a run has left: the schema, and what lies in the scratch folder.
        private static func isNothingLeft(_ database: TestDatabase, _ folder: TemporaryFolder) throws -> Bool
        {
            let connection = try database.connect()
            defer { connection.close() }
            let left = try connection.run("select from pg_namespace where nspname = 'verdict_bench'").rows
            let files = try FileManager.default.contentsOfDirectory(atPath: folder.path("scratch"))
            return left.isEmpty && files == ["here"]
        }

        @Test func `the postgres suite measures everything and leaves nothing behind`() async throws {
            let database = try TestDatabase()
            defer { database.drop() }
            // As a run leaves it that was killed.
            let connection = try database.connect()
            try connection.script("create schema verdict_bench; create table verdict_bench.plain (id text)")
            connection.close()
            let folder = try TemporaryFolder()
            let process = try Self.start(database, folder, ["--decisions", "8000", "--minutes", "0.01"])
            defer { process.child.signal(SIGKILL) }
            let run = try await process.result(seconds: Self.patience)
            #expect(run.status == 0, "\(run.errors)")
            let lines = try run.objects()
            let measures = Set(lines.compactMap { $0["measure"].text })
            #expect(
                measures == [
                    "copy", "index", "opening", "plain-insert", "plain-batch", "pgvector", "server-walk",
                    "server-search", "search", "filtered", "insert", "batch", "foreign", "throughput",
                ])
            #expect(lines.allSatisfy { $0["decisions"].integer == 8_000 })
            func only(_ measure: String) throws -> JSON {
                try #require(lines.first { $0["measure"].text == measure })
            }
            let copies = lines.filter { $0["measure"].text == "copy" }
            #expect(
                Set(copies.map { [$0["table"].text, $0["indexes"].text] }) == [
                    ["plain", "none"], ["plain", "gin"], ["decision_vectors", "none"],
                    ["decision_vectors", "gin"],
                ])
            // The graph is made after the mirror is open, and what is searched is searched by it.
            let openings = lines.filter { $0["measure"].text == "opening" }
            #expect(openings.map { $0["time"].text } == ["first", "second"])
            #expect(openings.map { $0["source"].text } == ["server", "saved"], "\(run.errors)")
            for opening in openings {
                #expect((opening["distinct"].integer ?? 0) > 6_400)
                #expect(opening["strategy"].text == "mirror-graph")
                #expect((opening["linked_s"].number ?? 0) >= (opening["first_answer_s"].number ?? 1))
            }
            #expect(openings.last?["first_strategy"].text == "mirror-graph")
            let batch = try only("batch")
            for key in ["p50_ms", "p99_ms", "novelty_p50_ms", "novelty_p99_ms"] {
                #expect((batch[key].number ?? 0) > 0, "\(key)")
            }
            #expect((batch["unlinked"].integer ?? -1) >= 0)
            let search = try only("search")
            #expect(search["graph_share"].number == 1)
            #expect((search["recall10"].number ?? 0) > 0.9)
            // The same walk by both, and the same answers.
            let walk = try only("server-walk")
            #expect(walk["strategy"].text == "pgvector" && walk["ef"].integer == 400)
            #expect((walk["recall10"].number ?? 0) >= (walk["plain_recall10"].number ?? 1) - 0.01)
            for key in ["plain_p50_us", "plain_p99_us", "p50_us", "p99_us", "ratio_p50", "ratio_p99"] {
                #expect((walk[key].number ?? 0) > 0, "\(key)")
            }
            let asked = lines.filter { $0["measure"].text == "server-search" }
            #expect(asked.map { $0["way"].text } == ["automatic", "exact"])
            #expect(asked.allSatisfy { $0["strategy"].text == "exact" && $0["recall10"].number == 1 })
            let foreign = try only("foreign")
            #expect(foreign["found"].integer == foreign["count"].integer)
            let stored = try only("throughput")
            #expect(stored["searchable"].number == 1)
            #expect((stored["searchable_at_once"].number ?? 2) <= 1)
            #expect(try Self.isNothingLeft(database, folder))
        }

        /// A run that loads and builds, and one that stores.
        private static let moments: [(words: [String], sign: String)] = [
            (["--decisions", "10000"], "\"copy\""),
            (["--decisions", "1000", "--minutes", "60"], "\"foreign\""),
        ]

        @Test(arguments: moments.indices, [SIGINT, SIGTERM])
        func `the first signal ends it, and nothing is left behind`(moment: Int, signal: Int32) async throws {
            let database = try TestDatabase()
            defer { database.drop() }
            let folder = try TemporaryFolder()
            let (words, sign) = Self.moments[moment]
            let process = try Self.start(database, folder, words)
            // What stores for an hour must not outlive a test that fails.
            defer { process.child.signal(SIGKILL) }
            try await eventually("it prints \(sign)", seconds: Self.patience) {
                process.outputSoFar.contains(sign)
            }
            process.child.signal(signal)
            let run = try await process.result()
            #expect(run.status == (signal == SIGINT ? 130 : 128 + SIGTERM), "\(run.errors)")
            // That its statements were ended is nobody's trouble.
            #expect(!run.errors.contains("verdict:"), "\(run.errors)")
            #expect(try Self.isNothingLeft(database, folder))
        }

        @Test(arguments: [[], ["--store", "memory:"], ["--store", "postgres://h/d?options=-cx%3D1"]])
        func `it needs a server and a schema of its own`(words: [String]) async throws {
            let run = try await verdict(["bench", "--suite", "postgres"] + words)
            #expect(run.status == 2, "\(run.errors)")
            #expect(run.errors.contains("postgres suite"))
        }
    }
}
