import PostgresStore
import PostgresTesting
import Testing

extension Commands {
    /// `verdict bench --suite postgres` over a small store.
    @Suite struct PostgresBench {
        @Test func `the postgres suite measures everything and leaves nothing behind`() async throws {
            let database = try TestDatabase()
            defer { database.drop() }
            let run = try await verdict(
                "bench", "--suite", "postgres", "--store", database.address, "--decisions", "1000",
                "--seconds", "0.01", "--minutes", "0.01")
            #expect(run.status == 0, "\(run.errors)")
            let lines = try run.objects()
            let measures = Set(lines.compactMap { $0["measure"].text })
            #expect(
                measures == [
                    "copy", "index", "opening", "plain-insert", "plain-batch", "pgvector", "search",
                    "filtered", "insert", "batch", "foreign", "throughput",
                ])
            #expect(lines.allSatisfy { $0["decisions"].integer == 1_000 })
            let search = try #require(lines.first { $0["measure"].text == "search" })
            #expect((search["recall10"].number ?? 0) > 0.9)
            let stored = try #require(lines.first { $0["measure"].text == "throughput" })
            #expect(stored["searchable"].number == 1)
            let connection = try database.connect()
            defer { connection.close() }
            let left = try connection.run("select from pg_namespace where nspname = 'verdict_bench'").rows
            #expect(left.isEmpty)
        }

        @Test(arguments: [[], ["--store", "memory:"], ["--store", "postgres://h/d?options=-cx%3D1"]])
        func `it needs a server and a schema of its own`(words: [String]) async throws {
            let run = try await verdict(["bench", "--suite", "postgres"] + words)
            #expect(run.status == 2, "\(run.errors)")
            #expect(run.errors.contains("postgres suite"))
        }
    }
}
