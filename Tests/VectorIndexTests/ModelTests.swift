import Foundation
import Testing
import VectorIndex

/// Every operation in random order, against a dictionary that knows what must be there.
@Suite struct ModelTests {
    private struct Entry {
        var vector: [Int8]
        var partition: Int
    }

    /// An index and the dictionary.
    private struct Model {
        var index: HNSWIndex
        var entries: [Int: Entry] = [:]
        var generator: SeededGenerator

        init(seed: UInt64) throws {
            generator = SeededGenerator(seed: seed)
            index = try HNSWIndex(IndexConfiguration(dimension: TestVectors.dimension))
        }

        mutating func insert() throws {
            let row = Int.random(in: 0..<1_000, using: &generator)
            let known = entries.keys.sorted().randomElement(using: &generator).flatMap { entries[$0] }
            let isRepeated = Int.random(in: 0..<3, using: &generator) == 0
            let vector = (isRepeated ? known?.vector : nil) ?? TestVectors.decision(&generator, choices: 6)
            let entry = Entry(vector: vector, partition: Int.random(in: 0..<3, using: &generator))
            let number = Row(rawValue: UInt32(row))
            let partition = Partition(rawValue: UInt32(entry.partition))
            guard entries[row] == nil else {
                #expect(throws: IndexError.rowTaken(number)) {
                    try index.insert(counts: vector.span, scale: 1, row: number, partition: partition)
                }
                return
            }
            try index.insert(counts: vector.span, scale: 1, row: number, partition: partition)
            entries[row] = entry
        }

        mutating func remove(where isDoomed: (Int, Entry) -> Bool) {
            for (row, entry) in entries where isDoomed(row, entry) {
                #expect(index.remove(Row(rawValue: UInt32(row))))
                entries[row] = nil
            }
        }

        mutating func rebuild() throws {
            var wanted = index.configuration
            wanted.quantization = [.none, .sq4, .pq8].randomElement(using: &generator) ?? .none
            try index.rebuild(wanted, threads: 2)
        }

        mutating func saveAndLoad(_ path: String) throws {
            try index.writeSnapshot(to: path)
            index = try HNSWIndex(snapshot: path)
        }

        mutating func search(filtered: Bool) throws {
            let query = TestVectors.decision(&generator, choices: 6)
            var options = SearchOptions(count: Int.random(in: 1...15, using: &generator))
            if filtered {
                if Bool.random(using: &generator) { options.partition = Partition(rawValue: 1) }
                let odd = entries.keys.filter { $0 % 2 == 1 }.map { Row(rawValue: UInt32($0)) }
                options.filter = RowFilter(odd)
            }
            let matching = entries.filter { row, entry in
                !filtered || row % 2 == 1 && (options.partition == nil || entry.partition == 1)
            }.mapValues { cosine(query, $0.vector) }
            let expected = matching.values.sorted(by: >).prefix(options.count)
            for strategy in [StrategyChoice.automatic, .exact, .graph] {
                options.strategy = strategy
                let hits = try index.search(counts: query.span, scale: 1, options: options).hits
                let scores = hits.map { matching[Int($0.row.rawValue)] ?? .nan }
                #expect(zip(hits, scores).allSatisfy { abs(Double($0.score) - $1) < 1e-5 })
                #expect(Set(hits.map(\.row)).count == hits.count)
                guard strategy != .graph else { continue }
                #expect(hits.count == expected.count)
                #expect(zip(hits, expected).allSatisfy { abs(Double($0.score) - $1) < 1e-5 })
            }
        }

        private func cosine(_ left: [Int8], _ right: [Int8]) -> Double {
            var (product, lengths) = (0, (0, 0))
            for place in left.indices {
                product += Int(left[place]) * Int(right[place])
                lengths.0 += Int(left[place]) * Int(left[place])
                lengths.1 += Int(right[place]) * Int(right[place])
            }
            return Double(product) / (Double(lengths.0) * Double(lengths.1)).squareRoot()
        }

        func check() {
            #expect(index.checkInvariants() == [])
            #expect(index.count == entries.count)
            for (row, entry) in entries {
                #expect(index.counts(of: Row(rawValue: UInt32(row))) == entry.vector)
            }
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `operations in random order leave what the dictionary has`(seed: UInt64) throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        var model = try Model(seed: seed)
        for step in 1...900 {
            switch Int.random(in: 0..<100, using: &model.generator) {
            case 0..<60: try model.insert()
            case 60..<70:
                let row = model.entries.keys.sorted().randomElement(using: &model.generator)
                model.remove { number, _ in number == row }
            case 70: model.remove { row, entry in entry.partition == 0 && row % 2 == 0 }
            case 71: model.remove { row, _ in row % 3 == 0 }
            case 72..<84: try model.search(filtered: false)
            case 84..<97: try model.search(filtered: true)
            case 97: try model.rebuild()
            case 98: try model.saveAndLoad(path)
            default: #expect(!model.index.remove(Row(rawValue: 5_000)))
            }
            if step % 100 == 0 { model.check() }
        }
    }
}
