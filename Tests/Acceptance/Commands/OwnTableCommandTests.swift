import PostgresStore
import PostgresTesting
import Testing

extension Commands {
    /// The commands on a table of somebody else's making, and searches that a server answers.
    @Suite struct OwnTable {
        @Test func `a table of any dimension is looked at by its own columns`() async throws {
            let database = try StoreDatabase(.eighteenWithVectors)
            defer { database.drop() }
            try database.run("create table docs (key int, v vector(3), who text)")
            try database.run(
                "insert into docs values (1, '[1,0,0]', 'x'), (2, '[1,1,0]', 'y'), (3, '[0,0,1]', 'y')")
            let store = database.address + "&table=docs&id=key&embedding=v&tenant=who"
            let stats = try await verdict("stats", "--store", store, "--json")
            #expect(try stats.object()["dimension"] == .number(3), "\(stats.errors)")
            let search = try await verdict("search", "--store", store, "--json", "--like", "1", "-k", "5")
            let answer = try search.object()
            #expect(answer["strategy"] == .text("exact"))
            #expect(answer["reason"] == .text("only 2 other rows match"))
            let health = try await verdict("health", "--store", store, "--json")
            #expect(health.status == 0, "\(health.errors)")
            let tenants = try await verdict("tenants", "--store", store, "--json")
            #expect(try tenants.objects().count == 2)
            #expect(try tenants.objects().allSatisfy { $0["denies"] == .null && $0["anomalies"] == .null })
            #expect(tenants.errors.contains("the rows of public.docs are no decisions"))
            // Neither an empty list nor a quiet screen: both would say that all is well.
            for options in [[], ["--json"]] {
                let anomalies = try await verdict(["anomalies", "--store", store] + options)
                #expect(anomalies.status == 2 && anomalies.output.isEmpty)
                #expect(anomalies.errors.contains("the rows of public.docs are no decisions"))
                #expect(anomalies.errors.contains("verdict search"))
            }
            let frame = try await verdict(
                "frame", "--view", "anomalies", "--size", "80x24", "--store", store)
            #expect(frame.status == 0 && frame.output.contains("no incident is looked for here"))
            let ingest = try await verdict("ingest", "--store", store, Fixture.path("native.jsonl"))
            #expect(ingest.status == 2 && ingest.errors.contains("only looked at"))
            let missing = try await verdict("stats", "--store", database.address + "&table=nobody")
            #expect(missing.status == 1 && missing.errors.contains("no table nobody"))
        }

        @Test(arguments: PostgresVersion.allCases)
        func `one question is answered by the server`(version: PostgresVersion) async throws {
            let database = try StoreDatabase(version)
            defer { database.drop() }
            let folder = try TemporaryFolder()
            let log = try folder.write(NativeLog.routine(300), to: "log.jsonl")
            let run = try await verdict("ingest", "--store", database.address, log)
            #expect(run.status == 0, "\(run.errors)")
            let search = try await verdict(
                "search", "--store", database.address, "--json", "--like", "r-00007", "kind:invoice")
            let answer = try search.object()
            // A mirror would say that it was one.
            #expect(answer["strategy"] == .text("exact") && answer["exact"] == .flag(true))
            let unknown = try await verdict("search", "--store", database.address, "--like", "nobody")
            #expect(unknown.status == 1 && unknown.errors.contains("no entry has the identifier nobody"))
            let gone = try await verdict("search", "--store", "postgres://127.0.0.1:1/none")
            #expect(gone.status == 1)
        }
    }
}
