import Foundation
import Testing

extension Commands {
    @Suite struct Incidents {
        private func first(_ folder: TemporaryFolder) async throws -> String {
            let run = try await verdict("anomalies", "--store", folder.store, "--json")
            return try #require(try run.objects().first?["id"].text)
        }

        @Test func `acts are kept with who did them, and taken back`() async throws {
            let folder = try await SampleStore.copy()
            let id = try await first(folder)
            let store = ["--store", folder.store]
            let shown = try await verdict(["incident", id] + store)
            #expect(shown.status == 0 && shown.output.contains("new"), "\(shown.errors)")
            let acknowledged = try await verdict(["incident", id.lowercased(), "ack"] + store)
            #expect(acknowledged.output == "\(id) is acknowledged\n", "\(acknowledged.errors)")
            #expect(
                try await verdict(["incident", id, "ack"] + store).output == "\(id) is acknowledged already\n"
            )
            _ = try await verdict(["incident", id, "note", "ticket", "4711", "--as", "ben"] + store)
            _ = try await verdict(
                ["incident", id, "assign", "cem"] + store, environment: ["VERDICT_USER": "lea"])
            let resolved = try await verdict(["incident", id, "resolve", "expected", "--json"] + store)
                .object()
            #expect(resolved["state"].text == "resolved" && resolved["resolution"].text == "expected")
            #expect(resolved["assignee"].text == "cem" && resolved["notes"][0]["text"].text == "ticket 4711")
            #expect(resolved["history"].items.compactMap { $0["who"].text } == ["ada", "ben", "lea", "ada"])
            let undone = try await verdict(["incident", id, "undo", "--json"] + store).object()
            #expect(undone["state"].text == "acknowledged" && undone["assignee"].text == "cem")
            let markdown = try await verdict(["incident", id, "--markdown"] + store)
            #expect(markdown.output.hasPrefix("# ") && markdown.output.contains("ticket 4711"))
            #expect(markdown.output.contains("verdict console --store memory:"))
            #expect(
                markdown.output.contains("## What they got") && markdown.output.contains("## What is new"))
            let states = try await verdict(["anomalies", "id:\(id)", "--json"] + store).object()
            #expect(states["state"].text == "acknowledged")
        }

        @Test func `what they got since is told, and every field that was there stays`() async throws {
            let folder = try await SampleStore.shared()
            let id = try await first(folder)
            let object = try await verdict("incident", id, "--store", folder.store, "--json").object()
            #expect(object["id"].text == id && object["evidence"]["channels"]["distance"].number != nil)
            let reach = object["reach"]
            let decided = ["allowed", "denied", "conditional"].compactMap { reach[$0].number }
            #expect(decided.count == 3 && decided.reduce(0, +) >= object["count"].number ?? .infinity)
            #expect(reach["since"].text == object["first"].text)
            #expect(reach["last_seen"].text != nil && reach["scanned"].number ?? 0 > 0)
            let text = try await verdict("incident", id, "--store", folder.store)
            #expect(text.output.contains("since \(object["first"].text ?? "?"): "))
        }

        @Test func `a snooze is told with its end, and an incident that is none is told`() async throws {
            let folder = try await SampleStore.copy()
            let id = try await first(folder)
            let run = try await verdict("incident", id, "snooze", "2h", "--store", folder.store)
            #expect(run.output.contains("snoozed until 20"), "\(run)")
            let put = try await verdict("incident", id, "snooze", "10x", "--store", folder.store)
            #expect(put.output.contains("snoozed for 10 more decisions"), "\(put)")
            let none = try await verdict("incident", "QQQQ", "ack", "--store", folder.store)
            #expect(none.status == 1 && none.errors.contains("no incident is named QQQQ"))
            #expect(try await verdict("incident", "QQQQ", "--store", folder.store).status == 1)
        }

        @Test func `a shared account says who it is before the first act`() async throws {
            let folder = try await SampleStore.copy()
            let id = try await first(folder)
            let configuration = try folder.write("shared_accounts: [oncall]\n", to: "config.yaml")
            for user in ["root", "oncall"] {
                let words = ["incident", id, "ack", "--store", folder.store, "--config", configuration]
                let refused = try await verdict(words, environment: ["USER": user])
                #expect(refused.status == 2 && refused.output.isEmpty)
                #expect(refused.errors.contains("say who you are with --as NAME or $VERDICT_USER"))
                let done = try await verdict(words + ["--as", "ana"], environment: ["USER": user])
                #expect(done.status == 0, "\(done.errors)")
            }
            let shown = try await verdict(
                ["incident", id, "--store", folder.store], environment: ["USER": "root"])
            #expect(shown.status == 0)
        }

        @Test func `the report of a shift is Markdown and JSON`() async throws {
            let folder = try await SampleStore.copy()
            let id = try await first(folder)
            _ = try await verdict("incident", id, "ack", "--store", folder.store)
            let words = ["report", "--since", "8h", "--store", folder.store, "--now", "2026-01-05T06:00:00Z"]
            let report = try await verdict(words)
            #expect(report.status == 0 && report.output.hasPrefix("# Shift handover"), "\(report.errors)")
            #expect(report.output.contains("## In work") && report.output.contains(id))
            let object = try await verdict(words + ["--json"]).object()
            #expect(object["acknowledged"].items.compactMap(\.text) == [id])
            #expect(object["from"].text == "2026-01-04T22:00:00Z")
        }

        @Test func `what was done to a store is listed, and a forged log is found`() async throws {
            let folder = try await SampleStore.copy()
            let id = try await first(folder)
            let store = ["--store", folder.store]
            #expect(try await verdict(["log", "verify"] + store).output.hasPrefix("intact"))
            _ = try await verdict(["incident", id, "ack"] + store)
            _ = try await verdict(["delete", "--id", "r-00001", "--yes"] + store)
            #expect(try await verdict(["rebuild"] + store).status == 0)
            let log = try await verdict(["log", "--json"] + store).objects()
            #expect(log.compactMap { $0["act"].text } == ["acknowledge", "delete", "rebuild"])
            #expect(log.allSatisfy { $0["who"].text == "ada" })
            #expect(log[1]["before"]["decisions"].integer == 1 && log[1]["after"]["decisions"].integer == 0)
            #expect(log[1]["previous"].text == log[0]["hash"].text)
            let listed = try await verdict(["log"] + store)
            #expect(listed.output.contains("acknowledged incident \(id): state new → acknowledged"))
            let verified = try await verdict(["log", "verify", "--json"] + store)
            let outcome = try verified.object()
            #expect(verified.status == 0 && outcome["break"] == .null)
            #expect(outcome["entries"].integer == 3 && outcome["hash"].text == log[2]["hash"].text)
            #expect(outcome["breaks"].items.isEmpty && outcome["behind"] == .null)
            let rest = try await verdict(["log", "verify", "--from", "3"] + store)
            #expect(rest.status == 0 && rest.output.hasPrefix("intact: 1 entry, "), "\(rest)")
            #expect(try await verdict(["log", "verify", "--from", "4"] + store).status == 1)
            #expect(try await verdict(["log", "verify", "--from", "0"] + store).status == 2)
            #expect(try await verdict(["log", "--from", "1"] + store).status == 2)
        }

        @Test func `an import is told with its file`() async throws {
            let folder = try TemporaryFolder()
            let file = try folder.write(NativeLog.routine(3), to: "in.jsonl")
            let run = try await verdict("import", file, "--store", folder.store)
            #expect(run.status == 0, "\(run.errors)")
            let entry = try #require(
                try await verdict("log", "--json", "--store", folder.store).objects().first)
            #expect(entry["act"].text == "import" && entry["subject"].text == file)
            #expect(entry["after"]["decisions"].integer == 3)
        }

        @Test func `what changes a store is told as of who says so`() async throws {
            let folder = try TemporaryFolder()
            let file = try folder.write(NativeLog.routine(3), to: "in.jsonl")
            let store = ["--store", folder.store]
            for words in [
                ["import", file, "--as", "ben"], ["delete", "--id", "r-00001", "--yes", "--as", "cem"],
                ["rebuild", "--as", "dan"], ["rebuild"],
            ] {
                let run = try await verdict(words + store)
                #expect(run.status == 0, "\(words) \(run.errors)")
            }
            let log = try await verdict(["log", "--json"] + store).objects()
            #expect(log.compactMap { $0["act"].text } == ["import", "delete", "rebuild", "rebuild"])
            #expect(log.compactMap { $0["who"].text } == ["ben", "cem", "dan", "ada"])
        }
    }
}
