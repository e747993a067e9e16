import Foundation
import Testing

extension Commands {
    @Suite struct Score {
        @Test func `every decision is scored, learning until a thousand have been seen`() async throws {
            let folder = try TemporaryFolder()
            let routine = try folder.write(NativeLog.routine(1100), to: "routine.jsonl")
            let intrusion = try folder.write(NativeLog.intrusion(3, from: 11_000), to: "intrusion.jsonl")
            // The strange file comes first: the order is that of the times, not of the arguments.
            let run = try await verdict("score", "--json", intrusion, routine)
            #expect(run.status == 0, "\(run.errors)")
            let scores = try run.objects()
            #expect(scores.count == 1103)
            let order = scores.map { "\($0["time"].text ?? "") \($0["id"].text ?? "")" }
            #expect(order == order.sorted())
            #expect(scores.map { $0["state"].text } == (0..<1103).map { $0 < 1000 ? "learning" : "scored" })
            #expect(scores.prefix(1000).allSatisfy { $0["anomalous"].flag == false })
            #expect(scores.allSatisfy { (0...1).contains($0["score"].number ?? -1) })
            #expect(run.lines.allSatisfy { $0.contains(/"score":[01]\.[0-9]{6}[,}]/) })
            #expect(
                scores.allSatisfy {
                    $0.keys == ["id", "time", "tenant", "score", "state", "anomalous", "why"]
                })

            let strange = scores.suffix(3)
            #expect(strange.allSatisfy { $0["anomalous"].flag == true })
            #expect(strange.allSatisfy { !$0["why"].texts.isEmpty })
            let usual = scores[1000..<1100]
            #expect(usual.filter { $0["anomalous"].flag == true }.count < 5)
            let highest = usual.compactMap { $0["score"].number }.max() ?? 1
            #expect((strange.compactMap { $0["score"].number }.min() ?? 0) > highest)
        }

        @Test func `tenants learn apart`() async throws {
            let log =
                NativeLog.routine(600, tenant: "acme") + NativeLog.routine(600, tenant: "globex", prefix: "g")
            let run = try await verdict("score", "--json", "-", input: log)
            #expect(run.status == 0, "\(run.errors)")
            #expect(try run.objects().allSatisfy { $0["state"].text == "learning" })
        }

        @Test func `the same input gives the same scores`() async throws {
            let log = NativeLog.routine(150)
            let first = try await verdict("score", "--json", "-", input: log)
            let reversed = log.split(separator: "\n").reversed().joined(separator: "\n")
            let second = try await verdict("score", "--json", "-", input: reversed)
            #expect(first.output == second.output)
            #expect(first.lines.count == 150)
        }
    }

    @Suite struct Anomalies {
        @Test func `an intrusion becomes an incident that outlives the process`() async throws {
            let folder = try TemporaryFolder()
            try await folder.ingest(NativeLog.routine(1050))
            let quiet = try await verdict("anomalies", "--store", folder.store, "--json")
            #expect(quiet.status == 0, "\(quiet.errors)")
            let before = try quiet.objects().filter { $0["kind"].text == "secret" }
            #expect(before.isEmpty)

            try await folder.ingest(NativeLog.intrusion(6, from: 10_600))
            let run = try await verdict("anomalies", "--store", folder.store, "--json", "kind:secret")
            #expect(run.status == 0, "\(run.errors)")
            let incidents = try run.objects()
            let incident = try #require(incidents.first)
            #expect(
                incident.keys == [
                    "id", "state", "severity", "tenant", "principal", "kind", "effect", "count", "first",
                    "last", "score", "why", "nearest", "members",
                ])
            #expect(incident["tenant"].text == "acme")
            #expect(incident["principal"].text == "alice")
            #expect(incident["effect"].text == "deny")
            #expect(incident["first"].text == NativeLog.time(10_600))
            #expect(incident["last"].text == NativeLog.time(10_605))
            #expect(incidents.compactMap { $0["count"].integer }.reduce(0, +) == 6)
            #expect(!incident["why"].texts.isEmpty)
            #expect(incident["nearest"]["id"].text?.isEmpty == false)
            #expect((incident["nearest"]["score"].number ?? 2) < 1)
            #expect(incident["members"].texts.contains("x-0"))

            let other = try await verdict(
                "anomalies", "--store", folder.store, "--json", "kind:secret state:resolved")
            #expect(other.status == 0 && other.output.isEmpty)
            let table = try await verdict("anomalies", "--store", folder.store)
            #expect(table.output.contains("alice"))
            let tenants = try await verdict("tenants", "--store", folder.store, "--json").objects()
            #expect((tenants.first?["anomalies"].integer ?? 0) >= 1)
        }

        @Test func `a store without incidents prints nothing`() async throws {
            let folder = try TemporaryFolder()
            try await folder.ingest(NativeLog.routine(5))
            let run = try await verdict("anomalies", "--store", folder.store, "--json")
            #expect(run.status == 0)
            #expect(run.output.isEmpty)
        }
    }
}
