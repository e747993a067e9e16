import Decisions
import Dispatch
import Locks
import Testing
import VectorStores

/// What every store tells of itself, and its records.
@Suite struct StoreConformanceReportTests {
    @Test(arguments: StoreFactory.all)
    func `statistics and tenants count what is there`(factory: StoreFactory) async throws {
        let store = try await factory.make()
        #expect(try await store.tenants().isEmpty)
        #expect(try await store.statistics().newestDecision == nil)
        var source = DecisionSource(seed: 30)
        let entries = source.entries(150)
        _ = try await store.insert(entries)
        let removed = entries.filter { $0.decision.tenant == "globex" }.prefix(5).map(\.decision.id)
        _ = try await store.delete(.ids(Array(removed), tenant: "globex"))
        let left = entries.map(\.decision).filter { $0.tenant != "globex" || !removed.contains($0.id) }
        let statistics = try await store.statistics()
        #expect(statistics.vectors == 145)
        #expect(statistics.dimension == 384)
        #expect(statistics.tenants == Set(left.map(\.tenant)).count)
        #expect(statistics.newestDecision == left.map(\.time).max())
        #expect(statistics.oldestDecision == left.map(\.time).min())
        #expect(statistics.memoryBytes == statistics.memoryParts.values.reduce(0, +))
        #expect(statistics.distinctShare == Double(statistics.distinct) / 145)
        #expect(statistics.index.degreeHistogram.reduce(0, +) == statistics.index.layers.first)
        let own = try #require(statistics.index.selfSearch)
        #expect(own.recall > 0.9 && own.distances > 0 && own.hops > 0)
        #expect(statistics.lastInsert == testClock())
        let tenants = try await store.tenants()
        #expect(tenants.map(\.tenant) == Set(left.map(\.tenant)).sorted())
        for row in tenants {
            let own = left.filter { $0.tenant == row.tenant }
            #expect(row.vectors == own.count)
            #expect(row.denies == own.count { $0.effect == .deny })
            #expect(row.lastTime == own.map(\.time).max())
            #expect(row.distinct > 0 && row.distinct <= row.vectors)
        }
        await store.close()
    }

    @Test(arguments: StoreFactory.all)
    func `activity counts by bucket of event time`(factory: StoreFactory) async throws {
        let store = try await factory.make()
        var source = DecisionSource(seed: 31)
        let entries = source.entries(200)
        _ = try await store.insert(entries)
        let from = Timestamp(seconds: DecisionSource.start.seconds + 100_000, nanoseconds: 500_000_000)
        for tenant in [nil, "acme", "nobody"] {
            let history = try await store.activity(
                ActivityRequest(tenant: tenant, from: from, bucketSeconds: 3_600, buckets: 48))
            for bucket in 0..<48 {
                let start = from.advanced(bySeconds: Int64(bucket) * 3_600)
                let inside = entries.map(\.decision).filter { decision in
                    decision.time >= start && decision.time < start.advanced(bySeconds: 3_600)
                        && (tenant == nil || decision.tenant == tenant)
                }
                #expect(history.decisions[bucket] == inside.count)
                #expect(history.denies[bucket] == inside.count { $0.effect == .deny })
            }
        }
        await #expect(throws: StoreError.self) {
            try await store.activity(ActivityRequest(from: from, bucketSeconds: 0, buckets: 5))
        }
        await #expect(throws: StoreError.self) {
            try await store.activity(ActivityRequest(from: from, bucketSeconds: 1, buckets: 2_001))
        }
        await store.close()
    }

    @Test(arguments: StoreFactory.all)
    func `an export yields every matching entry in the order it came`(factory: StoreFactory) async throws {
        let store = try await factory.make()
        var source = DecisionSource(seed: 32)
        let entries = source.entries(700)
        _ = try await store.insert(entries)
        for text in ["", "tenant:acme not effect:deny"] {
            let query = try Query(parsing: text, now: testClock())
            let matcher = QueryMatcher(query)
            var exported: [StoredDecision] = []
            for try await batch in try await store.export(matching: query) { exported += batch }
            let expected = entries.filter { matcher.matches($0.decision) }
            #expect(exported.map(\.decision) == expected.map(\.decision))
            #expect(exported.map(\.embedding) == expected.map(\.embedding))
        }
        await store.close()
    }

    @Test(arguments: StoreFactory.all)
    func `a rebuild tells its progress, keeps every entry and measures both indexes`(
        factory: StoreFactory
    ) async throws {
        let store = try await factory.make()
        var source = DecisionSource(seed: 33)
        let entries = source.entries(300)
        _ = try await store.insert(entries)
        _ = try await store.delete(.query(try Query(parsing: "effect:conditional", now: testClock())))
        let phases = Mutex<[RebuildProgress.Phase]>([])
        let report = try await store.rebuild(RebuildRequest(m: 8, efConstruction: 60)) { progress in
            phases.withLock { if $0.last != progress.phase { $0.append(progress.phase) } }
            #expect((0...1).contains(progress.fraction))
        }
        // A server builds its own index last, where it has one.
        let own = phases.withLock { $0 }.filter { $0 != .server }
        #expect(own == [.measuring, .building, .verifying, .swapping])
        #expect(report.after.recall >= 0.9)
        #expect(report.before.recall >= 0.9)
        #expect(report.after.memoryBytes > 0)
        let built = try #require(report.built)
        #expect(built.tombstonesDropped > 0 && built.rowsCarriedOver == 0 && built.selfRecall > 0.9)
        let statistics = try await store.statistics()
        #expect(statistics.index.m == 8)
        #expect(statistics.index.efConstruction == 60)
        #expect(statistics.index.tombstones == 0)
        #expect(statistics.index.nodes == built.nodes)
        #expect(statistics.vectors == entries.count { $0.decision.effect != .conditional })
        let kept = entries.first { $0.decision.effect == .deny }
        if let kept {
            let answer = try await store.search(
                SearchRequest(target: .embedding(kept.embedding), limit: 1, exact: true))
            #expect(abs((answer.results.first?.similarity ?? 0) - 1) < 1e-6)
        }
        await store.close()
    }

    @Test(arguments: StoreFactory.all)
    func `what is stored and deleted while a rebuild runs is so afterwards`(factory: StoreFactory)
        async throws
    {
        let store = try await factory.make()
        var source = DecisionSource(seed: 36)
        let (early, late) = (source.entries(300), source.entries(40))
        _ = try await store.insert(early)
        let removed = early[7].decision
        let isWritten = Mutex(false)
        let report = try await store.rebuild(RebuildRequest(m: 8)) { progress in
            guard progress.phase == .building,
                isWritten.withLock({ written in
                    defer { written = true }
                    return !written
                })
            else { return }
            let written = DispatchSemaphore(value: 0)
            Task {
                _ = try? await store.insert(late)
                _ = try? await store.delete(.ids([removed.id], tenant: removed.tenant))
                written.signal()
            }
            // A rebuild has a thread of its own, which may wait.
            written.wait()
        }
        #expect((report.built?.rowsCarriedOver ?? 0) > 0)
        let statistics = try await store.statistics()
        #expect(statistics.index.m == 8)
        #expect(statistics.vectors == early.count + late.count - 1)
        for entry in late {
            let answer = try await store.search(
                SearchRequest(
                    target: .embedding(entry.embedding), query: .tenant(entry.decision.tenant),
                    limit: 400, forcesGraph: true))
            #expect(answer.results.contains { $0.stored.decision == entry.decision })
        }
        #expect(try await store.entries(id: removed.id, tenant: removed.tenant).isEmpty)
        let near = try await store.search(
            SearchRequest(target: .embedding(early[7].embedding), limit: 400, forcesGraph: true))
        #expect(!near.results.contains { $0.stored.decision == removed })
        await store.close()
    }

    @Test(arguments: StoreFactory.all)
    func `a rebuild with settings out of range or cancelled leaves the old index`(
        factory: StoreFactory
    ) async throws {
        let store = try await factory.make()
        var source = DecisionSource(seed: 34)
        _ = try await store.insert(source.entries(50))
        for request in [
            RebuildRequest(m: 3), RebuildRequest(m: 65), RebuildRequest(efConstruction: 7),
            RebuildRequest(efConstruction: 1_001), RebuildRequest(quantization: "sq1"),
        ] {
            await #expect(throws: StoreError.self) { try await store.rebuild(request) { _ in } }
        }
        let cancelled = Task {
            unsafe withUnsafeCurrentTask { task in unsafe task?.cancel() }
            return try await store.rebuild(RebuildRequest(m: 32)) { _ in }
        }
        await #expect(throws: StoreError.self) { try await cancelled.value }
        #expect(try await store.statistics().index.m == 16)
        await store.close()
    }

    @Test(arguments: StoreFactory.all)
    func `a rebuild makes smaller codes, and another whole ones again`(factory: StoreFactory) async throws {
        let store = try await factory.make()
        var source = DecisionSource(seed: 35)
        let entries = source.entries(300)
        _ = try await store.insert(entries)
        for quantization in ["sq8", "sq4", "pq4", "none"] {
            let report = try await store.rebuild(RebuildRequest(quantization: quantization)) { _ in }
            #expect(report.after.recall >= 0.95)
            #expect(try await store.statistics().index.quantization == quantization)
            let sought = try #require(entries.first { $0.decision.effect != .conditional })
            let answer = try await store.search(
                SearchRequest(target: .embedding(sought.embedding), limit: 1, forcesGraph: true))
            #expect(abs((answer.results.first?.similarity ?? 0) - 1) < 1e-6)
        }
        await store.close()
    }

    @Test(arguments: StoreFactory.all)
    func `health names its checks and all are well`(factory: StoreFactory) async throws {
        let store = try await factory.make()
        let checks = try await store.health()
        #expect(checks.contains { $0.name == "index" })
        // Servers of tests take no care of power failures, and are told to.
        let unwell = checks.filter { $0.status != .ok }
        #expect(unwell.allSatisfy { $0.name == "settings" && $0.detail.contains("fsync is off") })
        #expect(checks.allSatisfy { !$0.detail.isEmpty })
        await store.close()
    }

    @Test(arguments: StoreFactory.all)
    func `records are written together, with revisions`(factory: StoreFactory) async throws {
        let store = try await factory.make()
        try await store.write([
            RecordChange(collection: "incidents", key: "b", value: .string("one"), expected: 0),
            RecordChange(collection: "incidents", key: "a", value: .number("1")),
            RecordChange(collection: "incidents", key: "b", value: .string("two"), expected: 1),
            RecordChange(collection: "jobs", key: "b", value: .null),
        ])
        #expect(try await store.records(in: "incidents").map(\.key) == ["a", "b"])
        #expect(try await store.record(in: "incidents", key: "b")?.value == .string("two"))
        #expect(try await store.record(in: "incidents", key: "b")?.revision == 2)
        let error = await #expect(throws: StoreError.self) {
            try await store.write([
                RecordChange(collection: "incidents", key: "a", value: .number("2")),
                RecordChange(collection: "incidents", key: "b", value: .null, expected: 1),
            ])
        }
        #expect(error?.code == .revisionConflict)
        #expect(try await store.record(in: "incidents", key: "a")?.value == .number("1"))
        try await store.write([RecordChange(collection: "incidents", key: "b", value: nil, expected: 2)])
        #expect(try await store.record(in: "incidents", key: "b") == nil)
        try await store.write([
            RecordChange(collection: "incidents", key: "b", value: .string("again"), expected: 0)
        ])
        #expect(try await store.record(in: "incidents", key: "b")?.revision == 4)
        #expect(try await store.records(in: "nothing").isEmpty)
        await store.close()
    }

    @Test(arguments: StoreFactory.all)
    func `records written at once are told in the order of their revisions`(
        factory: StoreFactory
    ) async throws {
        let store = try await factory.make()
        let records = store.recordChanges(in: "c")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    for number in 0..<40 {
                        try await store.write([
                            RecordChange(collection: "c", key: "k", value: .number("\(writer * 40 + number)"))
                        ])
                    }
                }
            }
            try await group.waitForAll()
        }
        await store.close()
        var revisions: [UInt64] = []
        for await record in records { revisions.append(record.revision) }
        #expect(revisions == Array(1...320))
    }

    @Test(arguments: StoreFactory.all)
    func `changes are announced, and records to those who follow their collection`(
        factory: StoreFactory
    ) async throws {
        let store = try await factory.make()
        var changes = store.changes().makeAsyncIterator()
        var records = store.recordChanges(in: "incidents").makeAsyncIterator()
        var source = DecisionSource(seed: 35)
        _ = try await store.insert(source.entries(1))
        let first = await changes.next()
        try await store.write([
            RecordChange(collection: "jobs", key: "x", value: .null),
            RecordChange(collection: "incidents", key: "y", value: .bool(true)),
        ])
        let second = await changes.next()
        #expect((second ?? 0) > (first ?? 0))
        #expect(await records.next()?.key == "y")
        try await store.write([RecordChange(collection: "incidents", key: "y", value: nil)])
        #expect(await records.next()?.value == nil)
        await store.close()
        #expect(await records.next() == nil)
        await #expect(throws: StoreError.self) { try await store.insert(source.entries(1)) }
    }
}
