import Decisions
import Testing
import VectorStores

@testable import AnomalyDetection

@Suite struct DetectorStateTests {
    static func records(_ changes: [RecordChange]) -> [Record] {
        changes.map { Record(collection: $0.collection, key: $0.key, value: $0.value, revision: 1) }
    }

    @Test(arguments: [40, 1_100])
    func `a restored detector goes on with exactly the same scores`(split: Int) {
        var one = Traffic(seed: 1, tenant: "acme")
        var other = Traffic(seed: 2, tenant: "")
        var whole = Detector()
        var decisions: [Decision] = []
        for index in 0..<1_500 { decisions.append(index % 4 == 3 ? other.next() : one.next()) }
        decisions.append(one.make("svc-deploy", "get", "secrets"))
        func novelty(_ index: Int) -> Novelty {
            let similarity: Float = index == 1_500 ? 0.3 : 1 - Float(index % 97) / 200
            return Novelty(
                meanSimilarity: similarity, nearestSimilarity: similarity, nearestID: "x", identicalRows: 0)
        }
        let expected = decisions.enumerated().map { whole.ingest($1, novelty: novelty($0)) }

        var first = Detector()
        for index in 0..<split { _ = first.ingest(decisions[index], novelty: novelty(index)) }
        var second = Detector()
        let saved = first.tenantNames.flatMap { first.records(ofTenant: $0) }
        let restored = second.restore(from: Self.records(saved))
        #expect(restored.problems.isEmpty)
        #expect(second.tenantNames == first.tenantNames)
        for index in split..<decisions.count {
            let assessment = second.ingest(decisions[index], novelty: novelty(index))
            #expect(assessment == expected[index])
        }
        #expect(expected.contains { $0.scored.anomalous })
    }

    @Test func `tenants and names that only look alike are told apart`() throws {
        var composed = Traffic(seed: 5, tenant: "caf\u{E9}")
        var decomposed = Traffic(seed: 6, tenant: "cafe\u{301}")
        var detector = Detector()
        for _ in 0..<30 { _ = detector.ingest(composed.next(), novelty: nil) }
        for _ in 0..<20 { _ = detector.ingest(decomposed.next(), novelty: nil) }
        #expect(detector.decisions(ofTenant: "caf\u{E9}") == 30)
        #expect(detector.decisions(ofTenant: "cafe\u{301}") == 20)
        var restored = Detector()
        let saved = detector.tenantNames.flatMap { detector.records(ofTenant: $0) }
        #expect(restored.restore(from: Self.records(saved)).problems.isEmpty)
        #expect(restored.decisions(ofTenant: "caf\u{E9}") == 30)
        #expect(restored.decisions(ofTenant: "cafe\u{301}") == 20)
        var names = NameTable()
        #expect(names.intern("caf\u{E9}", limit: 9) == 1)
        #expect(names.intern("cafe\u{301}", limit: 9) == 2)
        let key = { Incident.Key(tenant: $0, principal: "p", kind: "k", effect: .allow) }
        #expect(key("caf\u{E9}") != key("cafe\u{301}"))
    }

    @Test func `a long past takes several records, and a shorter one deletes what is left`() {
        var detector = Detector()
        var traffic = Traffic(seed: 3)
        for number in 0..<3_000 {
            _ = detector.ingest(
                traffic.make("principal-\(number)-\(String(repeating: "x", count: 60))", "read", "report"),
                novelty: nil)
        }
        let changes = detector.records(ofTenant: "acme")
        #expect(changes.count > 1)
        #expect(Set(changes.map(\.key)).count == changes.count)
        var restored = Detector()
        let problems = restored.restore(from: Self.records(changes).reversed()).problems
        #expect(problems.isEmpty)
        #expect(restored.tenantDetector("acme")?.encoded == detector.tenantDetector("acme")?.encoded)

        var short = Detector()
        _ = short.ingest(traffic.next(), novelty: nil)
        let replaced = short.records(ofTenant: "acme", previousChunks: changes.count)
        #expect(replaced.count == changes.count)
        #expect(replaced.dropFirst().allSatisfy { $0.value == nil })
        #expect(short.records(ofTenant: "nobody").isEmpty)
    }

    @Test func `a state that was cut anywhere is refused, never misread`() throws {
        var detector = Detector()
        var traffic = Traffic(seed: 4)
        for decision in traffic.next(30) { _ = detector.ingest(decision, novelty: DetectorTests.far) }
        let bytes = try #require(detector.tenantDetector("acme")).encoded
        let configuration = DetectorConfiguration()
        for length in 0..<bytes.count {
            #expect(throws: IncidentError.self) {
                try TenantDetector(decoding: Array(bytes.prefix(length)), configuration: configuration)
            }
        }
        #expect(throws: IncidentError.self) {
            try TenantDetector(decoding: bytes + [0], configuration: configuration)
        }
        #expect(throws: IncidentError.self) {
            try TenantDetector(decoding: [2] + bytes.dropFirst(), configuration: configuration)
        }
    }

    @Test func `flipped bytes never trap`() throws {
        var detector = Detector()
        var traffic = Traffic(seed: 5)
        for decision in traffic.next(20) { _ = detector.ingest(decision, novelty: DetectorTests.far) }
        let bytes = try #require(detector.tenantDetector("acme")).encoded
        var random = SplitMix64(seed: 9)
        var refused = 0
        for _ in 0..<400 {
            var damaged = bytes
            let place = Int.random(in: 0..<damaged.count, using: &random)
            damaged[place] ^= UInt8.random(in: 1...255, using: &random)
            do {
                var tenant = try TenantDetector(decoding: damaged, configuration: DetectorConfiguration())
                let assessment = tenant.ingest(
                    traffic.next(), storedID: "x", novelty: nil, configuration: DetectorConfiguration())
                #expect((0...1).contains(assessment.scored.score))
            } catch {
                refused += 1
            }
        }
        #expect(refused > 0)
    }

    /// A state of one principal, action, kind and scope, whose tables are followed by `rest`.
    private static func state(kinds: [(principals: UInt64, newest: Int64)] = [], keys: [UInt64]) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(TenantDetector.layoutVersion)
        writer.write("acme")
        for _ in 0..<4 { writer.write(1) }
        for name in ["p", "a", "k", "s"] {
            writer.write(1)
            writer.write(name)
            writer.write(5)
        }
        writer.write(0)
        writer.write(kinds.count)
        for kind in kinds {
            writer.write(kind.principals)
            writer.write(signed: kind.newest)
        }
        writer.write(keys.count)
        var previous: UInt64 = 0
        for key in keys {
            writer.write(key &- previous)
            writer.write(5)
            previous = key
        }
        // Three empty sketches, an empty window and its place.
        for _ in 0..<5 { writer.write(0) }
        return writer.bytes
    }

    @Test func `a state that is in order can age`() throws {
        let key = CounterKey.pair(.principalKind, 1, 1)
        let whole = CounterKey.whole(principal: 1, action: 1, kind: 1, effect: 2)
        var tenant = try TenantDetector(
            decoding: Self.state(kinds: [(0, 0), (1, 7)], keys: [key, whole]),
            configuration: DetectorConfiguration())
        tenant.age()
        #expect(tenant.counters[key] == 2 && tenant.counters[whole] == 2)
    }

    @Test(arguments: [
        CounterKey.pair(.principalKind, 2, 1), CounterKey.pair(.principalKind, 1, 2),
        CounterKey.pair(.principalAddress, 1, 1), CounterKey.pair(.principalHour, 1, 25),
        CounterKey.pair(.actionEffect, 1, 4), CounterKey.pair(.kindAction, 1, 9),
        CounterKey.whole(principal: 1, action: 2, kind: 1, effect: 0),
        CounterKey.whole(principal: 1, action: 1, kind: 1, effect: 3), 15 << 60, 1,
    ])
    func `a counter of what has no name is refused`(key: UInt64) {
        #expect(throws: IncidentError.self) {
            try TenantDetector(decoding: Self.state(keys: [key]), configuration: DetectorConfiguration())
        }
    }

    @Test func `counters out of order and times no calendar has are refused`() {
        let key = CounterKey.pair(.principalKind, 1, 1)
        for state in [
            Self.state(keys: [key, key]), Self.state(keys: [key, key - 1]),
            Self.state(kinds: [(1, .min)], keys: []), Self.state(kinds: [(1, .max)], keys: []),
        ] {
            #expect(throws: IncidentError.self) {
                try TenantDetector(decoding: state, configuration: DetectorConfiguration())
            }
        }
    }

    @Test func `counts at their largest stay there`() throws {
        var tenant = try TenantDetector(
            decoding: Self.state(kinds: [(0, 0), (UInt64(UInt32.max), 0)], keys: []),
            configuration: DetectorConfiguration())
        tenant.anomalies = .max
        tenant.decisions = .max
        var configuration = DetectorConfiguration()
        configuration.minimumScore = 0
        configuration.alpha = 1
        var traffic = Traffic(seed: 1)
        func ingest(_ principal: String, _ action: String, _ kind: String) -> ScoredDecision {
            tenant.ingest(
                traffic.make(principal, action, kind), storedID: "x", novelty: nil,
                configuration: configuration
            ).scored
        }
        for _ in 0..<9 { _ = ingest("p", "a", "k") }
        _ = ingest("p2", "a", "k")
        #expect(ingest("p3", "b", "z").anomalous && tenant.anomalies == .max && tenant.decisions == .max)
        #expect(tenant.kindPrincipals[1] == .max)
    }

    @Test func `a record of another tenant, or of absurd many, is said by name`() throws {
        var detector = Detector()
        var traffic = Traffic(seed: 6)
        _ = detector.ingest(traffic.next(), novelty: nil)
        for (field, value) in [
            ("tenant", JSONValue.string("globex")), ("chunks", .number("9000000000000000000")),
            ("chunk", .number("-1")),
        ] {
            var records = Self.records(detector.records(ofTenant: "acme"))
            var object = try #require(records[0].value?.object)
            object[field] = value
            records[0].value = .object(object)
            var restored = Detector()
            let result = restored.restore(from: records)
            #expect(result.problems.count == 1 && result.unreadable.count == 1, "\(field)")
            #expect(result.chunks.values.allSatisfy { $0 == 1 })
            #expect(restored.tenantNames.isEmpty)
        }
    }

    @Test func `records that are incomplete or foreign are said and left out`() {
        var detector = Detector()
        var traffic = Traffic(seed: 6)
        for number in 0..<3_000 {
            _ = detector.ingest(
                traffic.make("principal-\(number)-\(String(repeating: "x", count: 60))", "read", "report"),
                novelty: nil)
        }
        var records = Self.records(detector.records(ofTenant: "acme"))
        records.removeLast()
        records.append(Record(collection: "detector", key: "lease", value: .object([:]), revision: 1))
        records.append(
            Record(
                collection: "detector", key: "tenant:odd#0",
                value: .object([
                    "tenant": .string("odd"), "chunk": .number("0"), "chunks": .number("1"),
                    "state": .string("!!"),
                ]), revision: 1))
        var restored = Detector()
        let result = restored.restore(from: records)
        #expect(result.problems.count == 2)
        #expect(restored.tenantNames.isEmpty)
    }
}

@Suite struct Base64Tests {
    @Test func `every length comes back as it went`() {
        var random = SplitMix64(seed: 1)
        for length in 0..<100 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            let text = Base64.encode(bytes[...])
            #expect(text.utf8.count == (length + 2) / 3 * 4)
            #expect(Base64.decode(text) == bytes)
        }
        #expect(Base64.encode(Array("Many hands".utf8)[...]) == "TWFueSBoYW5kcw==")
    }

    @Test(arguments: ["A", "AB", "ABC", "A===", "AB=C", "ab!d", "AAAA="])
    func `what is not base 64 is refused`(text: String) {
        #expect(Base64.decode(text) == nil)
    }
}

@Suite struct ByteCodingTests {
    @Test func `numbers and texts come back as they went`() throws {
        var writer = ByteWriter()
        let numbers: [UInt64] = [0, 1, 127, 128, 300, .max]
        let signed: [Int64] = [0, -1, 1, .min, .max]
        for number in numbers { writer.write(number) }
        for number in signed { writer.write(signed: number) }
        writer.write("naïve\u{0}")
        var reader = ByteReader(writer.bytes)
        for number in numbers {
            let read = try reader.number()
            #expect(read == number)
        }
        for number in signed {
            let read = try reader.signedNumber()
            #expect(read == number)
        }
        let text = try reader.text()
        #expect(text == "naïve\u{0}")
        #expect(reader.isAtEnd)
    }

    @Test func `numbers without end, texts that are not UTF-8 and counts past a limit are refused`() {
        #expect(throws: IncidentError.self) {
            var reader = ByteReader([UInt8](repeating: 0xff, count: 20))
            _ = try reader.number()
        }
        #expect(throws: IncidentError.self) {
            var reader = ByteReader([2, 0xc3, 0x28])
            _ = try reader.text()
        }
        #expect(throws: IncidentError.self) {
            var reader = ByteReader([9])
            _ = try reader.count(limit: 8)
        }
        #expect(throws: IncidentError.self) {
            var writer = ByteWriter()
            writer.write(UInt64(UInt32.max) + 1)
            var reader = ByteReader(writer.bytes)
            _ = try reader.small()
        }
    }
}
