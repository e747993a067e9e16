import Foundation
import PostgresTesting
import Testing

extension Commands {
    @Suite struct Taught {
        private static func probe(_ count: Int, from number: Int, action: String = "exfiltrate") -> String {
            (0..<count).map { place in
                NativeLog.line(
                    "x-\(number + place)", at: 10_600 + number + place, kind: "secret", resource: "vault",
                    action: action, effect: "deny", address: "203.0.113.9")
            }.joined()
        }

        private func check(_ folder: TemporaryFolder, _ address: String) async throws {
            let store = ["--store", address]
            func ingest(_ text: String, _ name: String) async throws {
                let file = try folder.write(text, to: name)
                let run = try await verdict(["ingest", file] + store)
                #expect(run.status == 0, "\(run.errors)")
            }
            try await ingest(NativeLog.routine(1_050), "routine.jsonl")
            #expect(try await verdict(["taught"] + store).output == "nothing was taught yet\n")
            try await ingest(Self.probe(3, from: 0), "first.jsonl")
            let incident = try #require(try await verdict(["anomalies", "--json"] + store).objects().first)
            let id = try #require(incident["id"].text)

            // What a rule would hide is told before, and it is made with who and why.
            let words = ["incident", id, "suppress"] + store
            let dry = try await verdict(words + ["--dry-run", "--json"]).object()
            #expect(dry["incidents"].texts == [id] && (dry["anomalies"].integer ?? 0) > 0)
            #expect(try await verdict(["taught", "--json"] + store).output.isEmpty)
            let wide = try await verdict(
                ["incident", id, "suppress", "effect"] + store + ["--dry-run", "--json"])
            #expect(wide.status == 0 && wide.errors.contains("such a rule is not taken"), "\(wide.errors)")
            #expect(try (wide.object()["anomalies"].integer ?? 0) >= dry["anomalies"].integer ?? 0)
            let made = try await verdict(
                words + ["--reason", "a test", "--lasts", "2d", "--as", "ada", "--json"])
            #expect(made.status == 0, "\(made.errors)")
            #expect(made.errors.contains("30 days: would have hidden "), "\(made.errors)")
            let rule = try made.object()
            #expect(rule["author"].text == "ada" && rule["reason"].text == "a test")
            let name = try #require(rule["id"].text)
            #expect(name.hasPrefix("R-"))

            // What comes now opens nothing and is counted.
            let before = try await verdict(["anomalies", "--json"] + store).output
            try await ingest(Self.probe(2, from: 100), "second.jsonl")
            #expect(try await verdict(["anomalies", "--json"] + store).output == before)
            let listed = try await verdict(["taught", "--json"] + store).objects()
            #expect(listed.map { $0["id"].text } == [name] && listed[0]["standing"].text == "active")
            let told = try await verdict(["taught", name.lowercased()] + store)
            #expect(told.output.contains("in effect") && told.output.contains("a test"))

            // Taken back and brought back, each with its entry.
            let undone = try await verdict(["taught", name, "undo"] + store)
            #expect(undone.output == "\(name) is undone\n", "\(undone.errors)")
            #expect(try await verdict(["taught", name, "restore", "--as", "ben"] + store).status == 0)
            let lesson = try await verdict(["incident", id, "resolve", "true_positive"] + store)
            #expect(lesson.status == 0, "\(lesson.errors)")
            let all = try await verdict(["taught", "--json"] + store).objects()
            #expect(Set(all.compactMap { $0["id"].text }) == [name, id])
            let acts = try await verdict(["log", "--json"] + store).objects().compactMap { $0["act"].text }
            #expect(acts == ["suppress", "withdraw", "restore", "resolve", "teach"])
            #expect(try await verdict(["log", "verify"] + store).status == 0)

            // And rehearsed: without anything told there is one alert, and a rule would lose it.
            let rehearsed = try await verdict(
                ["rehearse", "--rule", "kind=secret", "--alpha", "0.02", "--json"] + store)
            #expect(rehearsed.status == 0, "\(rehearsed.errors)")
            let outcome = try rehearsed.object()
            #expect(outcome["lost"].items.compactMap { $0["incident"].text } == [id])
            #expect(outcome["hidden"]["true_positives"].texts == [id])
            #expect((outcome["pages_before"].integer ?? 0) > (outcome["pages_after"].integer ?? 0))
            let text = try await verdict(["rehearse", "--alpha", "0.01"] + store)
            #expect(text.output.contains("pages a week") && text.output.contains("detection:\n  alpha: 0.01"))
        }

        @Test func `rules and lessons are kept in a directory`() async throws {
            let folder = try TemporaryFolder()
            try await check(folder, folder.store)
        }

        @Test func `rules and lessons are kept on a server`() async throws {
            let database = try StoreDatabase(.eighteenWithVectors)
            defer { database.drop() }
            try await check(try TemporaryFolder(), database.address)
        }

        @Test func `what cannot be is refused with a sentence`() async throws {
            let folder = try await SampleStore.copy()
            let store = ["--store", folder.store]
            let id = try #require(
                try await verdict(["anomalies", "--json"] + store).objects().first?["id"].text)
            for (words, status, sentence) in [
                (["taught", "R-ZZZZ"], 1, "no rule or lesson is named"),
                (["taught", "R-ZZZZ", "undo"], 1, "no rule or lesson is named"),
                (["taught", "R-ZZZZ", "forget"], 2, "undo or restore"),
                (["incident", id, "suppress", "colour"], 2, "no field of a rule"),
                (["incident", id, "suppress", "tenant", "effect"], 1, "more than tenant and effect"),
                (["incident", id, "suppress", "--lasts", "1y"], 2, "1h to 90d"),
                (["incident", id, "ack", "--reason", "x"], 2, "go with suppress"),
                (["incident", "ZZZZ", "suppress"], 1, "no incident is named"),
                (["rehearse", "--alpha", "0.3"], 2, "0.0001 to 0.1"),
                (["rehearse", "--rule", "kind"], 2, "no = after"),
                (["rehearse", "--rule", "tenant=a"], 2, "more than tenant and effect"),
                (["rehearse", "--days", "0"], 2, "1 to 35"),
            ] {
                let run = try await verdict(words + store)
                #expect(run.status == status && run.errors.contains(sentence), "\(words): \(run)")
            }
        }

        @Test func `alpha counts from the configuration`() async throws {
            let folder = try await SampleStore.copy()
            let configuration = try folder.write("detection: {alpha: 0.004}\n", to: "config.yaml")
            let words = ["rehearse", "--store", folder.store, "--config", configuration, "--json"]
            #expect(try await verdict(words).object()["alpha_before"].number == 0.004)
            let wrong = try folder.write("detection: {alpha: 4}\n", to: "wrong.yaml")
            let refused = try await verdict("rehearse", "--store", folder.store, "--config", wrong)
            #expect(refused.status != 0 && refused.errors.contains("`alpha` must be"))
        }
    }
}
