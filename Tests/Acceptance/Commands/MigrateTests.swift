import Foundation
import PostgresStore
import PostgresTesting
import Testing

extension Commands {
    /// `verdict migrate` on real servers.
    @Suite struct Migrate {
        private func migrate(_ address: String, _ options: String...) async throws -> VerdictProcess.Result {
            try await verdict(["migrate", "--store", address] + options)
        }

        /// What a server may lack of pgvector, and how people are told.
        private enum Lack { case all, repairs }
        private static let lacks: [(Lack, String)] = [
            (.all, "this server has no pgvector"),
            (.repairs, "has faults that \(ExtensionVersion.advised) mends"),
        ]

        private static func lack(_ pgvector: ExtensionVersion?) -> Lack? {
            guard let pgvector else { return .all }
            return pgvector < .advised ? .repairs : nil
        }

        @Test(arguments: PostgresVersion.allCases)
        func `what would be done is told, then done, then there is nothing to do`(version: PostgresVersion)
            async throws
        {
            let database = try TestDatabase(version)
            let plan = try await migrate(database.address, "--dry-run", "--json")
            #expect(plan.status == 0, "\(plan.errors)")
            let told = try plan.object()
            #expect(
                told["version"].integer == 0 && told["applied"] == .list([]) && told["problems"] == .list([]))
            let steps = told["pending"].items
            #expect(steps.count >= 9 && steps.allSatisfy { $0["rewrites"].flag == false })
            #expect(steps.allSatisfy { $0["lock"].text != nil && $0["estimate"].text != nil })

            let done = try await migrate(database.address, "--json")
            #expect(done.status == 0, "\(done.errors)")
            let report = try done.object()
            #expect(report.keys == ["version", "applied", "problems"] && report["problems"] == .list([]))
            #expect(
                report["applied"].texts
                    == steps.map { "\($0["number"].integer ?? 0) \($0["name"].text ?? "")" })
            #expect(report["version"].integer == steps.last?["number"].integer)
            // Each step was told with its lock before; what pgvector lacks is told to people alone.
            #expect(done.errors.contains("lock none; no rewrite; takes under a second"))
            let lack = Self.lack(try ServerTraits(of: database).pgvector)
            for (kind, words) in Self.lacks {
                #expect(done.errors.contains(words) == (kind == lack), "\(words): \(done.errors)")
                #expect(!done.output.contains(words))
            }

            let again = try await migrate(database.address, "--json")
            #expect(again.status == 0)
            #expect(try again.object()["applied"] == .list([]))
            #expect(try again.object()["version"] == report["version"])
            let text = try await migrate(database.address)
            #expect(text.output == "schema version \(report["version"].integer ?? 0), all is well\n")
            withExtendedLifetime(database) {}
        }

        @Test func `a dry run for people is a table of steps`() async throws {
            let database = try TestDatabase()
            let run = try await migrate(database.address, "--dry-run", "--rls")
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.lines.first?.hasPrefix("STEP  NAME") == true)
            #expect(run.lines.contains { $0.contains("decision_inbox") && $0.contains("under a second") })
            #expect(
                run.lines.contains { $0.contains("row-level security") && $0.contains("ACCESS EXCLUSIVE") })
            #expect(run.lines.last == "schema version 0")
            withExtendedLifetime(database) {}
        }

        @Test func `a problem exits 1 and says what to do`() async throws {
            let database = try TestDatabase()
            let connection = try database.connect()
            defer { connection.close() }
            try connection.script(
                "create table decision_vectors (id text primary key, embedding real[] not null)")
            let run = try await migrate(database.address, "--json")
            #expect(run.status == 1)
            let problems = try run.object()["problems"].texts
            #expect(
                problems.contains { $0.contains("alter table decision_vectors add column metadata jsonb") })
            #expect(try run.object()["applied"] == .list([]))
            let text = try await migrate(database.address)
            #expect(
                text.status == 1 && text.output.contains("problem: decision_vectors has no column metadata"))
        }

        @Test func `row-level security lists who would lose access, then is turned on`() async throws {
            let database = try TestDatabase()
            #expect(try await migrate(database.address).status == 0)
            let connection = try database.connect()
            defer { connection.close() }
            let role = TestDatabase.uniqueName("loser")
            try connection.run("create role \(identifier: role)")
            try connection.run("grant select on decision_vectors to \(identifier: role)")
            let plan = try await migrate(database.address, "--rls", "--dry-run", "--json")
            #expect(try plan.object()["losing_access"].texts == [role])
            #expect(try plan.object()["pending"].items.map { $0["name"].text } == ["row-level security"])
            let run = try await migrate(database.address, "--rls", "--json")
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.errors.contains("lose access, unless their sessions set verdict.tenant: \(role)"))
            #expect(try run.object()["applied"].texts == ["row-level security"])
            let again = try await migrate(database.address, "--rls", "--json")
            #expect(try again.object()["applied"] == .list([]))
            try connection.run("drop owned by \(identifier: role)")
            try connection.run("drop role \(identifier: role)")
        }

        @Test func `a server that is not there fails in one line without a password`() async throws {
            let port = 1
            let run = try await migrate(
                "postgres://verdict:s3cret@127.0.0.1:\(port)/authz?sslpassword=s3cret")
            #expect(run.status == 1 && run.output.isEmpty)
            #expect(run.errors.split(separator: "\n").count == 1)
            #expect(run.errors.contains("127.0.0.1:1") && !run.errors.contains("s3cret"), "\(run.errors)")
        }

        @Test(arguments: [
            ["--store", "memory:"], ["--store", "memory:somewhere"],
            ["--store", "postgres://h/d?table=theirs"],
            ["--store", "postgres://h/d?nonsense=1"], ["--store", "postgres://h/d", "--partition", "1"],
            ["--store", "postgres://h/d", "--partition", "257"],
            ["--store", "postgres://h/d", "--partition", "four"],
            ["--store", "postgres://h/d", "--partition", "4", "--distribute"], [],
        ])
        func `what has no schema to migrate exits 2`(words: [String]) async throws {
            let folder = try TemporaryFolder()
            let run = try await verdict(["migrate"] + words, environment: ["XDG_DATA_HOME": folder.url.path])
            #expect(run.status == 2 && run.output.isEmpty, "\(run)")
            #expect(!run.errors.isEmpty && !folder.exists("verdict"))
        }
    }
}
