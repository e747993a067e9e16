import Foundation
import PostgresTesting
import Testing

extension Commands {
    /// Every command that takes a tenant, a query or a name, given ones that try to leave the tenant.
    @Suite struct TenantEscapes {
        /// Where the store is.
        enum Home: String, CaseIterable, Sendable { case folder, eighteen, partitioned }

        /// A store of a tenant with all that commands can tell of one, and how to reach it.
        private struct Victim {
            let address: String
            let folder: TemporaryFolder
            let incident: String
            let rule: String
            /// Held until the test ends.
            private let database: StoreDatabase?

            /// What only the victim's own data has; no attack says any of it.
            var marks: [String] {
                ["alice", "bob", "carol", "item-", "vault-", "\"r-0", "\"v-", "\"x-", "invoice-base"]
                    + [incident, rule]
            }

            init(_ home: Home) async throws {
                folder = try TemporaryFolder()
                switch home {
                case .folder: database = nil
                case .eighteen: database = try StoreDatabase(in: .eighteen)
                case .partitioned: database = try StoreDatabase(in: .partitioned)
                }
                let address = database?.address ?? folder.store
                self.address = address
                // One of its people has the name of whoever asks.
                let namesake = (0..<10).map {
                    NativeLog.line("v-\($0)", at: $0, principal: "mallory", kind: "hut", resource: "hut-1")
                }
                let log = try folder.write(
                    namesake.joined() + NativeLog.routine(1_050) + NativeLog.intrusion(5, from: 10_600),
                    to: "log.jsonl")
                let ingested = try await verdict("ingest", "--store", address, log)
                #expect(ingested.status == 0, "\(ingested.errors)")
                let anomalies = try await verdict("anomalies", "--store", address, "--json").objects()
                let incident = try #require(anomalies.first?["id"].text)
                let made = try await verdict(
                    "incident", incident, "suppress", "kind=payroll", "--reason", "alice asked", "--json",
                    "--store", address)
                rule = try #require(try made.object()["id"].text, "\(made.errors)")
                self.incident = incident
            }

            func run(_ words: [String]) async throws -> VerdictProcess.Result {
                try await verdict([words[0], "--store", address] + words.dropFirst())
            }

            /// What a run says of the victim.
            func leaks(_ run: VerdictProcess.Result) -> [String] {
                marks.filter { (run.output + run.errors).contains($0) }
            }

            /// What must be the same afterwards.
            func state() async throws -> [String] {
                var state: [String] = []
                for words in [["anomalies", "--json"], ["taught", "--json"], ["tenants", "--json"]] {
                    state.append(try await run(words).output)
                }
                return state
            }

            func drop() { database?.drop() }
        }

        /// A command and what it is given.
        private struct Attack: Sendable {
            let name: String
            let words: @Sendable (String) -> [String]

            init(_ name: String, _ words: @escaping @Sendable (String) -> [String]) {
                self.name = name
                self.words = words
            }
        }

        private static func quoted(_ name: String) -> String {
            "\"" + name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
        }

        private static func request(of tenant: String) -> String {
            """
            {"id":"m-1","tenant":\(quoted(tenant)),"principal":{"id":"mallory","roles":["clerk"]},\
            "resource":{"kind":"hut","id":"hut-1","scope":"eu"},"actions":["read"],"effect":"allow"}
            """
        }

        private static func keys(typing text: String) -> String {
            text.map { $0 == " " ? "Space" : "\($0)" }.joined(separator: " ")
        }

        private static let byQuery = [
            Attack("anomalies") { ["anomalies", "--json", $0] },
            Attack("anomalies for people") { ["anomalies", $0] },
            Attack("search") { ["search", "-k", "50", "--json", $0] },
            Attack("search --decision") {
                ["search", "--decision", request(of: "acme"), "-k", "50", "--json", $0]
            },
            Attack("search --decision --exact") {
                ["search", "--decision", request(of: "acme"), "--exact", "--json", $0]
            },
            Attack("policies") { ["policies", "--json", $0] },
            Attack("policies for people") { ["policies", $0] },
            Attack("frame") {
                ["frame", "--view", "search", "--keys", "/ \(keys(typing: $0)) Enter"]
            },
        ]

        private static let byTenant = [
            Attack("risk") { ["risk", "--json", "--decision", request(of: $0)] },
            Attack("rehearse") { ["rehearse", "--json", "--rule", "tenant=\(quoted($0)),kind=secret"] },
        ]

        private static let hostileTenants = ["x' or '1'='1", "acme\" or effect:deny", "acme\\"]
        private static let hostileQueries =
            hostileTenants.map { "tenant:\(quoted($0))" } + [
                #"tenant:nobody principal:"' or true --""#, #"tenant:nobody kind:"%""#,
            ]

        @Test(arguments: Home.allCases)
        func `no query or tenant tells of another tenant`(home: Home) async throws {
            let victim = try await Victim(home)
            defer { victim.drop() }
            let before = try await victim.state()
            for (attacks, own, hostile) in [
                (Self.byQuery, "tenant:acme", Self.hostileQueries),
                (Self.byTenant, "acme", Self.hostileTenants),
            ] {
                for attack in attacks {
                    // What is there is told of its own tenant: nothing told of others means something.
                    let rightful = try await victim.run(attack.words(own))
                    #expect(
                        rightful.status == 0 && !victim.leaks(rightful).isEmpty,
                        "\(attack.name): \(rightful.output) \(rightful.errors)")
                    for text in hostile {
                        let run = try await victim.run(attack.words(text))
                        #expect(run.status == 0, "\(attack.name) \(text): \(run.errors)")
                        #expect(victim.leaks(run) == [], "\(attack.name) \(text): \(run.output)")
                    }
                }
            }
            #expect(try await victim.state() == before)
        }

        private static let byName = [
            Attack("incident") { ["incident", $0] },
            Attack("incident as JSON") { ["incident", $0, "--json"] },
            Attack("ack") { ["incident", $0, "ack"] },
            Attack("undo of triage") { ["incident", $0, "undo"] },
            Attack("suppress") { ["incident", $0, "suppress", "--dry-run"] },
            Attack("taught") { ["taught", $0] },
            Attack("undo of a rule") { ["taught", $0, "undo"] },
            Attack("search --like") { ["search", "--like", $0, "--json", "tenant:nobody"] },
        ]
        private static let hostileNames = ["x' or '1'='1", "%", "'; delete from verdict_records; --"]

        @Test(arguments: Home.allCases)
        func `no name leads to another's incident, rule or decision`(home: Home) async throws {
            let victim = try await Victim(home)
            defer { victim.drop() }
            let before = try await victim.state()
            for words in [["incident", victim.incident], ["taught", victim.rule]] {
                let rightful = try await victim.run(words)
                #expect(rightful.status == 0 && rightful.output.contains("alice"), "\(rightful)")
            }
            for attack in Self.byName {
                for name in Self.hostileNames {
                    let run = try await victim.run(attack.words(name))
                    // It was looked for: what is refused as a word that nobody may say, with 2, proves nothing.
                    #expect(run.status == 1, "\(attack.name) \(name): \(run.errors)")
                    #expect(run.output.isEmpty, "\(attack.name) \(name)")
                    #expect(victim.leaks(run) == [], "\(attack.name) \(name): \(run.errors)")
                }
            }
            #expect(try await victim.state() == before)
        }

        @Test(arguments: Home.allCases)
        func `what is imported for a tenant stays there, and another's of the same name as it was`(
            home: Home
        ) async throws {
            let victim = try await Victim(home)
            defer { victim.drop() }
            func export(_ query: String, to name: String) async throws -> Set<String> {
                let file = victim.folder.path(name)
                let run = try await victim.run(["export", file, query])
                #expect(run.status == 0, "\(run.errors)")
                return Set(try victim.folder.read(name).split(separator: "\n").map(String.init))
            }
            let before = try await export("tenant:acme", to: "before.jsonl")
            #expect(before.count == 1_065)
            for (number, tenant) in Self.hostileTenants.enumerated() {
                let escaped = String(Self.quoted(tenant).dropFirst().dropLast())
                let line = NativeLog.line(
                    "r-00001", tenant: escaped, principal: "mallory", kind: "hut", resource: "hut-1")
                let file = try victim.folder.write(line, to: "theirs-\(number).jsonl")
                let imported = try await victim.run(["import", "--json", file])
                #expect(try imported.object()["vectors"].integer == 1, "\(tenant): \(imported.errors)")
                #expect(victim.leaks(imported) == [], "\(tenant): \(imported.output)")
                let query = "tenant:\(Self.quoted(tenant))"
                let found = try await victim.run(["search", "-k", "50", "--json", query]).object()["results"]
                #expect(found.items.map { $0["tenant"].text } == [tenant], "\(found)")
                // The same name in two tenants is asked for with its tenant, and gives that tenant's alone.
                let own = try await victim.run(["search", "--like", "r-00001", "--json", query])
                #expect(own.status == 0, "\(tenant): \(own.errors)")
                #expect(try own.object()["results"] == .list([]), "\(own.output)")
                #expect(try await export(query, to: "theirs-exported.jsonl").count == 1)
                try FileManager.default.removeItem(atPath: victim.folder.path("theirs-exported.jsonl"))
                let dry = try await victim.run(["delete", "--dry-run", "--json", query])
                #expect(try dry.object()["matched"].integer == 1, "\(tenant): \(dry.errors)")
                let gone = try await victim.run(["delete", "--yes", "--json", query])
                #expect(try gone.object()["deleted"].integer == 1, "\(tenant): \(gone.errors)")
            }
            #expect(try await export("tenant:acme", to: "after.jsonl") == before)
        }
    }
}
