import Decisions
import VectorIndex

/// Measures how well and how fast an index answers, on vectors it holds.
struct IndexMeasurement {
    /// How many stored vectors are searched for.
    static let sampleSize = 1_000
    /// How many neighbours are compared.
    static let neighbours = 10
    /// Cosines closer than this are the same place.
    static let tolerance: Float = 1e-6

    /// Recall at 10 and the median time of walks over sampled rows; ties count as hits.
    static func quality(
        of index: HNSWIndex, sample: [[Int8]], breadth: Int?, memoryBytes: Int, isCancelled: () -> Bool,
        progress: (Int) -> Void
    ) throws(StoreError) -> IndexQuality {
        var hits = 0
        var wanted = 0
        var times: [Double] = []
        for (number, counts) in sample.enumerated() {
            if isCancelled() {
                throw StoreError(.cancelled, "the rebuild was cancelled: the old index serves on")
            }
            let scale = Embedding(counts: counts).scale
            do {
                // Comparing everything a thousand times must not keep whoever inserts meanwhile waiting.
                let exact = try index.exactSearch(counts: counts.span, scale: scale, count: neighbours)
                let start = ContinuousClock.now
                let walked = try index.search(
                    counts: counts.span, scale: scale,
                    options: SearchOptions(count: neighbours, breadth: breadth, strategy: .graph))
                times.append((ContinuousClock.now - start).microseconds)
                guard let last = exact.last else { continue }
                wanted += exact.count
                hits += walked.hits.count { $0.score >= last.score - tolerance }
            } catch {
                throw StoreError(.failed, "the index could not be measured: \(error)")
            }
            progress(number + 1)
        }
        times.sort()
        return IndexQuality(
            recall: wanted == 0 ? 1 : Double(hits) / Double(wanted),
            p50Microseconds: times.isEmpty ? 0 : times[times.count / 2], memoryBytes: memoryBytes)
    }

    /// Rows chosen evenly by a seed, the same for the same rows and seed.
    static func rows(from count: Int, sampling wanted: Int, seed: UInt64) -> [Int] {
        guard count > wanted else { return Array(0..<count) }
        var generator = SplitMix64(seed: seed)
        var chosen: Set<Int> = []
        while chosen.count < wanted { chosen.insert(Int.random(in: 0..<count, using: &generator)) }
        return chosen.sorted()
    }
}
