/// What the configuration section of a snapshot says: what the other sections are to be read as.
struct SnapshotHeader {
    var configuration: IndexConfiguration
    /// How many slots there are.
    var slots: Int
    var entry: UInt32
    var topLevel: Int
    var rows: Int
    var layout: CodeLayout
    /// The quantization that the stored codes have.
    var present: Quantization
    /// How many vectors the centroids were trained on.
    var trainedOn: Int

    init(_ graph: Graph) {
        configuration = graph.configuration
        slots = graph.slotCount
        entry = graph.entry
        topLevel = graph.topLevel
        rows = graph.rowCount
        layout = graph.arena.layout
        present = graph.presentQuantization
        trainedOn = graph.quantized?.codebook?.trainedOn ?? 0
    }

    /// The section's numbers, in order.
    var numbers: [UInt64] {
        [
            UInt64(configuration.dimension), UInt64(configuration.element.rawValue),
            UInt64(configuration.metric.rawValue), UInt64(configuration.maximumLinks),
            UInt64(configuration.constructionBreadth), UInt64(configuration.searchBreadth),
            configuration.seed,
            UInt64(slots), UInt64(entry), UInt64(topLevel), UInt64(rows), UInt64(layout.blockBytes),
            UInt64(Quantization.allCases.firstIndex(of: configuration.quantization) ?? 0),
            UInt64(Quantization.allCases.firstIndex(of: present) ?? 0),
            UInt64(trainedOn),
        ]
    }

    /// Reads the section; what cannot be is refused.
    init(_ reader: SnapshotReader, kernel: KernelLevel?) throws(IndexError) {
        let numbers = try reader.array(.configuration, of: UInt64.self)
        // Files of before quantization end their header earlier.
        guard numbers.count == 12 || numbers.count == 15, [0, 64, 128].contains(numbers[11]),
            numbers.enumerated().allSatisfy({ $0.offset == 6 || $0.element <= UInt32.max }),
            let element = VectorElement(rawValue: UInt32(numbers[1])),
            let metric = Metric(rawValue: UInt32(numbers[2])),
            let wanted = Quantization(number: numbers.count == 15 ? numbers[12] : 0),
            let present = Quantization(number: numbers.count == 15 ? numbers[13] : 0)
        else { throw reader.damaged(.configuration) }
        configuration = IndexConfiguration(dimension: Int(numbers[0]), element: element, metric: metric)
        configuration.maximumLinks = Int(numbers[3])
        configuration.constructionBreadth = Int(numbers[4])
        configuration.searchBreadth = Int(numbers[5])
        configuration.seed = numbers[6]
        configuration.kernel = kernel
        configuration.quantization = wanted
        slots = Int(numbers[7])
        entry = UInt32(numbers[8])
        topLevel = Int(numbers[9])
        rows = Int(numbers[10])
        layout = numbers[11] > 0 ? .sparse(blockBytes: Int(numbers[11])) : .dense
        self.present = present
        trainedOn = numbers.count == 15 ? Int(numbers[14]) : 0
        let areBoundsKept = (try? configuration.validated()) != nil
        guard areBoundsKept, layout == .dense || configuration.dimension <= CodeLayout.longestSparse,
            slots <= Graph.nodeLimit, entry == Graph.none || entry < slots
        else { throw reader.damaged(.configuration) }
    }
}
