import Foundation
import Testing

extension Commands {
    @Suite struct Alerts {
        /// A configuration with one receiver that nobody is behind.
        private func configuration(
            _ folder: TemporaryFolder,
            _ receivers: String = "hook:\n kind: webhook\n url: http://127.0.0.1:1/hook"
        ) throws -> String {
            let lines = receivers.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")
            return try folder.write("alerts:\n  receivers:\n\(lines)\n", to: "config.yaml")
        }

        @Test func `a test that does not arrive says why and exits 1`() async throws {
            let folder = try TemporaryFolder()
            let file = try configuration(folder)
            let run = try await verdict("alerts", "test", "--config", file)
            #expect(run.status == 1)
            #expect(
                run.output.contains("hook")
                    && run.output.contains("http://127.0.0.1:1 cannot be connected to"))
            #expect(run.errors.contains("no test alert reached hook"))
            let answer = try await verdict("alerts", "test", "hook", "--json", "--config", file).object()
            #expect(answer.keys == ["receiver", "kind", "address", "ok", "seconds", "problem"])
            #expect(answer["receiver"].text == "hook" && answer["kind"].text == "webhook")
            #expect(answer["problem"].text?.contains("cannot be connected to") == true)
        }

        @Test func `without receivers, and for one that is not there, it exits 2 and says what to do`()
            async throws
        {
            let folder = try TemporaryFolder()
            let none = try await verdict("alerts", "test", "--config", try folder.write("", to: "empty.yaml"))
            #expect(none.status == 2 && none.errors.contains("there are no receivers"))
            let other = try await verdict("alerts", "test", "pager", "--config", try configuration(folder))
            #expect(other.status == 2 && other.errors.contains("there is no receiver 'pager'"))
            #expect(other.errors.contains("hook") && other.output.isEmpty)
        }

        @Test func `secrets come from a variable or a private file, and are never printed`() async throws {
            let folder = try TemporaryFolder()
            let secret = try folder.write("hunter2\n", to: "key")
            let text = """
                pager:
                  kind: pagerduty
                  url: http://127.0.0.1:1/enqueue
                  secret_file: \(secret)
                chat:
                  kind: slack
                  url_env: CHAT_URL
                """
            let file = try configuration(folder, text)
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: secret)
            let open = try await verdict("alerts", "test", "--config", file)
            #expect(open.status == 1 && open.output.contains("can be read by others; run chmod 600"))
            #expect(open.output.contains("$CHAT_URL is not set"))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: secret)
            let run = try await verdict(
                ["alerts", "test", "--config", file],
                environment: ["CHAT_URL": "http://127.0.0.1:1/T0/hunter2"])
            #expect(run.status == 1 && run.output.contains("cannot be connected to"))
            for printed in [open, run] { #expect(!(printed.output + printed.errors).contains("hunter2")) }
        }

        @Test
        func `a secret in the configuration is refused, and so is one that would cross a network readable`()
            async throws
        {
            let folder = try TemporaryFolder()
            let inside = try configuration(folder, "a:\n kind: webhook\n url: http://h/\n secret: hunter2")
            let run = try await verdict("alerts", "test", "--config", inside)
            #expect(run.status == 2 && run.errors.contains("`secret_env`") && !run.errors.contains("hunter2"))
            let plain = try configuration(folder, "a:\n kind: slack\n url: http://hooks.example/x")
            let told = try await verdict("alerts", "test", "--config", plain)
            #expect(told.status == 1 && told.output.contains("use https"))
        }

        @Test func `who ingests tells of incidents, is not held up, and Health knows who was not reached`()
            async throws
        {
            let folder = try TemporaryFolder()
            let file = try configuration(folder)
            let log = try folder.write(
                NativeLog.routine(1050) + NativeLog.intrusion(5, from: 10_600), to: "log.jsonl")
            let run = try await verdict("ingest", "--store", folder.store, "--config", file, log)
            #expect(run.status == 0)
            #expect(run.errors.contains("hook was not told of "))
            let health = try await verdict("health", "--store", folder.store, "--config", file, "--json")
                .object()
            #expect(health["status"].text == "degraded")
            let check = try #require(health["checks"].items.first { $0["name"].text == "alerts hook" })
            #expect(check["status"].text == "degraded")
            #expect(check["detail"].text?.contains("cannot be connected to") == true)
            #expect(check["detail"].text?.contains("verdict alerts test hook") == true)
            // The same without receivers.
            #expect(
                try await verdict("health", "--store", folder.store, "--json").object()["status"].text == "ok"
            )
        }
    }
}
