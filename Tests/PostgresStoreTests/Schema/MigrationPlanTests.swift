import Testing

@testable import PostgresStore

/// What a migration makes of a database, judged from facts.
@Suite struct MigrationPlanTests {
    /// What makes a database unusable until somebody changes it.
    struct Obstacle: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let change: @Sendable (inout DatabaseFacts) -> Void
    }

    private static let obstacles: [Obstacle] = [
        Obstacle(testDescription: "PostgreSQL 13: upgrade it to 14") { $0.serverVersion = 130_012 },
        Obstacle(testDescription: "standby and takes no writes: name the primary") { $0.isStandby = true },
        Obstacle(testDescription: "pooler stands between") { $0.isPooled = true },
        Obstacle(testDescription: "encoding is SQL_ASCII") { $0.encoding = "SQL_ASCII" },
        Obstacle(testDescription: "no schema of the search path of role alice") { $0.schema = nil },
        Obstacle(testDescription: "pgvector 0.7.4 is installed, and 0.8.0 is the oldest") {
            $0.pgvector.installed = ExtensionVersion("0.7.4")
        },
        Obstacle(testDescription: "schema that is not on the search path") {
            $0.pgvector.isOnSearchPath = false
        },
        Obstacle(testDescription: "the server offers pgvector 0.7.0") {
            $0.tables = [:]
            $0.applied = [:]
            $0.pgvector.installed = nil
            $0.pgvector.available = ExtensionVersion("0.7.0")
        },
        Obstacle(testDescription: "decision_vectors is no plain table") {
            $0.tables[Schema.vectors]?.kind = "v"
        },
        Obstacle(testDescription: "decision_vectors.embedding is vector(1536), not vector(384)") {
            $0.tables[Schema.vectors]?.columns["embedding"] = "vector(1536)"
        },
        Obstacle(testDescription: "decision_vectors.created_at is timestamp with time zone") {
            $0.tables[Schema.vectors]?.columns["created_at"] = "timestamp with time zone"
        },
        Obstacle(
            testDescription:
                "has no column metadata: run alter table decision_vectors add column metadata jsonb"
        ) { $0.tables[Schema.vectors]?.columns["metadata"] = nil },
        Obstacle(testDescription: "run alter table decision_inbox add primary key (id)") {
            $0.tables[Schema.inbox]?.indexes = []
        },
        Obstacle(testDescription: "decision_inbox.embedding is real[], not vector(384)") {
            $0.tables[Schema.inbox]?.columns["embedding"] = "real[]"
        },
        Obstacle(testDescription: "migration 99 (from tomorrow) was applied by a newer Verdict") {
            $0.applied[99] = AppliedMigration(number: 99, name: "from tomorrow", checksum: "x")
        },
        Obstacle(testDescription: "migration 4 (decision_inbox) was applied with checksum 00ff") {
            $0.applied[4]?.checksum = "00ff"
        },
        Obstacle(testDescription: "may not read verdict_migrations") {
            $0.appliedProblem = "role x may not read verdict_migrations"
        },
    ]

    @Test(arguments: obstacles)
    func `what must be changed first is told, and nothing is done meanwhile`(obstacle: Obstacle) {
        var facts = DatabaseFacts.migrated
        obstacle.change(&facts)
        let plan = MigrationPlan(facts)
        #expect(plan.obstacles.count == 1, "\(plan.obstacles)")
        #expect(plan.obstacles.first?.contains(obstacle.testDescription) == true, "\(plan.obstacles)")
        #expect(plan.allProblems.count >= 1)
    }

    @Test func `a database that was migrated and is whole has nothing to do and no problem`() {
        let plan = MigrationPlan(.migrated)
        #expect(plan.steps.isEmpty && plan.allProblems.isEmpty && plan.notices.isEmpty, "\(plan)")
        #expect(DatabaseFacts.migrated.openingObstacle == nil && DatabaseFacts.migrated.tellsChanges)
    }

    @Test func `a new database has every step, and none keeps anybody waiting`() {
        let plan = MigrationPlan(.empty)
        #expect(plan.allProblems.isEmpty)
        #expect(plan.steps.map(\.migration.number) == Migration.all.map(\.number))
        #expect(
            plan.steps.allSatisfy { $0.lock == "none" && !$0.isConcurrent && $0.estimate == "under a second" }
        )
        #expect(DatabaseFacts.empty.openingObstacle?.contains("run verdict migrate") == true)
    }

    @Test func `indexes of a table that holds rows are built beside writers, with a time by its rows`() throws
    {
        let plan = MigrationPlan(.foreign)
        #expect(plan.allProblems.isEmpty, "\(plan.allProblems)")
        for index in IndexDefinition.all {
            let step = try #require(plan.steps.first { $0.migration.name == index.name })
            #expect(step.isConcurrent && step.lock.contains("SHARE UPDATE EXCLUSIVE on decision_vectors"))
            #expect(step.lock.contains("neither readers nor writers wait"))
            #expect(step.estimate.hasPrefix("about "))
        }
        let triggers = try #require(plan.steps.first { $0.migration.name == "change triggers" })
        #expect(triggers.lock == "SHARE ROW EXCLUSIVE on decision_vectors: writers wait")
        #expect(plan.notices.count == 1 && plan.notices[0].contains("maintenance_work_mem=2211MB"))
    }

    @Test func `an index that serves as well is not built again`() throws {
        var facts = DatabaseFacts.foreign
        facts.tables[Schema.vectors]?.indexes += [
            IndexFacts("theirs", method: "hnsw", key: "embedding", operatorClass: "vector_cosine_ops"),
            IndexFacts("all_of_it", method: "gin", key: "metadata", operatorClass: "jsonb_ops"),
            IndexFacts("t", method: "btree", key: "(metadata ->> 'tenant'::text)", operatorClass: "text_ops"),
        ]
        let steps = MigrationPlan(facts).steps.filter(\.isIndex)
        #expect(steps.count == 3 && steps.allSatisfy { !$0.isConcurrent && $0.lock == "none" })
        facts.tables[Schema.vectors]?.indexes[1].operatorClass = "vector_l2_ops"
        facts.tables[Schema.vectors]?.indexes[2].isPartial = true
        facts.tables[Schema.vectors]?.indexes[3].isUsable = false
        #expect(MigrationPlan(facts).steps.filter { $0.isIndex && $0.isConcurrent }.count == 3)
    }

    @Test func `a table that is there decides how embeddings are held, else the server`() {
        var facts = DatabaseFacts.empty
        #expect(facts.storage == .vector)
        facts.pgvector.available = nil
        #expect(facts.storage == .array)
        #expect(MigrationPlan(facts).notices.first?.contains("no pgvector") == true)
        facts = .foreign
        facts.tables[Schema.vectors]?.columns["embedding"] = "real[]"
        #expect(facts.storage == .array)
        #expect(MigrationPlan(facts).notices.first?.contains("although this server has pgvector") == true)
        facts.tables[Schema.vectors]?.columns["embedding"] = "extensions.vector(384)"
        #expect(facts.storage == .vector && MigrationPlan(facts).obstacles.isEmpty)
    }

    @Test func `an old pgvector is warned of, but is no problem`() {
        var facts = DatabaseFacts.migrated
        facts.pgvector.installed = ExtensionVersion("0.8.5")
        let plan = MigrationPlan(facts)
        #expect(plan.allProblems.isEmpty)
        #expect(
            plan.notices.count == 1 && plan.notices[0].contains("0.8.5") && plan.notices[0].contains("0.8.6"))
    }
}
