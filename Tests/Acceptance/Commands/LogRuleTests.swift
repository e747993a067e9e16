import Foundation
import Testing

extension Commands {
    /// What the configuration and `--rule` say of logs that are read.
    @Suite struct LogRules {
        /// Counts of an ingest, and what was told of rules.
        private func ingest(
            _ folder: TemporaryFolder, _ file: String, _ options: String...
        ) async throws -> (counts: IngestCounts, told: String) {
            let run = try await verdict(["ingest", "--store", folder.store, "--json"] + options + [file])
            #expect(run.status == 0, "\(run.errors)")
            let answer = try run.object()
            // What rules leave out is told beside the answer, whose keys are promised.
            #expect(answer.keys.count == 9)
            let counts = try IngestCounts(answer)
            #expect(counts.addUp, "\(counts)")
            return (counts, run.errors)
        }

        @Test func `what a rule drops is skipped, and told apart`() async throws {
            let folder = try TemporaryFolder()
            let file = try folder.write(NativeLog.routine(100) + "\n", to: "a.jsonl")
            let dropped = try await ingest(folder, file, "--rule", "drop action:read")
            #expect(dropped.counts == IngestCounts(read: 101, accepted: 20, skipped: 81))
            #expect(dropped.told.contains("rules left out 80 decisions: 80 dropped, 0 sampled out"))
            let again = try await ingest(folder, file, "--rule", "drop action:read")
            #expect(again.counts == dropped.counts.again)
            #expect(try await folder.stats()["vectors"].integer == 20)
            let text = try await verdict(
                "ingest", "--store", folder.store, "--rule", "drop action:read", file)
            #expect(text.output.contains("81 skipped (80 dropped and 0 sampled out by rules), 0 rejected"))
        }

        @Test func `a sample is the same decisions each time, and the rest can be had later`() async throws {
            let folder = try TemporaryFolder()
            let file = try folder.write(NativeLog.routine(200), to: "a.jsonl")
            let first = try await ingest(folder, file, "--rule", "sample 25 %")
            #expect(first.counts.accepted > 20 && first.counts.accepted < 90)
            #expect(first.counts.accepted + first.counts.skipped == 200)
            #expect(try await ingest(folder, file, "--rule", "sample 25 %").counts == first.counts.again)
            let whole = try await ingest(folder, file)
            #expect(
                whole.counts
                    == IngestCounts(
                        read: 200, accepted: first.counts.skipped, duplicates: first.counts.accepted))
            #expect(!whole.told.contains("rules"))
        }

        @Test func `the configuration's rules hold for every command that reads logs, after those it names`()
            async throws
        {
            let folder = try TemporaryFolder()
            let log =
                NativeLog.line("a") + NativeLog.line("b", effect: "deny")
                + NativeLog.line("c", kind: "secret")
            let file = try folder.write(log, to: "a.jsonl")
            let configuration = try folder.write(
                "logs:\n  rules:\n    - keep effect:deny\n    - drop kind:invoice\n", to: "config.yaml")
            let stored = try await ingest(folder, file, "--config", configuration)
            #expect(stored.counts == IngestCounts(read: 3, accepted: 2, skipped: 1))
            for command in ["parse", "embed", "score"] {
                let run = try await verdict(command, "--json", "--config", configuration, file)
                #expect(run.status == 0, "\(run.errors)")
                #expect(try run.objects().compactMap { $0["id"].text } == ["b", "c"], "\(command)")
                #expect(run.errors.contains("rules left out 1 decision: 1 dropped"))
            }
            let all = try await verdict("parse", "--config", configuration, "--rule", "keep", file)
            #expect(try all.objects().count == 3 && all.errors.isEmpty)
            let fewer = try await verdict(
                "parse", "--config", configuration, "--rule", "drop effect:deny", file)
            #expect(try fewer.objects().compactMap { $0["id"].text } == ["c"])
            let home = try folder.write("logs:\n  rules: drop kind:secret\n", to: "verdict/config.yaml")
            #expect(home.hasSuffix("config.yaml"))
            let usual = try await verdict(["parse", file], environment: ["XDG_CONFIG_HOME": folder.url.path])
            #expect(try usual.objects().compactMap { $0["id"].text } == ["a", "b"])
        }

        @Test func `rules hold while a file is followed`() async throws {
            let folder = try TemporaryFolder()
            let file = try folder.write(NativeLog.routine(30), to: "a.jsonl")
            let configuration = try folder.write("logs:\n  rules: drop action:read\n", to: "config.yaml")
            let process = try VerdictProcess(
                ["ingest", "--follow", "--store", folder.store, "--config", configuration, "--json", file])
            func stored(_ count: Int) async throws {
                try await eventually("\(count) decisions are stored") {
                    guard folder.exists("store") else { return false }
                    let run = try await verdict("stats", "--store", folder.store, "--json")
                    return try run.status == 0 && run.object()["vectors"].integer == count
                }
            }
            try await stored(6)
            try folder.append(NativeLog.routine(20, prefix: "later"), to: "a.jsonl")
            try await stored(10)
            process.child.signal(SIGINT)
            let run = try await process.result()
            let counts = try IngestCounts(try run.object())
            #expect(counts == IngestCounts(read: 50, accepted: 10, skipped: 40))
            #expect(run.errors.contains("40 dropped"))
        }

        @Test func `events of Open Policy Agent are mapped as the configuration says`() async throws {
            let folder = try TemporaryFolder()
            let event = """
                {"decision_id":"d-1","timestamp":"2025-03-04T10:15:01Z","path":"shop/orders/decide",\
                "labels":{"app":"shop","env":"prod"},"input":{"jwt":{"sub":"ann"},"object":["Order","17"]},\
                "result":{"violations":["amount over limit"]}}

                """
            let other = event.replacingOccurrences(of: "d-1", with: "d-2")
                .replacingOccurrences(of: "shop/orders", with: "bank/orders")
            let file = try folder.write(event + other, to: "opa.jsonl")
            let configuration = try folder.write(
                """
                logs:
                  opa:
                    - path: shop/*
                      principal: [/input/user, /input/jwt/sub]
                      kind: /input/object/0
                      resource: /input/object/1
                      scope: /labels/env
                      deny: /result/violations

                """, to: "config.yaml")
            let run = try await verdict("parse", "--canonical", "--config", configuration, file)
            #expect(run.status == 0, "\(run.errors)")
            let decisions = try run.objects()
            #expect(decisions.map { $0["principal"].text } == ["ann", "?"])
            #expect(decisions.map { $0["kind"].text } == ["Order", "bank/orders/decide"])
            #expect(decisions.map { $0["rid"].text } == ["17", ""])
            #expect(decisions.map { $0["scope"].text } == ["prod", "bank/orders/decide"])
            #expect(decisions.map { $0["effect"].text } == ["deny", "conditional"])
            let stored = try await ingest(folder, file, "--config", configuration)
            #expect(stored.counts == IngestCounts(read: 2, accepted: 2))
            #expect(try await folder.search("principal:ann")["results"].items.count == 1)
        }

        @Test(arguments: [
            (
                "logs:\n  rules:\n    - drop discovery\n    - drop everything\n",
                "config.yaml:4: the rule `drop everything`"
            ),
            (
                "logs:\n  opa:\n    principal: /user/id\n",
                "config.yaml:3: `/user/id` leads into none of /input"
            ),
            ("logs:\n  opa:\n    principle: /input/id\n", "did you mean `principal`?"),
            ("logs:\n  rules: \"drop \\e[2Jx\"\n", "config.yaml:2: "),
        ])
        func `what the configuration says and nobody understands is told to every command`(
            text: String, told: String
        ) async throws {
            let folder = try TemporaryFolder()
            let configuration = try folder.write(text, to: "config.yaml")
            let file = try folder.write(NativeLog.line("a"), to: "a.jsonl")
            for words in [["parse", file], ["ingest", file, "--store", folder.store], ["stats"]] {
                let run = try await verdict(words + ["--config", configuration])
                #expect(run.status == 2)
                #expect(run.errors.contains(told) && !run.errors.contains("\u{1B}"), "\(run.errors)")
                #expect(run.output.isEmpty)
            }
            #expect(!folder.exists("store"))
        }

        @Test func `a rule that means nothing is a usage error`() async throws {
            let folder = try TemporaryFolder()
            let file = try folder.write(NativeLog.line("a"), to: "a.jsonl")
            for rule in ["", "drop", "drop kinds:x", "sample 0 % kind:x", "keep \u{1B}[2J"] {
                let run = try await verdict("ingest", "--store", folder.store, "--rule", rule, file)
                #expect(run.status == 2)
                #expect(run.errors.contains("--rule: the rule `") && !run.errors.contains("\u{1B}"))
            }
            #expect(!folder.exists("store"))
        }

        @Test func `a dry run says what rules would leave out, and what a day brings`() async throws {
            let folder = try TemporaryFolder()
            // A decision every ten seconds, four of five of which only read.
            let file = try folder.write(NativeLog.routine(1_001), to: "a.jsonl")
            let options = ["--dry-run", "--rule", "keep principal:alice", "--rule", "drop action:read", file]
            let run = try await verdict(["ingest", "--store", folder.store, "--json"] + options)
            #expect(run.status == 0, "\(run.errors)")
            let answer = try run.object()
            let counts = try IngestCounts(answer)
            #expect(counts.addUp && counts.read == 1_001)
            #expect(
                answer["rules"].items.map { $0["rule"].text } == ["keep principal:alice", "drop action:read"])
            #expect(answer["rules"][0]["left_out"].integer == 0 && answer["rules"][0]["meant"].integer == 251)
            #expect(answer["rules"][1]["left_out"].integer == counts.skipped)
            #expect(answer["log"]["seconds"].number == 10_000)
            let bytes = try folder.bytes("a.jsonl").count
            #expect(answer["log"]["bytes"].integer == bytes)
            #expect(answer["per_day"]["rows"].integer == Int((Double(counts.accepted) * 8.64).rounded()))
            #expect(answer["not_shown"].items.isEmpty)
            let stored = try await verdict(
                ["ingest", "--store", folder.store, "--json"] + options.dropFirst())
            #expect(try IngestCounts(try stored.object()) == counts)
            let text = try await verdict(["ingest"] + options)
            #expect(text.output.contains("left out by rules"))
            #expect(text.output.contains("drop action:read"))
            #expect(text.output.contains("A day brings about"))
            #expect(text.output.contains("a part of a day"))
        }

        @Test func `a dry run says what an audit log cannot show`() async throws {
            let file = Fixture.path("kubernetes.audit.jsonl")
            let run = try await verdict("ingest", "--dry-run", "--json", file)
            let gaps = try run.object()["not_shown"].items
            #expect(gaps.allSatisfy { $0["format"].text == "kubernetes" })
            #expect(
                gaps.contains { $0["what"].text?.hasPrefix("level Metadata in each of 6: bodies") == true })
            // Six events of one moment tell nothing of a day.
            #expect(try run.object()["per_day"] == .null)
            let text = try await verdict("ingest", "--dry-run", file)
            #expect(text.output.contains("WHAT THIS LOG CANNOT SHOW"))
            #expect(text.output.contains("cannot be told from that: name files that span more"))
        }
    }
}
