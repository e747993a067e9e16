import Foundation
import PostgresTesting
import Testing

#if canImport(Glibc)
    import Glibc
#endif

extension Commands {
    /// The detector's own watch: drills, and what the configuration says of scoring.
    @Suite struct Care {
        private func checkDrill(_ store: String, _ folder: TemporaryFolder) async throws {
            let log = try folder.write(NativeLog.routine(30), to: "log.jsonl")
            let file = try folder.write("detection: {drill: 1m, pass: 1m}\n", to: "config.yaml")
            let process = try VerdictProcess([
                "ingest", "--follow", "--from-start", "--store", store, "--config", file, log,
            ])
            defer { process.child.signal(SIGKILL) }
            try await eventually("a drill was caught") {
                let run = try await verdict("health", "--store", store, "--json")
                return run.output.contains(#""name":"drill","status":"ok""#)
            }
            let frame = try await verdict("health", "--store", store)
            #expect(frame.output.contains("was caught in "))
            let detail = try await verdict("health", "--store", store, "--json").output
            #expect(detail.contains("no tenant has learnt enough to try it in"))
            process.child.signal(SIGINT)
            _ = try await process.result()
            // Nothing of it is stored, counted or an incident.
            let stats = try await verdict("stats", "--store", store, "--json")
            #expect(stats.output.contains(#""vectors":30,"#))
            let tenants = try await verdict("tenants", "--store", store, "--json")
            #expect(tenants.lines.count == 1 && !tenants.output.contains("drill"))
            #expect(try await verdict("anomalies", "--store", store, "--json").output.isEmpty)
        }

        @Test func `whoever follows a log drills the detector`() async throws {
            let folder = try TemporaryFolder()
            try await checkDrill(folder.store, folder)
        }

        @Test(arguments: PostgresVersion.allCases)
        func `so it is on a server`(version: PostgresVersion) async throws {
            let database = try StoreDatabase(version)
            defer { database.drop() }
            try await checkDrill(database.address, try TemporaryFolder())
        }

        @Test
        func `a warm-up and an alpha of the configuration count, and a wrong one is told with its line`()
            async throws
        {
            let folder = try TemporaryFolder()
            let log = try folder.write(
                NativeLog.routine(400) + NativeLog.intrusion(5, from: 10_600), to: "log.jsonl")
            let file = try folder.write("detection: {warm_up: 200}\n", to: "config.yaml")
            _ = try await verdict("ingest", "--store", folder.store, log)
            #expect(
                try await verdict("anomalies", "--store", folder.store).output.contains("secret") == false)
            let other = "memory:" + folder.path("other")
            _ = try await verdict("ingest", "--store", other, "--config", file, log)
            #expect(try await !verdict("anomalies", "--store", other, "--json").output.isEmpty)
            try folder.write("detection: {alpha: 2}\n", to: "config.yaml")
            let wrong = try await verdict("ingest", "--store", other, "--config", file, log)
            #expect(
                wrong.status == 2 && wrong.errors.contains("config.yaml:1: `alpha` must be a number from"))
        }
    }
}
