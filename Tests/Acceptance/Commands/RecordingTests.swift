import Foundation
import Testing

extension Commands {
    /// How much is recorded, as environment and configuration say it.
    @Suite struct Recording {
        @Test func `modes in the environment that cannot be read are told`() async throws {
            let folder = try TemporaryFolder()
            let run = try await verdict(
                "ingest", "--store", folder.store, Fixture.path("native.jsonl"),
                environment: ["VERDICT_RECORDING": "acme=maybe"])
            #expect(run.status == 2)
            #expect(run.errors.contains("$VERDICT_RECORDING: a recording mode is off, on, or a share"))
        }

        @Test func `logs that are read are stored whole, whatever the mode`() async throws {
            let folder = try TemporaryFolder()
            let file = try folder.write("recording: off\n", to: "config.yaml")
            let run = try await verdict(
                "ingest", "--store", folder.store, Fixture.path("native.jsonl"), "--config", file, "--json",
                environment: ["VERDICT_RECORDING": "off"])
            #expect(run.status == 0, "\(run.errors)")
            let counts = try run.object()
            #expect(counts["accepted"].integer ?? 0 > 0 && counts["skipped"].integer == 0)
        }

        @Test func `a configuration that is written anew counts within seconds, a wrong one not at all`()
            async throws
        {
            let folder = try TemporaryFolder()
            let log = try folder.write(NativeLog.routine(20), to: "followed.jsonl")
            let file = try folder.write("recording: on\n", to: "config.yaml")
            let process = try VerdictProcess([
                "ingest", "--follow", "--store", folder.store, "--config", file, log,
            ])
            defer { process.child.signal(SIGKILL) }
            func header() async throws -> Substring {
                let run = try await verdict("frame", "--store", folder.store, "--size", "160x48")
                return run.output.split(separator: "\n").first ?? ""
            }
            try await eventually("the log is stored") { try await header().contains("decisions") }
            #expect(try await !header().contains("recording"))
            try folder.write("recording: {acme: 25 %}\n", to: "config.yaml")
            try await eventually("it is told") {
                process.errorsSoFar.contains("recording is acme 25 %, others on")
            }
            try await eventually("the store keeps it") {
                try await header().contains("acme 25 %")
            }
            try folder.write("recording: {acme: maybe}\n", to: "config.yaml")
            try await eventually("what is wrong is told") {
                process.errorsSoFar.contains("the configuration stays as it was")
            }
            #expect(process.errorsSoFar.contains("`recording` must be off, on, or a share"))
            #expect(try await header().contains("acme 25 %"))
            process.child.signal(SIGINT)
            #expect([0, 130].contains(try await process.result().status))
        }
    }
}
