import Testing

@testable import PostgresStore

/// What is lacking in a database, and what to do about it.
@Suite struct SchemaProblemTests {
    /// What went wrong after a migration, or a right that is not there.
    struct Problem: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let change: @Sendable (inout DatabaseFacts) -> Void
    }

    private static let drifts: [Problem] = [
        Problem(testDescription: "table verdict_changes was made by a migration and is not found") {
            $0.tables[Schema.changes] = nil
        },
        Problem(testDescription: "triggers verdict_stored of decision_inbox are off") {
            $0.tables[Schema.inbox]?.triggers["verdict_stored"] = false
        },
        Problem(
            testDescription:
                "index decision_vectors_tenant was made by a migration and is gone: run create index"
        ) { $0.tables[Schema.vectors]?.indexes.removeAll { $0.name == "decision_vectors_tenant" } },
        Problem(testDescription: "\"decision_vectors_embedding_hnsw\" of decision_vectors is invalid") {
            $0.breakIndex("decision_vectors_embedding_hnsw")
        },
        Problem(testDescription: "\"theirs_ccnew\" of decision_vectors is invalid") {
            let index = IndexFacts("theirs_ccnew", method: "btree", key: "id", operatorClass: "text_ops")
            $0.tables[Schema.vectors]?.indexes.append(index)
            $0.breakIndex("theirs_ccnew")
        },
        Problem(
            testDescription:
                "run create index concurrently verdict_changes_order on verdict_changes (transaction, s"
        ) {
            $0.tables[Schema.changes]?.indexes = []
        },
        Problem(testDescription: "index verdict_records_changed was made by a migration and is gone") {
            $0.tables[Schema.records]?.indexes[0].isPartial = true
            $0.tables[Schema.records]?.indexes[0].name = "theirs"
        },
        Problem(testDescription: "index verdict_retired_age was made by a migration and is gone") {
            $0.tables[Schema.retired]?.indexes = []
        },
        Problem(
            testDescription:
                "alter table verdict_changes alter column transaction set default pg_current_xact_id()"
        ) { $0.tables[Schema.changes]?.defaults["transaction"] = nil },
        Problem(
            testDescription:
                "verdict_records.changed does not get pg_current_xact_id() by itself any more, but '1'"
        ) { $0.tables[Schema.records]?.defaults["changed"] = "'1'::xid8" },
        Problem(
            testDescription:
                "alter table verdict_changes alter column sequence add generated always as identity"
        ) {
            $0.tables[Schema.changes]?.defaults["sequence"] = nil
        },
        Problem(testDescription: "verdict_retired.removed_at does not get now() by itself any more: run") {
            $0.tables[Schema.retired]?.defaults["removed_at"] = nil
        },
        Problem(
            testDescription:
                "decision_vectors must have a value in Owner, team, which Verdict does not write, so that no decision"
        ) {
            $0.tables[Schema.vectors]?.required.formUnion(["team", "Owner", "since"])
            $0.tables[Schema.vectors]?.defaults["since"] = "now()"
        },
    ]

    @Test func `an index under another name serves as well`() {
        var facts = DatabaseFacts.migrated
        facts.tables[Schema.changes]?.indexes[0].name = "theirs"
        #expect(MigrationPlan(facts).allProblems.isEmpty)
    }

    @Test func `functions with another body are made again`() {
        var facts = DatabaseFacts.migrated
        #expect(MigrationScripts.bodies.count == 5)
        facts.functions = MigrationScripts.bodies
        #expect(MigrationPlan(facts).steps.isEmpty)
        facts.functions["verdict_note_stored"] = "begin return null; end"
        #expect(MigrationPlan(facts).steps.map(\.title) == ["7 change triggers"])
    }

    @Test(arguments: drifts)
    func `what went after it was migrated is a problem with what to do`(drift: Problem) {
        var facts = DatabaseFacts.migrated
        drift.change(&facts)
        let plan = MigrationPlan(facts)
        #expect(plan.obstacles.isEmpty && plan.problems.count == 1, "\(plan.allProblems)")
        #expect(plan.problems.first?.contains(drift.testDescription) == true, "\(plan.problems)")
    }

    @Test(arguments: ["decision_vectors_verdict_new", "decision_vectors_verdict_old"])
    func `a whole index that a cut rebuild left is told, unless one is under way`(name: String) {
        var facts = DatabaseFacts.migrated
        facts.tables[Schema.vectors]?.indexes.append(
            IndexFacts(name, method: "hnsw", key: "embedding", operatorClass: "vector_cosine_ops"))
        let problems = MigrationPlan(facts).problems
        #expect(problems.count == 1, "\(problems)")
        #expect(
            problems.first?.contains("run verdict rebuild, or drop index concurrently \(name)") == true,
            "\(problems)")
        facts.isBeingWorkedOn = true
        #expect(MigrationPlan(facts).problems.isEmpty)
    }

    @Test func `an index that is being built is no leftover`() {
        var facts = DatabaseFacts.migrated
        facts.breakIndex("decision_vectors_tenant")
        facts.tables[Schema.vectors]?.indexes[2].builder = 4_711
        #expect(MigrationPlan(facts).allProblems.isEmpty)
    }

    @Test func `triggers that are gone are made again`() {
        var facts = DatabaseFacts.migrated
        facts.tables[Schema.vectors]?.triggers["verdict_removed"] = nil
        #expect(MigrationPlan(facts).steps.map(\.title) == ["7 change triggers"])
        #expect(!facts.tellsChanges)
    }

    private static let rights: [Problem] = [
        Problem(testDescription: "run create extension vector in this database") {
            $0.pgvector.installed = nil
            $0.pgvector.mayInstall = false
        },
        Problem(testDescription: "only the owner of decision_vectors, role bob, may add triggers") {
            $0.tables[Schema.vectors]?.isOwn = false
            $0.tables[Schema.vectors]?.mayAddTriggers = false
            $0.tables[Schema.vectors]?.owner = "bob"
        },
        Problem(testDescription: "may build decision_vectors_tenant: migrate as a member of that role") {
            $0.tables[Schema.vectors]?.isOwn = false
        },
        Problem(testDescription: "grant create on schema \"public\" to \"alice\"") {
            $0.mayCreateTables = false
        },
    ]

    @Test(arguments: rights)
    func `a right that is lacking is told with who can give it`(right: Problem) {
        var facts = DatabaseFacts.foreign
        right.change(&facts)
        let problems = MigrationPlan(facts).allProblems
        #expect(problems.contains { $0.contains(right.testDescription) }, "\(problems)")
    }

    @Test func `a new database may do without a pgvector that is not to be had, and is told how`() {
        let statement =
            "run create table if not exists decision_vectors ( id text primary key, embedding real[] not null"
        let changes: [(inout DatabaseFacts) -> Void] = [
            { $0.pgvector.mayInstall = false }, { $0.pgvector.available = ExtensionVersion("0.7.0") },
            { $0.pgvector.installed = ExtensionVersion("0.7.4") },
        ]
        for change in changes {
            var facts = DatabaseFacts.empty
            change(&facts)
            let problem = MigrationPlan(facts).allProblems.first
            #expect(problem?.contains("; or, to do without it, \(statement)") == true, "\(problem ?? "")")
            facts.tables[Schema.vectors] = .sample(Schema.vectors)
            #expect(MigrationPlan(facts).allProblems.allSatisfy { !$0.contains("to do without it") })
            facts.tables[Schema.vectors]?.columns["embedding"] = "real[]"
            #expect(MigrationPlan(facts).obstacles.isEmpty)
        }
    }

    @Test func `names from a server are escaped`() {
        var facts = DatabaseFacts.foreign
        facts.user = "al\u{1B}[2Jice\""
        facts.schema = "pub\u{202E}lic"
        facts.mayCreateTables = false
        let problems = MigrationPlan(facts).allProblems.joined()
        #expect(problems.contains("al\\u{1b}[2Jice\"\"") && !problems.unicodeScalars.contains("\u{1B}"))
        #expect(!problems.unicodeScalars.contains("\u{202E}"))
    }
}

extension DatabaseFacts {
    /// Makes an index of the user's table one whose building failed.
    fileprivate mutating func breakIndex(_ name: String) {
        let position = tables[Schema.vectors]?.indexes.firstIndex { $0.name == name }
        if let position { tables[Schema.vectors]?.indexes[position].isUsable = false }
    }
}
