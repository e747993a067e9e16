import Foundation
import PostgresStore
import PostgresTesting
import Testing

extension Commands {
    /// The layouts by tenant, and commands that try to leave a tenant.
    @Suite struct Tenants {
        private func run(_ words: [String], _ store: String) async throws -> VerdictProcess.Result {
            try await verdict([words[0], "--store", store] + words.dropFirst())
        }

        @Test func `a layout by tenant is told before, done once, and answers as before`() async throws {
            let database = try StoreDatabase(.eighteenWithVectors)
            defer { database.drop() }
            let folder = try TemporaryFolder()
            let log = try folder.write(
                NativeLog.routine(1_200) + NativeLog.routine(1_100, tenant: "globex"), to: "log.jsonl")
            #expect(try await run(["ingest", log], database.address).status == 0)
            let questions = [
                ["tenants", "--json"], ["search", "-k", "30", "tenant:globex", "--json"],
                ["search", "-k", "9", "--json"],
            ]
            func answers() async throws -> [String] {
                var answers: [String] = []
                for words in questions {
                    let answer = try await run(words, database.address)
                    #expect(answer.status == 0, "\(answer.errors)")
                    answers.append(answer.output.replacing(#/"elapsed_us":[0-9.]+/#, with: ""))
                }
                return answers
            }
            let before = try await answers()
            let plan = try await run(
                ["migrate", "--partition", "8", "--dry-run", "--json"], database.address)
            #expect(
                plan.status == 0 && plan.errors.contains("MB more of the server's disk"), "\(plan.errors)")
            let steps = try plan.object()["pending"].items
            #expect(
                steps.filter { $0["rewrites"].flag == true }.map { $0["name"].text } == [
                    "rows into decision_rows", "view decision_vectors",
                ])
            #expect(steps.allSatisfy { $0["lock"].text != nil && $0["estimate"].text != nil })
            let done = try await run(["migrate", "--partition", "8", "--json"], database.address)
            #expect(done.status == 0, "\(done.errors)")
            #expect(try done.object()["applied"].texts == steps.map { $0["name"].text ?? "" })
            #expect(try done.object().keys == ["version", "applied", "problems"])
            #expect(done.errors.contains("drop table decision_vectors_plain"))
            #expect(try await answers() == before)
            let again = try await run(["migrate", "--partition", "8", "--json"], database.address)
            #expect(try again.object()["applied"] == .list([]) && again.status == 0)
            let other = try await run(["migrate", "--partition", "4", "--json"], database.address)
            #expect(other.status == 1)
            #expect(try other.object()["problems"].texts.first?.contains("--partition 8") == true)
            let text = try await run(["migrate", "--partition", "8", "--dry-run"], database.address)
            #expect(text.lines.last?.hasSuffix("all is well") == true, "\(text.output)")
        }

        @Test func `without Citus nothing is distributed`() async throws {
            let database = try StoreDatabase(.eighteenWithVectors)
            defer { database.drop() }
            for words in [
                ["migrate", "--distribute", "--json"], ["migrate", "--distribute", "--dry-run", "--json"],
            ] {
                let refused = try await run(words, database.address)
                #expect(refused.status == 1, "\(refused.errors)")
                let problems = try refused.object()["problems"].texts
                #expect(problems.count == 1 && problems[0].hasPrefix("--distribute needs Citus"))
            }
        }

        private static let hostile = [
            "x' or '1'='1", "acme\" or effect:allow", "%", "acme\\", "\u{0430}cme", "acme or tenant:globex",
        ]

        @Test(arguments: [StoreHome.eighteen, .partitioned])
        func `no command leaves the tenant that it is given`(home: StoreHome) async throws {
            let database = try StoreDatabase(in: home)
            defer { database.drop() }
            let folder = try TemporaryFolder()
            let log = try folder.write(
                NativeLog.routine(5) + NativeLog.routine(5, tenant: "globex"), to: "log.jsonl")
            #expect(try await run(["ingest", log], database.address).status == 0)
            let bare = NativeLog.line("r-00001", tenant: "").replacing("\"tenant\":\"\",", with: "")
            let mine = try folder.write(bare, to: "mine.jsonl")
            for name in Self.hostile {
                let quoted = name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
                let query = "tenant:\"\(quoted)\""
                for words in [
                    ["search", "-k", "50", "--json", query],
                    ["search", "--like", "r-00001", "--json", query],
                ] {
                    let found = try await run(words, database.address)
                    // A bare identifier that two tenants have is no question, and shows nothing.
                    guard found.status == 0 else { continue }
                    #expect(try found.object()["results"] == .list([]), "\(name)")
                }
                let gone = try await run(["delete", "--yes", "--json", query], database.address)
                #expect(try gone.object()["deleted"].integer == 0, "\(name): \(gone.errors)")
                let other = try await run(["delete", "--yes", "--json", "--id", "\(name)"], database.address)
                #expect(try other.status != 0 || other.object()["deleted"].integer == 0, "\(name)")
                let taken = try await run(["ingest", "--tenant", name, "--json", mine], database.address)
                #expect(try taken.object()["accepted"].integer == 1, "\(name): \(taken.errors)")
                let own = try await run(["search", "-k", "50", "--json", query], database.address)
                #expect(try own.object()["results"].items.map { $0["tenant"].text } == [name])
                let file = folder.path("export-\(UUID().uuidString).jsonl")
                #expect(try await run(["export", file, query], database.address).status == 0)
                #expect(try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").count == 1)
                let back = try await run(["delete", "--yes", "--json", query], database.address)
                #expect(try back.object()["deleted"].integer == 1, "\(name)")
            }
            let left = try await run(["tenants", "--json"], database.address).objects()
            #expect(Set(left.map { $0["tenant"].text }) == ["acme", "globex"])
            #expect(left.map { $0["vectors"].integer } == [5, 5])
        }

        /// Records of a tenant that has some of every kind, and of one whose name begins like it.
        private static func leaveRecords(_ connection: PostgresConnection) throws {
            try connection.script(
                """
                delete from verdict_records
                    where (collection, key) in (('detector', 'filed'), ('anomalies', 'acme'));
                insert into verdict_records (collection, key, value, revision) values
                    ('anomalies', 'acme', '3', 1), ('anomalies', 'acme~b', '4', 1),
                    ('detector', 'tenant:acme#7', null, 2),
                    ('detector', 'tenant:acme~b#0', '{"tenant":"acme~b","chunk":0,"chunks":1,"state":""}', 1),
                    ('detector', 'tenant:acme~b#1', null, 2),
                    ('incidents', 'incident-a', '{"id":"incident-a","tenant":"acme"}', 1),
                    ('incidents', 'incident-b', '{"id":"incident-b","tenant":"acme~b"}', 1),
                    ('incidents', 'hunt-a', '{"tenant":"","why":["ada in acme did what is hunted at 9"]}', 1),
                    ('incidents', 'hunt-b', '{"tenant":"","why":["ada in acme~b did what is hunted at 9"]}', 1),
                    ('alerts', 'ops a', '{"labels":{"tenant":"acme"}}', 1),
                    ('alerts', 'ops b', '{"labels":{"tenant":"acme~b"}}', 1),
                    ('lessons', 'incident-a', '{"tenant":"acme"}', 1),
                    ('lessons', 'incident-b', '{"tenant":"acme~b"}', 1),
                    ('suppressions', 'R-A', '{"fields":{"tenant":"acme","kind":"report"}}', 1),
                    ('suppressions', 'R-B', '{"fields":{"tenant":"acme~b","kind":"report"}}', 1),
                    ('taught-hits', 'R-A', '{"count":1}', 1), ('taught-hits', 'R-B', '{"count":2}', 1),
                    ('hunts', 'H-A', '{"decision":{"tenant":"acme"}}', 1),
                    ('hunts', 'H-B', '{"decision":{"tenant":"acme~b"}}', 1),
                    ('hunt_hits', 'H-A', '{"hits":1,"recent":[]}', 1),
                    ('hunt_hits', 'H-B', '{"hits":2,"recent":[{"tenant":"acme"},{"tenant":"acme~b"}]}', 1),
                    ('history', '0000000099', '{"items":[{"tenant":"acme~b"},{"tenant":"acme"}],"left_out":0}', 1),
                    ('detector', 'filed', '{"marks":[
                        {"tenant":"acme~b","id":"d-1","time":"2026-01-05T09:00:00Z",
                            "newest":"2026-01-05T09:00:00Z"},
                        {"tenant":"acme","id":"d-2","time":"2026-01-05T09:00:01Z",
                            "newest":"2026-01-05T09:00:01Z"}
                        ]}', 9)
                """)
        }

        /// A tenant that leaves, as the guide says.
        @Test(arguments: [StoreHome.eighteen, .partitioned])
        func `off-boarding a tenant takes its rows and names, and nothing of another`(home: StoreHome)
            async throws
        {
            let database = try StoreDatabase(in: home)
            defer { database.drop() }
            let folder = try TemporaryFolder()
            let log = try folder.write(
                NativeLog.routine(30) + NativeLog.routine(30, tenant: "globex"), to: "log.jsonl")
            #expect(try await run(["ingest", log], database.address).status == 0)
            let guide = try String(
                contentsOf: URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                    .deletingLastPathComponent().deletingLastPathComponent()
                    .appending(path: "Documentation/MultiTenancy.md"), encoding: .utf8)
            let section = try #require(guide.split(separator: "## Off-boarding").last)
            let block = try #require(section.split(separator: "```sql").dropFirst().first)
            let statements = try #require(block.split(separator: "```").first)
            let file = folder.path("acme.jsonl.gz")
            #expect(try await run(["export", file, "tenant:acme"], database.address).status == 0)
            let gone = try await run(["delete", "--yes", "--json", "tenant:acme"], database.address)
            #expect(try gone.object()["deleted"].integer == 30, "\(gone.errors)")
            let connection = try database.database.connect()
            defer { connection.close() }
            try Self.leaveRecords(connection)
            try connection.script(String(statements).replacing(":'tenant'", with: "'acme'"))
            let traces = try connection.run(
                """
                select (select count(*) from decision_vectors where metadata->>'tenant' = 'acme')
                    + (select count(*) from decision_inbox where metadata->>'tenant' = 'acme')
                    + (select count(*) from verdict_changes where tenant = 'acme')
                    + (select count(*) from verdict_retired where starts_with(identity, '4:acme'))
                    + (select count(*) from verdict_records
                        where collection <> 'activity'
                            and key || ' ' || coalesce(value, '') ~ 'acme([^~]|$)')
                """
            ).onlyRow().int(0)
            #expect(traces == 0)
            // Of a tenant whose name begins like it everything is there, and of the marks the times.
            let others = try connection.run(
                """
                select collection || ' ' || key from verdict_records
                where collection <> 'activity'
                    and (key like '%acme~%' or value like '%acme~%') order by (collection || key) collate "C"
                """
            ).rows.map { try $0.text(0) }
            #expect(
                others == [
                    "alerts ops b", "anomalies acme~b", "detector filed", "detector tenant:acme~b#0",
                    "detector tenant:acme~b#1", "history 0000000099", "hunt_hits H-B", "hunts H-B",
                    "incidents hunt-b", "incidents incident-b", "lessons incident-b", "suppressions R-B",
                ])
            // Counters go with what they count, and of lists what was the tenant's.
            let counted = try connection.run(
                """
                select collection || ' ' || key || ' ' || value from verdict_records
                where collection in ('taught-hits', 'hunt_hits', 'history') order by collection collate "C"
                """
            ).rows.map { try $0.text(0).replacing(" ", with: "") }
            #expect(
                counted == [
                    #"history0000000099{"items":[{"tenant":"acme~b"}],"left_out":0}"#,
                    #"hunt_hitsH-B{"hits":2,"recent":[{"tenant":"acme~b"}]}"#,
                    #"taught-hitsR-B{"count":2}"#,
                ])
            let marks = try connection.run(
                """
                select mark->>'tenant' || ' ' || (mark->>'id') || ' ' || (mark->>'time')
                from verdict_records,
                    jsonb_array_elements(value::jsonb->'marks') with ordinality as m (mark, place)
                where collection = 'detector' and key = 'filed' order by place
                """
            ).rows.map { try $0.text(0) }
            #expect(marks == ["acme~b d-1 2026-01-05T09:00:00Z", "  2026-01-05T09:00:01Z"])
            let left = try await run(["tenants", "--json"], database.address).objects()
            #expect(left.map { $0["tenant"].text } == ["globex"] && left[0]["vectors"].integer == 30)
        }
    }
}
