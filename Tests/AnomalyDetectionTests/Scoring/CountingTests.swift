import Testing

@testable import AnomalyDetection

@Suite struct CounterTableTests {
    @Test func `counts are those of a dictionary`() {
        var random = SplitMix64(seed: 5)
        var table = CounterTable()
        var plain: [UInt64: UInt32] = [:]
        #expect(table[9] == 0)
        for _ in 0..<3_000 {
            let key = UInt64.random(in: 1..<400, using: &random) << 36
            if Int.random(in: 0..<50, using: &random) == 0 {
                table.set(key, to: 77)
                plain[key] = 77
            } else {
                let before = table.increment(key)
                #expect(before == plain[key] ?? 0)
                plain[key, default: 0] += 1
            }
        }
        #expect(table.count == plain.count)
        #expect(table.entries.allSatisfy { plain[$0.key] == $0.value })
        #expect(plain.allSatisfy { table[$0.key] == $0.value })
    }

    @Test func `the key of something unknown is never counted`() {
        var table = CounterTable()
        let before = table.increment(0)
        #expect(before == 0)
        table.set(0, to: 5)
        table.set(3, to: 0)
        #expect(table[0] == 0)
        #expect(table.count == 0)
    }

    @Test func `a count stops at its largest value`() {
        var table = CounterTable()
        table.set(1, to: .max)
        let before = table.increment(1)
        #expect(before == .max)
        #expect(table[1] == .max)
    }
}

@Suite struct CounterKeyTests {
    @Test func `different names give different keys and come out again`() {
        var seen: Set<UInt64> = []
        let principals: [UInt32] = [1, 2, UInt32(CounterKey.maximumPrincipals)]
        let kinds: [UInt32] = [1, 3, UInt32(CounterKey.maximumKinds)]
        let actions: [UInt32] = [1, 5, UInt32(CounterKey.maximumActions)]
        for principal in principals {
            for kind in kinds {
                for family in CounterKey.Family.allCases where family != .principalActionKindEffect {
                    let key = CounterKey.pair(family, principal, kind)
                    #expect(seen.insert(key).inserted)
                    #expect(CounterKey.family(of: key) == family)
                    let parts = CounterKey.parts(of: key)
                    #expect(parts.first == Int(principal) && parts.second == Int(kind))
                }
                for action in actions {
                    for effect: UInt32 in 0...2 {
                        let key = CounterKey.whole(
                            principal: principal, action: action, kind: kind, effect: effect)
                        #expect(seen.insert(key).inserted)
                        let parts = CounterKey.wholeParts(of: key)
                        #expect(parts.principal == Int(principal) && parts.action == Int(action))
                        #expect(parts.kind == Int(kind) && parts.effect == effect)
                    }
                }
            }
        }
    }

    @Test func `an unknown part makes the key unknown`() {
        #expect(CounterKey.pair(.principalKind, 0, 4) == 0)
        #expect(CounterKey.pair(.principalKind, 4, 0) == 0)
        #expect(CounterKey.whole(principal: 1, action: 0, kind: 2, effect: 1) == 0)
    }
}

@Suite struct NameTableTests {
    @Test func `names are numbered as they come and stop at the limit`() {
        var table = NameTable()
        let a = table.intern("a", limit: 2)
        #expect(a == 1)
        let b = table.intern("b", limit: 2)
        #expect(b == 2)
        let beyond = table.intern("c", limit: 2)
        #expect(beyond == 0)
        let again = table.intern("a", limit: 2)
        #expect(again == 1)
        let numberOfB = table.number(of: "b")
        #expect(numberOfB == 2)
        let numberOfC = table.number(of: "c")
        #expect(numberOfC == 0)
        #expect(table.name(of: 2) == "b")
        #expect(table.name(of: 0) == "?")
        let unknown = table.increment(0)
        #expect(unknown == 0)
        #expect(table.count(0) == 0)
    }

    @Test func `aging halves counts, forgets what came once and renumbers the rest`() {
        var table = NameTable()
        for (name, count) in [("once", 1), ("often", 9), ("twice", 2)] {
            let number = table.intern(name, limit: 10)
            for _ in 0..<count { _ = table.increment(number) }
        }
        let renumbering = table.age()
        #expect(renumbering == [0, 0, 1, 2])
        #expect(table.names == ["often", "twice"])
        #expect(table.counts == [0, 4, 1])
        let forgotten = table.number(of: "once")
        #expect(forgotten == 0)
    }
}
