import Foundation
import Testing

extension Commands {
    @Suite struct Evaluate {
        private static let contracted: Set = ["auc", "ap", "fpr_flag", "recall_flag", "incidents_opened"]

        /// A quiet office that is broken into, and the labels of it.
        private struct Office {
            let folder: TemporaryFolder
            let log: String
            let labels: String

            init(_ routine: Int = 1_300, intrusion: Int = 4) throws {
                folder = try TemporaryFolder()
                let attack = NativeLog.intrusion(intrusion, from: routine * 9)
                log = try folder.write(NativeLog.routine(routine) + attack, to: "office.jsonl")
                let benign = (0..<routine).map { "r-\(String(format: "%05d", $0)),0," }
                let attacks = (0..<intrusion).map { "x-\($0),1,break-in" }
                labels = try folder.write(
                    (["id,label,incident"] + benign + attacks).joined(separator: "\n") + "\n",
                    to: "office.csv")
            }
        }

        @Test func `an intrusion stands above the routine, by either protocol`() async throws {
            let office = try Office()
            for words in [[], ["--protocol", "past"], ["--protocol", "crossfit"]] {
                let run = try await verdict(
                    ["evaluate", office.log, "--labels", office.labels, "--json"] + words)
                #expect(run.status == 0, "\(run.errors)")
                #expect(run.lines.count == 1)
                let figures = try run.object()
                #expect(figures.keys.isSuperset(of: Self.contracted))
                #expect((figures["auc"].number ?? 0) > 0.98)
                #expect((figures["ap"].number ?? 0) > 0.5)
                #expect(figures["incidents_opened"].number == 1)
                #expect((figures["recall_flag"].number ?? 0) > 0)
                #expect((figures["fpr_flag"].number ?? 1) < 0.03)
                #expect(figures["attacks"].integer == 4 && figures["incidents"].integer == 1)
                let isCrossfit = words.last == "crossfit"
                #expect(figures["protocol"].text == (isCrossfit ? "crossfit" : "past"))
                #expect(figures["benign"].integer == (isCrossfit ? 1_300 : 1_040))
            }
        }

        @Test func `a person gets the same figures as a table`() async throws {
            let office = try Office(60)
            let run = try await verdict(
                "evaluate", office.log, "--labels", office.labels, "--warm-up", "0.5")
            #expect(run.status == 0, "\(run.errors)")
            for name in Self.contracted { #expect(run.output.contains(name), "\(name)") }
            #expect(run.output.contains(/attacks +4\n/))
            #expect(run.errors.contains("nothing is flagged there"))
        }

        @Test func `labels are found by the log's own name, whatever else the table holds`() async throws {
            let folder = try TemporaryFolder()
            let trail = Fixture.samplePath("cloudtrail.lines.jsonl")
            let parsed = try await verdict("parse", trail).objects()
            let ids = parsed.compactMap { $0["id"].text }
            let rows = ids.enumerated().map { "2026,\"a, b\",\($1),\($0 % 3 == 2 ? 1 : 0)" }
            let labels = try folder.write(
                "eventTime,note,eventID,label\r\n" + rows.joined(separator: "\r\n"), to: "l.csv")
            let run = try await verdict(
                "evaluate", trail, "--labels", labels, "--warm-up", "0", "--json")
            #expect(run.status == 0, "\(run.errors)")
            let figures = try run.object()
            #expect((figures["attacks"].integer ?? 0) > 0)
            #expect(figures["unlabelled"].integer == 0 && figures["unused_labels"].integer == 0)
            #expect((0...1).contains(figures["auc"].number ?? -1))
        }

        @Test func `what has no label is benign, and what cannot be told is null`() async throws {
            let folder = try TemporaryFolder()
            let log = try folder.write(NativeLog.routine(30), to: "log.jsonl")
            let labels = try folder.write("id,label\nr-00001,0\nr-99999,1\n", to: "labels.csv")
            let run = try await verdict("evaluate", log, "--labels", labels, "--json")
            #expect(run.status == 0, "\(run.errors)")
            let figures = try run.object()
            #expect(figures["auc"] == .null && figures["ap"] == .null)
            #expect(figures["recall_flag"] == .null && figures["incidents_opened"] == .null)
            #expect(figures["fpr_flag"].number == 0)
            #expect(figures["unlabelled"].integer == 29 && figures["unused_labels"].integer == 1)
            #expect(run.errors.contains("29 of 30 decisions have no label"))
            #expect(run.errors.contains("no attack"))
        }

        @Test func `a log that is read in part is told of, and evaluated`() async throws {
            let office = try Office(60)
            let log = try office.folder.write("not json\n" + NativeLog.routine(60), to: "torn.jsonl")
            let run = try await verdict("evaluate", log, "--labels", office.labels, "--json")
            #expect(run.status == 3)
            #expect(try run.object()["benign"].integer == 48)
            #expect(run.errors.contains("torn.jsonl:1:"))
        }

        @Test(arguments: [
            ("", "it is empty"), ("name,label\na,1\n", "no column is named id"),
            ("id,truth\na,1\n", "no column is named label"), ("id,label\nr-00001,perhaps\n", "line 2"),
            ("id,label\nr-00001,1,2\n", "has 3 columns"), ("id,label\nelse,1\n", "go together"),
            ("id,label\nr-00001,1\nr-00001,0\n", "line 3"),
            ("id,label\n\(String(repeating: "x", count: 70_000)),1\n", "longer than 64 KiB"),
            ("id,label\n\u{1B}[2J,maybe\n", "line 2"),
        ])
        func `labels that cannot be used fail with what to do`(text: String, reason: String) async throws {
            let folder = try TemporaryFolder()
            let log = try folder.write(NativeLog.routine(10), to: "log.jsonl")
            let labels = try folder.write(text, to: "labels.csv")
            let run = try await verdict("evaluate", log, "--labels", labels, "--json")
            #expect(run.status == 1)
            #expect(run.output.isEmpty)
            #expect(run.errors.contains(reason), "\(run.errors)")
            #expect(run.errors.split(separator: "\n").count == 1)
            #expect(!run.errors.contains("\u{1B}"))
        }

        @Test func `what is not there fails, and names itself`() async throws {
            let folder = try TemporaryFolder()
            let log = try folder.write(NativeLog.routine(10), to: "log.jsonl")
            let empty = try folder.write("\n", to: "empty.jsonl")
            let labels = try folder.write("id,label\nr-00001,1\n", to: "labels.csv")
            let runs = [
                try await verdict("evaluate", log, "--labels", folder.path("none.csv")),
                try await verdict("evaluate", folder.path("none.jsonl"), "--labels", labels),
                try await verdict("evaluate", empty, "--labels", labels),
            ]
            for (run, name) in zip(runs, ["none.csv", "none.jsonl", "empty.jsonl"]) {
                #expect(run.status == 1 && run.output.isEmpty)
                #expect(run.errors.contains(name), "\(run.errors)")
            }
        }
    }

    @Suite struct DetectionSets {
        @Test func `a seed makes the same attacks, which evaluating reads`() async throws {
            let folder = try TemporaryFolder()
            let generated = try await verdict(
                "generate", "--seed", "5", "--decisions", "1500", "--tenants", "1", "--days", "1")
            let log = try folder.write(generated.output, to: "log.jsonl")
            func make(_ seed: String, in name: String) async throws -> [JSON] {
                let run = try await verdict(
                    "bench", "--suite", "detection", "--log", log, "--seed", seed, "--out", folder.path(name))
                #expect(run.status == 0, "\(run.errors)")
                return try run.objects()
            }
            let sets = try await make("3", in: "one")
            #expect(sets.map { $0["set"].text } == ["injected", "masquerade"])
            for set in sets {
                #expect(
                    set.keys == [
                        "suite", "set", "seed", "log", "labels", "decisions", "attacks", "incidents",
                    ])
                let name = "\(set["set"].text ?? "")-3"
                #expect(set["log"].text == folder.path("one/\(name).jsonl"))
                #expect(set["labels"].text == folder.path("one/\(name).csv"))
                let labels = try folder.read("one/\(name).csv").split(separator: "\n")
                #expect(labels.count - 1 == set["decisions"].integer)
                #expect(labels.dropFirst().count { !$0.hasSuffix(",0,") } == set["attacks"].integer)
            }
            let injected = sets[0]
            #expect((injected["attacks"].integer ?? 0) > 0)
            #expect(injected["decisions"].integer == 1_500 + (injected["attacks"].integer ?? 0))
            #expect(sets[1]["decisions"].integer == 1_500 && (sets[1]["attacks"].integer ?? 0) > 0)
            let run = try await verdict(
                "evaluate", injected["log"].text ?? "", "--labels", injected["labels"].text ?? "", "--json")
            #expect(run.status == 0, "\(run.errors)")
            let figures = try run.object()
            // Some may be among the first fifth, which is not judged.
            #expect((1...(injected["attacks"].integer ?? 1)).contains(figures["attacks"].integer ?? 0))
            #expect((figures["auc"].number ?? 0) > 0.5)

            _ = try await make("3", in: "two")
            _ = try await make("4", in: "two")
            for name in ["injected-3.jsonl", "injected-3.csv", "masquerade-3.jsonl", "masquerade-3.csv"] {
                #expect(try folder.bytes("one/\(name)") == folder.bytes("two/\(name)"))
            }
            #expect(try folder.bytes("two/injected-3.jsonl") != folder.bytes("two/injected-4.jsonl"))
        }

        @Test func `attacks are mixed into one tenant's log that is in order`() async throws {
            let folder = try TemporaryFolder()
            let several = try folder.write(
                NativeLog.routine(5) + NativeLog.routine(5, tenant: "globex"), to: "several.jsonl")
            let torn = try folder.write("not json\n" + NativeLog.routine(5), to: "torn.jsonl")
            let none = folder.path("none")
            for (log, reason) in [(several, "several tenants"), (torn, "line 1"), (none, "none")] {
                let run = try await verdict(
                    "bench", "--suite", "detection", "--log", log, "--out", folder.path("out"))
                #expect(run.status == 1 && run.output.isEmpty)
                #expect(run.errors.contains(reason), "\(run.errors)")
                #expect(!folder.exists("out"))
            }
        }
    }
}
