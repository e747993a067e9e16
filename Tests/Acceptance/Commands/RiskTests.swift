import Foundation
import Testing

extension Commands {
    @Suite struct Risk {
        /// A store of a quiet office in which payroll is always denied.
        static func office() async throws -> TemporaryFolder {
            let folder = try TemporaryFolder()
            let denied = (0..<60).map { number in
                NativeLog.line(
                    "p-\(number)", at: 10_500 + number, principal: "bob", kind: "payroll",
                    resource: "may", effect: "deny", address: "10.0.0.2")
            }
            try await folder.ingest(NativeLog.routine(1_050) + denied.joined())
            return folder
        }

        static let request = #"""
            {"tenant":"acme","principal":{"id":"alice","roles":["clerk"]},\#
            "resource":{"kind":"invoice","id":"item-7","scope":"eu"},"actions":["read"]}
            """#

        static let forbidden = #"""
            {"id":"r-9","tenant":"acme","principal":{"id":"bob","roles":["clerk"]},\#
            "resource":{"kind":"payroll","id":"may","scope":"eu"},"actions":["read"],"effect":"allow"}
            """#

        @Test func `a request is judged by what was answered before, and nothing is stored`() async throws {
            let folder = try await Self.office()
            let file = try folder.write(Self.request + "\n\n" + Self.forbidden, to: "requests.jsonl")
            let run = try await verdict("risk", "--store", folder.store, "--json", file)
            #expect(run.status == 0, "\(run.errors)")
            let risks = try run.objects()
            #expect(risks.count == 2)
            #expect(
                risks.allSatisfy {
                    $0.keys == [
                        "id", "tenant", "principal", "kind", "actions", "effect", "risk", "level", "similar",
                        "denied", "conditional", "denial_rate", "nearest", "state", "novelty", "distance",
                        "rarity", "first_seen", "anomalous", "sensitive", "change", "why",
                    ]
                })
            #expect(risks[0]["denial_rate"].number == 0 && risks[0]["effect"].text == "allow")
            #expect(risks[1]["denial_rate"].number == 1 && risks[1]["level"].text == "high")
            #expect((risks[1]["risk"].number ?? 0) > (risks[0]["risk"].number ?? 1))
            #expect(risks[1]["sensitive"].texts == ["payroll"])
            #expect(risks.allSatisfy { !$0["why"].texts.isEmpty && $0["state"].text == "scored" })
            let again = try await verdict("risk", "--store", folder.store, "--json", file)
            #expect(again.output == run.output)
            let stats = try await verdict("stats", "--store", folder.store, "--json").object()
            #expect(stats["vectors"].integer == 1_110)
        }

        @Test func `a request may stand in the command line, and is told in words`() async throws {
            let folder = try await Self.office()
            let run = try await verdict("risk", "--store", folder.store, "--decision", Self.forbidden)
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.lines[0].hasPrefix("high  ") && run.lines[0].hasSuffix("bob read payroll/may"))
            #expect(run.output.contains("were denied") && run.output.contains("payroll is sensitive"))
        }

        @Test func `what is no request is rejected by its line, the others are judged`() async throws {
            let folder = try await Self.office()
            let lines = "not json\n" + Self.request + "\n{\"tenant\":\"acme\"}\n[1]\n"
            let run = try await verdict("risk", "--store", folder.store, "--json", "-", input: lines)
            #expect(run.status == 3)
            #expect(try run.objects().count == 1)
            let rejects = run.errors.split(separator: "\n")
            #expect(rejects.count == 3, "\(run.errors)")
            #expect(zip(rejects, [1, 3, 4]).allSatisfy { $0.hasPrefix("-:\($1): ") })
            let absent = try await verdict("risk", "--store", folder.store, folder.path("absent"))
            #expect(absent.status == 1 && absent.errors.contains("absent"))
        }
    }

    @Suite struct Policies {
        static func line(_ id: String, policy: String, kind: String, effect: String = "allow") -> String {
            NativeLog.line(id, kind: kind, effect: effect)
                .replacingOccurrences(of: "\(kind)-base", with: policy)
        }

        @Test func `policies that decide alike are told with what they share, others are not`() async throws {
            let folder = try TemporaryFolder()
            var log = ""
            for number in 0..<40 {
                for policy in ["first", "second"] {
                    log += Self.line("\(policy)-\(number)", policy: policy, kind: "invoice")
                }
                log += Self.line("other-\(number)", policy: "other", kind: "build", effect: "deny")
            }
            try await folder.ingest(log)
            let list = try await verdict("policies", "--store", folder.store, "--json")
            #expect(list.status == 0, "\(list.errors)")
            let policies = try list.objects()
            #expect(policies.map { $0["policy"].text } == ["first", "other", "second"])
            #expect(policies.map { $0["denied"].integer } == [0, 40, 0])
            let run = try await verdict("policies", "--similar", "--store", folder.store, "--json")
            #expect(run.status == 0, "\(run.errors)")
            let pairs = try run.objects()
            #expect(pairs.count == 1)
            let pair = try #require(pairs.first)
            #expect(
                pair.keys == [
                    "tenant", "first", "second", "first_decisions", "second_decisions", "similarity",
                    "shared", "together", "contradictions", "relation", "candidate", "common", "only_first",
                    "only_second", "why",
                ])
            #expect(pair["first"].text == "first" && pair["second"].text == "second")
            #expect(pair["candidate"].flag == true && pair["relation"].text == "same")
            #expect(pair["common"][0]["kind"].text == "invoice" && pair["shared"].number == 1)
            let text = try await verdict("policies", "--similar", "--store", folder.store)
            #expect(text.output.contains("one policy would do for both"))
            let none = try await verdict("policies", "--similar", "--store", folder.store, "effect:deny")
            #expect(none.output == "no two policies of 1 decide alike\n")
        }

        @Test func `without decisions or policies it says so`() async throws {
            let folder = try TemporaryFolder()
            let empty = try await verdict(
                ["policies", "--similar"], environment: ["XDG_DATA_HOME": folder.url.path])
            #expect(empty.status == 0 && empty.output == "no decisions\n")
            let line = NativeLog.line("a").replacingOccurrences(of: #""invoice-base""#, with: "")
            try await folder.ingest(line)
            let none = try await verdict("policies", "--store", folder.store)
            #expect(none.output == "none of 1 decision names a policy\n")
        }
    }
}
