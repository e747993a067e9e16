import Decisions
import Foundation
import Testing

@Suite struct DecisionEmbedderTests {
    private let embedder = DecisionEmbedder()

    /// A line of the golden file: a decision and its counts that are not zero, by slot.
    private static func golden() throws -> [(decision: Decision, counts: [Int: Int])] {
        let url = try #require(
            Bundle.module.url(
                forResource: "embedding.golden", withExtension: "jsonl", subdirectory: "Fixtures"))
        return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map { line in
            let object = try #require(try JSONParser().parse(String(line)).object)
            let decision = try Decision(parsing: try #require(object["decision"]).json)
            var counts: [Int: Int] = [:]
            for member in try #require(object["counts"]?.object).members {
                counts[try #require(Int(member.key))] = Int(try #require(member.value.number))
            }
            return (decision, counts)
        }
    }

    @Test func `the same decision gives the same vector on every machine`() throws {
        let golden = try Self.golden()
        #expect(golden.count == 20)
        for (decision, counts) in golden {
            let embedding = embedder.embed(decision)
            let found = embedding.counts.enumerated().filter { $0.element != 0 }
            #expect(Dictionary(uniqueKeysWithValues: found.map { ($0.offset, Int($0.element)) }) == counts)
        }
    }

    @Test(arguments: 0..<50) func `vectors have unit length`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let embedding = embedder.embed(random.decision(number: 0))
        let length = embedding.counts.reduce(0.0) { sum, count in
            let element = Double(Float(count) * embedding.scale)
            return sum + element * element
        }.squareRoot()
        #expect(abs(length - 1) < 1e-6)
    }

    @Test(arguments: 0..<50) func `counts are the sum of the tokens`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let decision = random.decision(number: 0)
        var sums = [Int](repeating: 0, count: Embedding.dimension)
        for token in embedder.tokens(of: decision) { sums[token.slot] += token.sign * token.weight }
        #expect(embedder.embed(decision).counts.map(Int.init) == sums.map { max(-127, min(127, $0)) })
    }

    /// The product's bar: fewer than one in a hundred pairs of features of a decision share a dimension.
    @Test func `features of a decision rarely collide`() {
        var random = SeededGenerator(seed: 7)
        var pairs = 0
        var collisions = 0
        for number in 0..<2000 {
            let slots = embedder.tokens(of: random.decision(number: number)).map(\.slot)
            for place in slots.indices {
                pairs += place
                for earlier in 0..<place where slots[earlier] == slots[place] { collisions += 1 }
            }
        }
        #expect(pairs > 100_000)
        #expect(Double(collisions) / Double(pairs) < 0.01)
    }

    @Test func `tokens name the fields and their combinations`() throws {
        let tokens = embedder.tokens(of: try Decision(parsing: DecisionTests.line))
        let named = Dictionary(grouping: tokens, by: \.name).mapValues { $0.map(\.value) }
        #expect(
            named == [
                "e": ["allow"], "o": ["ok"], "k": ["invoice"], "a": ["read"], "p": ["alice"], "r": ["clerk"],
                "s": ["eu.finance"], "id": ["inv-9"], "t": ["acme"], "h": ["2"], "ip": ["10.1.2.3"],
                "lat": ["a"],
                "ch": ["0"], "pol": ["invoice-base"], "idc": ["invoice|inv-#"], "pa": ["alice|read"],
                "pak": ["alice|read|invoice"], "pk": ["alice|invoice"], "pe": ["alice|allow"],
                "ps": ["alice|eu.finance"], "pw": ["alice|read"], "pip": ["alice|10.1.2.3"],
                "ak": ["read|invoice"], "ae": ["read|allow"], "ra": ["clerk|read"],
            ])
        #expect(
            tokens.allSatisfy {
                (0..<384).contains($0.slot) && abs($0.sign) == 1 && $0.weight == $0.kind.weight
            })
    }

    @Test func `absent fields give no token`() throws {
        let names = embedder.tokens(of: try Decision(parsing: DecisionTests.least)).map(\.name)
        #expect(Set(names) == ["e", "k", "p", "h", "pk", "pe", "a", "pa", "pak", "ak", "ae", "pw"])
    }

    @Test func `the tenant moves nothing but its own token`() throws {
        var decision = try Decision(parsing: DecisionTests.line)
        let before = Set(embedder.tokens(of: decision))
        decision.tenant = "globex"
        let after = Set(embedder.tokens(of: decision))
        #expect(before.symmetricDifference(after).map(\.name) == ["t", "t"])
    }

    @Test func `case of verbs and kinds does not matter, that of names does`() throws {
        let decision = try Decision(parsing: DecisionTests.line)
        var shouted = decision
        shouted.actions = ["READ"]
        shouted.resource.kind = "Invoice"
        #expect(embedder.embed(shouted) == embedder.embed(decision))
        shouted.principal.id = "Alice"
        #expect(embedder.embed(shouted) != embedder.embed(decision))
    }

    @Test func `lists count by their first sixteen distinct elements in order`() throws {
        var decision = try Decision(parsing: DecisionTests.least)
        decision.principal.roles = (0..<40).reversed().map { "role-\($0 < 10 ? "0" : "")\($0)" } + ["role-00"]
        let roles = embedder.tokens(of: decision).filter { $0.name == "r" }.map(\.value)
        #expect(roles == (0..<16).map { "role-\($0 < 10 ? "0" : "")\($0)" })
        var shuffled = decision
        shuffled.principal.roles.sort()
        #expect(embedder.embed(shuffled) == embedder.embed(decision))
        decision.actions = (0..<20).map { "act\($0)" }
        #expect(embedder.tokens(of: decision).filter { $0.name == "ra" }.count == 16)
    }

    @Test(arguments: 0..<50) func `elements are chosen as by sorting them`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let count = Int.random(in: 1...60, using: &random)
        let actions = (0..<count).map { _ in "act\(Int.random(in: 0..<count, using: &random))" }
        var decision = try Decision(parsing: DecisionTests.least)
        decision.actions = actions
        let chosen = embedder.tokens(of: decision).filter { $0.name == "a" }.map(\.value)
        #expect(chosen == Array(Set(actions).sorted().prefix(16)))
    }

    /// Choosing the first sixteen anew for each of as many roles does not end in time.
    @Test(.timeLimit(.minutes(1))) func `many actions of many roles are looked through once`() throws {
        var decision = try Decision(parsing: DecisionTests.least)
        let prefix = String(repeating: "x", count: 400)
        decision.actions = (0..<20_000).map { prefix + String(100_000 + $0) }
        decision.principal.roles = (0..<16).map { "role\($0)" }
        let tokens = embedder.tokens(of: decision)
        #expect(tokens.filter { $0.name == "a" }.map(\.value) == Array(decision.actions.prefix(16)))
        #expect(tokens.count { $0.name == "ra" } == 16)
    }

    @Test func `saturation is symmetric and counted`() throws {
        var decision = try Decision(parsing: DecisionTests.least)
        // Tokens that share a slot and a sign until their sum cannot be held.
        var bySlot: [[Int]: [String]] = [:]
        for number in 0..<40_000 {
            decision.actions = ["x\(number)"]
            let tokens = embedder.tokens(of: decision)
            let slots = tokens.filter { $0.name == "pak" }.map { [$0.slot, $0.sign] }
            bySlot[slots[0], default: []].append("x\(number)")
        }
        let crowded = try #require(bySlot.values.first { $0.count >= 8 })
        decision.actions = Array(crowded.prefix(8))
        var counts = [Int8](repeating: 1, count: Embedding.dimension)
        var span = counts.mutableSpan
        #expect(embedder.embed(decision, into: &span) >= 1)
        #expect(counts.contains { abs(Int($0)) == 127 })
        #expect(!counts.contains(-128))
    }

    @Test func `the zero vector has no direction`() {
        #expect(Embedding(counts: [Int8](repeating: 0, count: 384)).scale == 0)
    }

    @Test func `the recipe has a name and a version`() {
        #expect(embedder.recipe == EmbeddingRecipe(name: "decision-384", version: 1))
        #expect(embedder.recipe.description == "decision-384/1")
    }

    @Test(arguments: [
        ("pods/web-6d4b75cb6d-hwvf8", "pods/web-#-#"), ("kube-proxy-x7k2p", "kube-proxy-#"),
        ("web-0", "web-#"),
        ("node12", "node#"), ("inv-2024-000173", "inv-#-#"), ("v1beta2", "v#beta#"), ("plain", "plain"),
        ("0d1e2f3a-0000-4000-8000-000000000001", "#"), ("a/0D1E2F3A-0000-4000-8000-00000000000F/b", "a/#/b"),
        ("0d1e2f3a-0000-4000-8000-0000000000012", "#-#-#-#-#"), ("deadbeef", "deadbeef"), ("deadbee1", "#"),
        ("nginx.16fe9c0a2b3c4d5e", "nginx.#"), ("ns/app-bcdfg/x", "ns/app-#/x"),
        ("app-bcdfg-x", "app-bcdfg-x"),
        ("été-12", "été-#"), ("", ""),
    ])
    func `what only counts or identifies collapses in the class of a name`(name: String, expected: String)
        throws
    {
        var decision = try Decision(parsing: DecisionTests.least)
        decision.resource.id = name
        let classes = embedder.tokens(of: decision).filter { $0.name == "idc" }.map(\.value)
        #expect(classes == (name.isEmpty ? [] : ["k|" + expected]))
    }

    @Test(arguments: [
        ("read", "read"), ("GetObject", "read"), ("s3:GetObject", "read"), ("view:public", "read"),
        ("invoices.delete", "write"), ("ListBuckets", "read"), ("DescribeInstances", "read"),
        ("PUT", "write"),
        ("GET", "read"), ("frobnicate", "write"), ("", "write"), ("UpdateFunctionCode", "write"),
        ("deletecollection", "write"), ("a_list_of", "read"), ("internationalize:get", "read"),
    ])
    func `actions read or write by their first telling word`(action: String, expected: String) throws {
        var decision = try Decision(parsing: DecisionTests.least)
        decision.actions = [action]
        let access = embedder.tokens(of: decision).filter { $0.name == "pw" }.map(\.value)
        #expect(access == ["p|" + expected])
    }

    @Test func `an action list that reads and writes is both`() throws {
        var decision = try Decision(parsing: DecisionTests.least)
        decision.actions = ["delete", "read", "list"]
        #expect(
            embedder.tokens(of: decision).filter { $0.name == "pw" }.map(\.value) == ["p|read", "p|write"])
    }

    @Test(
        arguments: [
            (0, "a"), (999_999, "a"), (1_000_000, "b"), (4_250_000, "d"), (Int64.max, "z"),
        ] as [(Int64, String)])
    func `latency counts by its doublings`(nanoseconds: Int64, bucket: String) throws {
        var decision = try Decision(parsing: DecisionTests.least)
        decision.durationNanoseconds = nanoseconds
        #expect(embedder.tokens(of: decision).filter { $0.name == "lat" }.map(\.value) == [bucket])
    }
}
