import Testing

@testable import VectorIndex

/// Rows that wait to be linked in an index with smaller codes, against a dictionary of what is there.
@Suite struct TailQuantizationTests {
    /// The index, the plain scan beside it, and what is there.
    private struct Model {
        var pair: IndexedPair
        var rows: [Int: [Int8]] = [:]
        var nextRow = 0
        var generator: SeededGenerator
        var found = 0
        var wanted = 0

        init(_ element: VectorElement, seed: UInt64) throws {
            pair = try IndexedPair(IndexConfiguration(dimension: TestVectors.dimension, element: element))
            generator = SeededGenerator(seed: seed)
        }

        mutating func add(appending: Bool) throws {
            let vector = TestVectors.decision(&generator)
            let row = nextRow
            nextRow += 1
            rows[row] = vector
            if appending { return try pair.append(vector, row: row, partition: row % 2) }
            try pair.insert(vector, row: row, partition: row % 2)
        }

        /// Takes a row out, one of the newest or any.
        mutating func removeOne() {
            let lowest = Bool.random(using: &generator) ? max(0, nextRow - 40) : 0
            let row = Int.random(in: lowest..<nextRow, using: &generator)
            let isThere = rows.removeValue(forKey: row) != nil
            let removed = pair.remove(row)
            #expect(removed == (isThere, isThere))
        }

        mutating func step() throws {
            switch Int.random(in: 0..<12, using: &generator) {
            case 0..<6: try add(appending: true)
            case 6: try add(appending: false)
            case 7...8: removeOne()
            case 9: pair.index.linkTail(atMost: Int.random(in: 1...8, using: &generator))
            default: try compare()
            }
        }

        /// Walks give only what is there, by its exact score, and most of what is nearest; the newest row is found.
        mutating func compare() throws {
            let query = TestVectors.decision(&generator)
            var options = SearchOptions(count: 10, breadth: 300, strategy: .graph)
            if Bool.random(using: &generator) { options.partition = Partition(rawValue: 1) }
            if Bool.random(using: &generator) {
                options.filter = RowFilter(rows.keys.filter { $0 % 4 != 0 }.map { Row(rawValue: UInt32($0)) })
            }
            let ranked = pair.oracle.search(
                TestVectors.floats(query), count: .max, partition: options.partition, filter: options.filter)
            let scores = Dictionary(uniqueKeysWithValues: ranked.map { ($0.row, $0.score) })
            let hits = try pair.search(query, options: options).hits
            #expect(hits.count == 10 && Set(hits.map(\.row)).count == 10)
            #expect(hits.allSatisfy { abs((scores[$0.row] ?? 2) - $0.score) < 1e-4 })
            let last = try #require(ranked.prefix(10).last)
            found += hits.count { $0.score >= last.score - 1e-4 }
            wanted += 10
            guard let newest = rows.keys.max(), let vector = rows[newest] else { return }
            let own = SearchOptions(count: 12, breadth: 300, strategy: .graph)
            #expect(try pair.search(vector, options: own).hits.contains { Int($0.row.rawValue) == newest })
        }

        /// Whether the index has each row with its vector, and none besides.
        func expectAll() throws {
            let index = pair.index
            #expect(index.count == rows.count && index.checkInvariants() == [])
            for (row, vector) in rows {
                let name = Row(rawValue: UInt32(row))
                #expect(index.contains(name))
                let options = SearchOptions(
                    count: 3, partition: Partition(rawValue: UInt32(row % 2)), strategy: .exact)
                let hits = try pair.search(vector, options: options).hits
                #expect(hits.contains { $0.row == name && $0.score > 0.999_9 })
                if let counts = index.counts(of: name) { #expect(counts == vector) }
            }
        }
    }

    @Test(arguments: VectorElement.allCases, Quantization.allCases)
    func `nothing in the tail is lost under smaller codes, nor by a rebuild meanwhile`(
        element: VectorElement, quantization: Quantization
    ) throws {
        var model = try Model(element, seed: 101)
        for _ in 0..<1_050 { try model.add(appending: false) }
        let index = model.pair.index
        var wanted = index.configuration
        wanted.quantization = quantization
        try index.rebuild(wanted, threads: 2)
        for _ in 0..<60 { try model.add(appending: true) }
        #expect(index.tailCount > 50)
        for _ in 0..<150 { try model.step() }
        #expect(index.checkInvariants() == [])
        // While it copies, links, makes codes, verifies and carries over, rows come and go; it begins with a tail.
        for _ in 0..<40 { try model.add(appending: true) }
        #expect(index.tailCount > 30)
        var phases: Set<RebuildPhase> = []
        var failure: (any Error)?
        try index.rebuild(
            threads: 2,
            progress: { progress in
                guard phases.insert(progress.phase).inserted else { return }
                do {
                    for _ in 0..<10 { try model.add(appending: true) }
                    for _ in 0..<4 { model.removeOne() }
                } catch {
                    failure = error
                }
            })
        if let failure { throw failure }
        #expect(phases.contains(.copying) && phases.contains(.verifying) && phases.contains(.swapping))
        #expect(index.tailCount == 0 && index.configuration.quantization == quantization)
        try model.expectAll()
        for _ in 0..<100 { try model.step() }
        try model.expectAll()
        index.linkTail()
        try model.expectAll()
        #expect(model.wanted > 100)
        #expect(Double(model.found) / Double(model.wanted) >= 0.95)
    }
}
