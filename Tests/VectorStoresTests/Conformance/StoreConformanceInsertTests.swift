import Decisions
import Testing
import VectorStores

/// What every store does with what is inserted and deleted.
@Suite struct StoreConformanceInsertTests {
    @Test(arguments: StoreFactory.all)
    func `what was inserted is found by its identifier, unchanged`(factory: StoreFactory) async throws {
        let store = try await factory.make()
        var source = DecisionSource(seed: 1)
        let entries = source.entries(60)
        let report = try await store.insert(entries)
        #expect(report.outcomes.allSatisfy { $0.disposition == .accepted })
        for entry in entries {
            let found = try await store.entries(id: entry.decision.id, tenant: entry.decision.tenant)
            #expect(found.map(\.decision) == [entry.decision])
            #expect(found.first?.embedding == entry.embedding)
            #expect(found.first?.decision.time.fractionDigits == entry.decision.time.fractionDigits)
        }
        #expect(try await store.entries(id: "nobody", tenant: nil).isEmpty)
        await store.close()
    }

    @Test(arguments: StoreFactory.all)
    func `a second insert of everything is all duplicates`(factory: StoreFactory) async throws {
        let store = try await factory.make()
        var source = DecisionSource(seed: 2)
        var entries = source.entries(40)
        var changed = entries[3]
        changed.decision.effect = changed.decision.effect == .deny ? .allow : .deny
        entries.append(changed)
        entries.append(entries[5])
        let first = try await store.insert(entries)
        #expect(first.outcomes[40].disposition == .conflict)
        #expect(first.outcomes[41].disposition == .duplicate)
        let second = try await store.insert(entries)
        #expect(second.outcomes.allSatisfy { $0.disposition == .duplicate })
        #expect(try await store.statistics().vectors == 41)
        #expect(try await store.statistics().conflicts == 1)
        await store.close()
    }

    @Test(arguments: StoreFactory.all)
    func `a conflict is kept beside under a derived identifier`(factory: StoreFactory) async throws {
        let store = try await factory.make()
        var source = DecisionSource(seed: 3)
        let entry = Entry(source.next(tenant: "acme"))
        var other = entry
        other.decision.principal.id = "mallory"
        _ = try await store.insert([entry])
        let outcome = try await store.insert([other]).outcomes[0]
        #expect(outcome.disposition == .conflict)
        #expect(outcome.storedID.hasPrefix(entry.decision.id + "~"))
        #expect(outcome.storedID.utf8.count == entry.decision.id.utf8.count + 13)
        let kept = try await store.entries(id: outcome.storedID, tenant: "acme")
        #expect(kept.first?.decision == other.decision)
        #expect(
            try await store.entries(id: entry.decision.id, tenant: "acme").first?.decision == entry.decision)
        await store.close()
    }

    @Test(arguments: StoreFactory.all)
    func `an identifier that looks derived hides nothing`(factory: StoreFactory) async throws {
        let store = try await factory.make()
        var source = DecisionSource(seed: 4)
        let entry = Entry(source.next(tenant: "acme"))
        var other = entry
        other.decision.principal.id = "mallory"
        let derived = try await store.insert([entry, other]).outcomes[1].storedID
        var forged = Entry(source.next(tenant: "acme"))
        forged.decision.id = derived
        let outcomes = try await store.insert([forged, forged]).outcomes
        #expect(outcomes.map(\.disposition) == [.conflict, .duplicate])
        #expect(try await store.statistics().vectors == 3)
        await store.close()
    }

    @Test(arguments: StoreFactory.all)
    func `an identifier may be of any length, and keeps no other entry from being stored`(
        factory: StoreFactory
    ) async throws {
        let store = try await factory.make()
        var source = DecisionSource(seed: 9)
        var entries = source.entries(5, tenant: "acme")
        // Longer than a key of PostgreSQL, and such that little distinguishes one from another.
        let long = String(repeating: "\u{E9}long", count: 1_000)
        for number in 1..<4 { entries[number].decision.id = "\(long)-\(number % 3)" }
        entries[3].decision.id = entries[1].decision.id
        entries[3].decision.tenant = "globex"
        var conflict = entries[1]
        conflict.decision.principal.id = "mallory"
        entries.append(conflict)
        let outcomes = try await store.insert(entries).outcomes
        #expect(
            outcomes.map(\.disposition) == [.accepted, .accepted, .accepted, .accepted, .accepted, .conflict])
        for (entry, outcome) in zip(entries, outcomes) {
            let tenant = entry.decision.tenant
            let found = try await store.entries(id: outcome.storedID, tenant: tenant)
            #expect(found.map(\.decision) == [entry.decision])
        }
        let again = try await store.insert(entries).outcomes
        #expect(again.allSatisfy { $0.disposition == .duplicate })
        let id = entries[1].decision.id
        let named = Query.comparison(Query.Comparison(field: "id", operation: .equals, operands: [id]))
        let found = try await store.search(SearchRequest(query: named)).results
        #expect(found.allSatisfy { $0.stored.decision.id == id })
        #expect(Set(found.map(\.stored.decision.tenant)) == ["acme", "globex"])
        #expect(try await store.delete(.ids([id], tenant: "globex")).deleted == 1)
        #expect(try await store.entries(id: id, tenant: nil).map(\.decision) == [entries[1].decision])
        #expect(try await store.insert([entries[3]]).outcomes[0].disposition == .accepted)
        await store.close()
    }

    @Test(arguments: StoreFactory.all)
    func `tenants may share an identifier`(factory: StoreFactory) async throws {
        let store = try await factory.make()
        var source = DecisionSource(seed: 5)
        var entries = source.entries(2, tenant: "acme")
        entries[1].decision.id = entries[0].decision.id
        entries[1].decision.tenant = "globex"
        let outcomes = try await store.insert(entries).outcomes
        #expect(outcomes.map(\.disposition) == [.accepted, .accepted])
        let id = entries[0].decision.id
        #expect(try await store.entries(id: id, tenant: nil).count == 2)
        #expect(try await store.entries(id: id, tenant: "globex").map(\.decision) == [entries[1].decision])
        let error = await #expect(throws: StoreError.self) {
            try await store.search(SearchRequest(target: .like(id: id, tenant: nil)))
        }
        #expect(error?.code == .ambiguousID)
        #expect(error?.description.contains("acme, globex") == true)
        let scoped = try await store.search(
            SearchRequest(target: .like(id: id, tenant: nil), query: .tenant("acme")))
        #expect(scoped.results.isEmpty)
        await store.close()
    }

    @Test(arguments: StoreFactory.all)
    func `names that only look alike are told apart`(factory: StoreFactory) async throws {
        let store = try await factory.make()
        let names = ["caf\u{E9}", "cafe\u{301}"]
        var log: [Entry] = []
        for stage in ["ResponseStarted", "ResponseComplete"] {
            for name in names {
                var entry = Stages.event(stage, outcome: stage == "ResponseStarted" ? nil : "ok", latency: 1)
                entry.decision.tenant = name
                log.append(entry)
            }
        }
        let outcomes = try await store.insert(log).outcomes
        #expect(outcomes.map(\.disposition) == [.accepted, .accepted, .merged, .merged])
        for (name, later) in zip(names, log[2...]) {
            let kept = try await store.entries(id: later.decision.id, tenant: name)
            #expect(kept.map(\.decision.outcome) == ["ok"])
            let query = try Query(parsing: "not kind:x tenant:[\(name)]", now: testClock())
            let found = try await store.search(SearchRequest(query: query)).results
            #expect(found.map { Array($0.stored.decision.tenant.utf8) } == [Array(name.utf8)])
        }
        var other = log[2]
        other.decision.id = "caf\u{E9}"
        var twin = other
        twin.decision.id = "cafe\u{301}"
        var disguised = other
        disguised.decision.source.format = "verdict"
        disguised.decision.principal.id = "caf\u{E9}"
        var double = disguised
        double.decision.principal.id = "cafe\u{301}"
        disguised.decision.id = "principal"
        double.decision.id = "principal"
        let more = try await store.insert([other, twin, disguised, double]).outcomes
        #expect(more.map(\.disposition) == [.accepted, .accepted, .accepted, .conflict])
        try await store.write(names.map { RecordChange(collection: "c", key: $0, value: .string($0)) })
        #expect(try await store.records(in: "c").count == 2)
        await store.close()
    }

    @Test(arguments: StoreFactory.all)
    func `later stages of an event merge, earlier ones are duplicates`(factory: StoreFactory) async throws {
        let store = try await factory.make()
        let started = Stages.event("ResponseStarted", outcome: nil, latency: nil)
        let complete = Stages.event("ResponseComplete", outcome: "ok", latency: 4_250_000)
        let panic = Stages.event("Panic", outcome: "500", latency: 5_000_000)
        var forged = complete
        forged.decision.principal.id = "mallory"
        let log = [started, complete, started, panic, complete, forged]
        let first = try await store.insert(log).outcomes.map(\.disposition)
        #expect(first == [.accepted, .merged, .duplicate, .merged, .duplicate, .conflict])
        let kept = try await store.entries(id: started.decision.id, tenant: "")
        #expect(kept.map(\.decision) == [panic.decision])
        #expect(kept.first?.embedding == panic.embedding)
        let second = try await store.insert(log).outcomes.map(\.disposition)
        #expect(second.allSatisfy { $0 == .duplicate })
        for entry in log.dropFirst() { _ = try await store.insert([entry]) }
        #expect(try await store.statistics().vectors == 2)
        await store.close()
    }

    @Test(arguments: StoreFactory.all)
    func `stages of a conflicting event meet under one identifier, in whatever order`(
        factory: StoreFactory
    ) async throws {
        let kept = Stages.event("ResponseComplete", outcome: "ok", latency: 1_000)
        let stages = [("ResponseStarted", nil), ("ResponseComplete", "ok"), ("Panic", "500")].map {
            var stage = Stages.event($0.0, outcome: $0.1, latency: 2_000)
            stage.decision.principal.id = "mallory"
            return stage
        }
        var identifiers: Set<String> = []
        for (order, expected) in [
            ([0, 1, 2], [.conflict, .merged, .merged]), ([2, 0, 1], [.conflict, .duplicate, .duplicate]),
            ([1, 0, 2], [.conflict, .duplicate, .merged]),
        ] as [([Int], [InsertOutcome.Disposition])] {
            let log = [kept] + order.map { stages[$0] }
            let batch = try await factory.make()
            let single = try await factory.make()
            let first = try await batch.insert(log).outcomes
            #expect(first.map(\.disposition) == [.accepted] + expected)
            for (entry, outcome) in zip(log, first) {
                #expect(try await single.insert([entry]).outcomes[0].disposition == outcome.disposition)
            }
            for store in [batch, single] {
                let again = try await store.insert(log).outcomes
                #expect(again.allSatisfy { $0.disposition == .duplicate })
                #expect(try await store.statistics().vectors == 2)
                #expect(try await store.statistics().conflicts == 1)
                await store.close()
            }
            identifiers.formUnion(first.dropFirst().map(\.storedID))
        }
        #expect(identifiers.count == 1)
        #expect(identifiers.first?.wholeMatch(of: /[^~]+~[0-9a-f]{12}/) != nil)
    }

    @Test(arguments: StoreFactory.all)
    func `zero vectors, wrong dimensions, empty identifiers and endless tenants are refused whole`(
        factory: StoreFactory
    ) async throws {
        let store = try await factory.make()
        var source = DecisionSource(seed: 6)
        let good = Entry(source.next())
        var zero = Entry(source.next())
        zero.embedding = Embedding(counts: [Int8](repeating: 0, count: Embedding.dimension))
        var short = Entry(source.next())
        short.embedding.counts = [1, 2, 3]
        var nameless = Entry(source.next())
        nameless.decision.id = ""
        var wordy = Entry(source.next())
        wordy.decision.tenant = String(repeating: "\0", count: 334)
        for bad in [zero, short, nameless, wordy] {
            let error = await #expect(throws: StoreError.self) { try await store.insert([good, bad]) }
            #expect(error?.code == .usage)
        }
        #expect(try await store.statistics().vectors == 0)
        #expect(try await store.insert([]).outcomes.isEmpty)
        await store.close()
    }

    @Test(arguments: StoreFactory.all)
    func `deleting by identifier and by query leaves the rest`(factory: StoreFactory) async throws {
        let store = try await factory.make()
        var source = DecisionSource(seed: 7)
        let entries = source.entries(80)
        _ = try await store.insert(entries)
        let victim = entries[11].decision
        let byID = try await store.delete(.ids([victim.id, "nobody"], tenant: victim.tenant))
        #expect(byID.deleted == 1)
        #expect(try await store.entries(id: victim.id, tenant: victim.tenant).isEmpty)
        let query = try Query(parsing: "effect:deny", now: testClock())
        let denied = entries.filter { $0.decision.effect == .deny && $0.decision.id != victim.id }
        let byQuery = try await store.delete(.query(query))
        #expect(byQuery.matched == denied.count)
        #expect(byQuery.deleted == denied.count)
        let left = try await store.search(SearchRequest(limit: 1000)).results.map(\.stored.storedID)
        #expect(
            Set(left)
                == Set(
                    entries.filter { $0.decision.effect != .deny && $0.decision.id != victim.id }
                        .map(\.decision.id)))
        #expect(try await store.insert([entries[11]]).outcomes[0].disposition == .accepted)
        await store.close()
    }

    @Test(arguments: StoreFactory.all)
    func `novelty compares with the tenant's own past, the same batch included`(
        factory: StoreFactory
    ) async throws {
        let store = try await factory.make()
        var source = DecisionSource(seed: 8)
        let entry = Entry(source.next(tenant: "acme"))
        let copies = (0..<3).map { number in
            var copy = entry
            copy.decision.id = "copy-\(number)"
            return copy
        }
        var foreign = entry
        foreign.decision.tenant = "globex"
        let outcomes = try await store.insert([entry] + copies + [foreign]).outcomes
        #expect(outcomes[0].novelty?.nearestID == nil)
        #expect(outcomes[0].novelty?.identicalRows == 0)
        #expect(outcomes[2].novelty?.identicalRows == 2)
        #expect(abs((outcomes[3].novelty?.nearestSimilarity ?? 0) - 1) < 1e-6)
        #expect(abs((outcomes[3].novelty?.meanSimilarity ?? 0) - 0.3) < 1e-6)
        #expect(outcomes[3].novelty?.nearestID != nil)
        #expect(outcomes[4].novelty?.identicalRows == 0)
        #expect(outcomes[4].novelty?.nearestID == nil)
        await store.close()
    }
}

/// One Kubernetes audit event at its stages.
enum Stages {
    static func event(_ stage: String, outcome: String?, latency: Int64?) -> Entry {
        var decision = Decision(
            id: "0d1e2f3a-0000-4000-8000-000000000001", time: DecisionSource.start,
            principal: Principal(id: "system:serviceaccount:prod:web", roles: ["system:authenticated"]),
            resource: Resource(kind: "pods", id: "prod/web-1", scope: "prod"), actions: ["watch"],
            effect: .allow)
        decision.outcome = outcome
        decision.durationNanoseconds = latency
        decision.source = Source(ip: "10.0.0.5", agent: "kubectl/v1.29.0", format: "kubernetes")
        decision.extras = ["attrs": .object(["stage": .string(stage), "level": .string("Metadata")])]
        return Entry(decision)
    }
}
