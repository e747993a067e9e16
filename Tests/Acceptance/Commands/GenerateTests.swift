import Foundation
import Testing

extension Commands {
    @Suite struct Generate {
        @Test func `the same numbers give the same log, another seed another`() async throws {
            let words = ["generate", "--decisions", "300", "--tenants", "3", "--days", "2", "--seed"]
            let first = try await verdict(words + ["11"])
            #expect(first.status == 0, "\(first.errors)")
            #expect(first.lines.count == 300)
            #expect(try await verdict(words + ["11"]).output == first.output)
            #expect(try await verdict(words + ["12"]).output != first.output)
        }

        @Test func `the log is native lines in order, up to its end`() async throws {
            let run = try await verdict(
                "generate", "--seed", "3", "--decisions", "400", "--tenants", "3", "--days", "2")
            let decisions = try run.objects()
            let times = decisions.compactMap { $0["time"].text }
            #expect(times.allSatisfy { $0 <= "2026-01-31T00:00:00Z" && $0 >= "2026-01-28T23" })
            #expect(Set(decisions.compactMap { $0["id"].text }).count == 400)
            #expect(Set(decisions.map { $0["tenant"].text }).count == 3)
            let parsed = try await verdict("parse", "-", input: run.output)
            #expect(parsed.status == 0)
            #expect(parsed.lines.count == 400)
            let moved = try await verdict(
                "generate", "--seed", "3", "--decisions", "40", "--tenants", "1", "--days", "1", "--end",
                "2026-06-01T00:00:00Z")
            #expect(try moved.objects().allSatisfy { $0["time"].text?.hasPrefix("2026-05-31") == true })
        }

        @Test func `labels name decisions of the log and their incidents`() async throws {
            let folder = try TemporaryFolder()
            let run = try await verdict(
                "generate", "--seed", "5", "--decisions", "5000", "--tenants", "4", "--days", "7", "--labels",
                folder.path("labels.csv"))
            #expect(run.status == 0, "\(run.errors)")
            let rows = try folder.read("labels.csv").split(separator: "\n").map(String.init)
            #expect(rows.first?.hasPrefix("id,label") == true)
            let identifiers = Set(try run.objects().compactMap { $0["id"].text })
            let named = rows.dropFirst().compactMap { $0.split(separator: ",").first.map(String.init) }
            #expect(!named.isEmpty)
            #expect(named.allSatisfy(identifiers.contains))
        }

        @Test func `numbers out of range are usage errors`() async throws {
            let good = ["--seed": "1", "--decisions": "10", "--tenants": "1", "--days": "1"]
            for (name, value) in [
                ("--decisions", "0"), ("--decisions", "-5"), ("--tenants", "0"), ("--days", "0"),
                ("--seed", "x"),
                ("--end", "soon"),
            ] {
                var options = good
                options[name] = value
                let run = try await verdict(["generate"] + options.flatMap { [$0.key, $0.value] })
                #expect(run.status == 2, "\(name) \(value)")
                #expect(run.output.isEmpty)
            }
        }
    }
}
