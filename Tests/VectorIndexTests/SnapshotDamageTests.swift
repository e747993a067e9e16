import Foundation
import Testing
import VectorIndex

/// Damaged snapshots of every kind: refused by file and section, or used without harm.
@Suite struct SnapshotDamageTests {
    /// What kind of index is damaged.
    enum Kind: String, CaseIterable, Sendable {
        case counts, euclidean, inner, floats, sparseFloats, sq8, sq4, pq4, pq8, pq16
        /// So many vectors that their codes begin on a page.
        case long
    }

    /// How often each is damaged; more where there is time.
    private static let rounds =
        ProcessInfo.processInfo.environment["VERDICT_FILE_DAMAGES"].flatMap { Int($0) } ?? 30
    /// Changes what is damaged, and how: another number each time that there is time.
    private static let seed =
        ProcessInfo.processInfo.environment["VERDICT_DAMAGE_SEED"].flatMap { UInt64($0) } ?? 0
    private static let rows = 90
    private static let longRows = 1_500

    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)

    /// A small index of a kind with repeated vectors, three partitions, tombstones and vectors that no block
    /// holds.
    private func index(_ kind: Kind) throws -> HNSWIndex {
        let isFloats = kind == .floats || kind == .sparseFloats
        var configuration = IndexConfiguration(
            dimension: TestVectors.dimension, element: isFloats ? .floats : .counts,
            metric: kind == .euclidean ? .euclidean : kind == .inner ? .innerProduct : .cosine)
        configuration.maximumLinks = 4
        configuration.quantization = Quantization(rawValue: kind.rawValue) ?? Quantization.none
        let rows = kind == .long ? Self.longRows : Self.rows
        var vectors = TestVectors.decisions(rows, duplicates: 20)
        var generator = SeededGenerator(seed: 3)
        for place in stride(from: 5, to: rows, by: 17) where kind != .sparseFloats {
            vectors[place] = vectors[place].map { _ in Int8.random(in: -100...100, using: &generator) }
        }
        if kind == .sparseFloats {
            let path = folder.appendingPathComponent("base.fvecs").path
            var bytes = Data()
            for vector in vectors {
                unsafe withUnsafeBytes(of: Int32(vector.count).littleEndian) {
                    unsafe bytes.append(contentsOf: $0)
                }
                for value in TestVectors.floats(vector) {
                    unsafe withUnsafeBytes(of: value.bitPattern.littleEndian) {
                        unsafe bytes.append(contentsOf: $0)
                    }
                }
            }
            try bytes.write(to: URL(fileURLWithPath: path))
            return try HNSWIndex(configuration, vectors: VectorFile(path: path))
        }
        let index = try HNSWIndex(configuration)
        for (row, vector) in vectors.enumerated() {
            try insert(vector, row: row, into: index)
        }
        if configuration.quantization != .none { try index.rebuild() }
        for row in stride(from: 0, to: rows, by: 7) { index.remove(Row(rawValue: UInt32(row))) }
        return index
    }

    private func insert(_ vector: [Int8], row: Int, into index: HNSWIndex) throws {
        let place = Row(rawValue: UInt32(row))
        let partition = Partition(rawValue: UInt32(row % 3))
        if index.configuration.element == .counts {
            try index.insert(counts: vector.span, scale: 0.5, row: place, partition: partition)
        } else {
            try index.insert(floats: TestVectors.floats(vector).span, row: place, partition: partition)
        }
    }

    private func search(_ index: HNSWIndex, _ vector: [Int8], _ options: SearchOptions) throws {
        if index.configuration.element == .counts {
            _ = try index.search(counts: vector.span, scale: 0.5, options: options)
        } else {
            _ = try index.search(floats: TestVectors.floats(vector).span, options: options)
        }
    }

    /// Does everything with an index that may be wrong; what it answers does not matter.
    private func use(_ index: HNSWIndex, round: Int) throws {
        _ = index.checkInvariants()
        let dimension = index.configuration.dimension
        let vectors = TestVectors.decisions(4, seed: UInt64(round)).map { vector in
            Array((vector + [Int8](repeating: 0, count: dimension)).prefix(dimension))
        }
        // A vector of so few dimensions may be zero, which is no damage.
        guard vectors.allSatisfy({ $0.contains { $0 != 0 } }) else { return }
        for strategy in [StrategyChoice.graph, .exact, .automatic] {
            var options = SearchOptions(count: 12, strategy: strategy)
            try search(index, vectors[0], options)
            options.partition = Partition(rawValue: 1)
            try search(index, vectors[1], options)
            options.filter = RowFilter((0..<60).map { Row(rawValue: $0) })
            try search(index, vectors[2], options)
        }
        for (number, vector) in vectors.enumerated() { try? insert(vector, row: 2_000 + number, into: index) }
        for row in stride(from: 1, to: Self.rows, by: 2) { index.remove(Row(rawValue: UInt32(row))) }
        // Training takes longer than it tells.
        if round % 4 == 0, !index.configuration.quantization.isTrained { _ = try? index.rebuild() }
        _ = index.statistics()
        _ = index.checkInvariants()
    }

    @Test(.timeLimit(.minutes(10)), arguments: Kind.allCases)
    func `a damaged snapshot is refused with the section named, or does no harm`(kind: Kind) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("index")
        try index(kind).writeSnapshot(to: file.path)
        let whole = SnapshotBytes(Array(try Data(contentsOf: file)))
        let isOnPage = whole.contents.contains { $0.name == "codes" && !$0.padding.isEmpty }
        #expect(isOnPage == (kind == .long))
        let kindSeed = UInt64(kind.rawValue.utf8.reduce(7) { $0 * 31 + Int($1) })
        var generator = SeededGenerator(seed: kindSeed ^ Self.seed)
        var refused = 0
        for round in 0..<Self.rounds {
            var damaged = whole
            for _ in 0..<Int.random(in: 1...2, using: &generator) { damaged.damage(&generator) }
            if round % 2 == 0 { damaged.seal() }
            // Another file each time: the one before may still be mapped.
            let path = folder.appendingPathComponent("damaged-\(round)").path
            try Data(damaged.bytes).write(to: URL(fileURLWithPath: path))
            defer { try? FileManager.default.removeItem(atPath: path) }
            let opened = Result { () throws(IndexError) in try HNSWIndex(snapshot: path) }
            switch opened {
            case .success(let index): try use(index, round: round)
            case .failure(.snapshot(path: path, section: let section, problem: _)):
                #expect(SnapshotBytes.places.contains(section), "\(section) is no part of a snapshot")
                refused += 1
            case .failure(let error): Issue.record("\(error)")
            }
        }
        #expect(refused > Self.rounds / 3)
    }

    /// Changes a bit at the beginning, in the middle and at the end of each section, and answers which sections were
    /// refused by their names.
    private func sectionsRefused(_ whole: SnapshotBytes) throws -> Set<String> {
        var refused: Set<String> = []
        for (name, padding, content) in whole.contents where !content.isEmpty {
            let places = [
                content.lowerBound, (content.lowerBound + content.upperBound) / 2, content.upperBound - 1,
            ]
            for place in places + (padding.isEmpty ? [] : [padding.lowerBound, padding.upperBound - 1]) {
                var damaged = whole
                damaged.flip(at: place)
                let path = folder.appendingPathComponent("\(name) \(place)").path
                try Data(damaged.bytes).write(to: URL(fileURLWithPath: path))
                defer { try? FileManager.default.removeItem(atPath: path) }
                let problem =
                    content.contains(place) ? "its checksum does not agree" : "its padding is not empty"
                #expect(throws: IndexError.snapshot(path: path, section: name, problem: problem)) {
                    try HNSWIndex(snapshot: path)
                }
            }
            refused.insert(name)
        }
        return refused
    }

    private static let always: Set<String> = [
        "configuration", "codes", "links", "levels", "partitions", "posting counts", "posting rows",
    ]

    @Test(arguments: Kind.allCases)
    func `one changed bit is refused with the section named that it is in`(kind: Kind) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("index")
        try index(kind).writeSnapshot(to: file.path)
        let refused = try sectionsRefused(SnapshotBytes(Array(try Data(contentsOf: file))))
        let own: Set<String> =
            switch kind {
            case .counts, .inner, .sq8, .long: ["overflow"]
            case .euclidean: ["overflow", "offsets"]
            case .floats: ["scales", "residuals", "residual scales"]
            case .sparseFloats: ["residuals", "residual scales"]
            case .sq4: ["overflow", "quantized codes", "quantized scales"]
            case .pq4, .pq8, .pq16: ["overflow", "quantized codes", "centroid counts", "centroids"]
            }
        #expect(refused.isSuperset(of: Self.always.union(own)))
    }

    @Test(arguments: [Quantization.none, .sq4])
    func `so is one of a section that begins on a page`(quantization: Quantization) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var configuration = IndexConfiguration(dimension: TestVectors.dimension, element: .floats)
        configuration.quantization = quantization
        let index = try HNSWIndex(configuration)
        for (row, vector) in TestVectors.decisions(700).enumerated() {
            try insert(vector, row: row, into: index)
        }
        if quantization != .none { try index.rebuild() }
        let file = folder.appendingPathComponent("index")
        try index.writeSnapshot(to: file.path)
        let whole = SnapshotBytes(Array(try Data(contentsOf: file)))
        let long = whole.contents.filter { !$0.padding.isEmpty }.map(\.name)
        #expect(Set(long).isSuperset(of: ["codes", "residuals", "links"]))
        #expect(whole.contents.allSatisfy { $0.padding.isEmpty || $0.content.lowerBound % 4_096 == 0 })
        #expect(try sectionsRefused(whole).isSuperset(of: Self.always.union(long)))
    }

    @Test func `bytes after the end are noticed`() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("index")
        try index(.counts).writeSnapshot(to: file.path)
        try (try Data(contentsOf: file) + Data([0])).write(to: file)
        #expect(
            throws: IndexError.snapshot(
                path: file.path, section: "end", problem: "something follows the last section")
        ) { try HNSWIndex(snapshot: file.path) }
    }
}
