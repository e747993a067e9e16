import Decisions
import Locks
import PostgresTesting
import Testing

@testable import PostgresStore
@testable import VectorStores

/// A mirror that is behind leaves searches to the server while that answers.
@Suite(.timeLimit(.minutes(5))) struct BehindMirrorTests {
    @Test(arguments: PostgresVersion.allCases)
    func `what the mirror has not read yet is found by the server`(version: PostgresVersion) async throws {
        let fixture = try await ServerFixture(version, seed: 9, decisions: 20)
        defer { fixture.drop() }
        let target = SearchRequest(
            target: .embedding(fixture.entries[0].embedding), query: .tenant("late"), limit: 1)
        #expect(try await fixture.store.search(target).results.isEmpty)
        // Who holds this keeps followers from reading what changed, and no search from anything.
        let holder = try fixture.database.database.connect()
        defer { holder.close() }
        try holder.run("begin")
        try holder.run("lock table verdict_changes in access exclusive mode")
        let embedding = fixture.entries[0].embedding
        let floats = embedding.counts.map { Float($0) * embedding.scale }
        let writer = try fixture.database.database.connect()
        defer { writer.close() }
        try writer.run("set session_replication_role = replica")
        let cast: SQL = version == .eighteenWithVectors ? "::vector" : ""
        try writer.run(
            """
            insert into decision_vectors (id, embedding, metadata)
            values ('late', \(floats)\(sql: cast), '{"tenant": "late"}')
            """)
        let mirror = try #require(fixture.store as? MemoryStore)
        guard case .mirror(let log, _) = mirror.role, let postgres = log as? PostgresLog else {
            Issue.record("the store is no mirror of PostgreSQL")
            return
        }
        var answer = try await fixture.store.search(target)
        while answer.results.isEmpty {
            await Task.yield()
            // One that took long must not let the server rest.
            postgres.searchesResume.withLock { $0 = .now }
            answer = try await fixture.store.search(target)
        }
        #expect(answer.results.map(\.stored.storedID) == ["late"])
        #expect(answer.strategy == .exact && answer.exact)
        // Nobody told of it: once the mirror has caught up it answers again, and counting finds the row.
        try holder.run("rollback")
        while try await fixture.store.search(target).strategy == .exact { await Task.yield() }
        postgres.audit.withLock { $0.nextTime = .now }
        var found = try await fixture.store.search(target)
        while found.results.isEmpty || found.strategy != .mirrorExact {
            await Task.yield()
            found = try await fixture.store.search(target)
        }
        #expect(found.results.map(\.stored.storedID) == ["late"] && found.strategy == .mirrorExact)
        let check = try await fixture.store.health().first { $0.name == "mirror" }
        #expect(check?.status == .degraded)
        #expect(check?.detail.contains("1 row on the server that no trigger told of") == true)
        await fixture.store.close()
    }

    @Test func `a server that does not answer in time leaves searches to the mirror`() async throws {
        let fixture = try await ServerFixture(.fifteen, seed: 10, decisions: 20)
        defer { fixture.drop() }
        let holder = try fixture.database.database.connect()
        defer { holder.close() }
        try holder.run("begin")
        try holder.run("lock table verdict_changes, decision_vectors in access exclusive mode")
        let mirror = try #require(fixture.store as? MemoryStore)
        try await mirror.waitForMirror(.degraded)
        let answer = try await fixture.store.search(
            SearchRequest(target: .embedding(fixture.entries[0].embedding), limit: 3))
        #expect(answer.strategy == .mirrorExact && answer.results.count == 3)
        try holder.run("rollback")
        await fixture.store.close()
    }
}

extension MemoryStore {
    /// Waits until the check of the mirror stands so; nothing tells of it.
    fileprivate func waitForMirror(_ status: HealthCheck.Status) async throws {
        while try await !health().contains(where: { $0.name == "mirror" && $0.status == status }) {
            await Task.yield()
        }
    }
}
