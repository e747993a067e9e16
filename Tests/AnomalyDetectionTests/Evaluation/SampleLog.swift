import CVectorKernels
import DecisionLogs
import Decisions
import Testing
import VectorStores

@testable import AnomalyDetection

/// A log among the sample data.
enum SampleLog {
    /// The decisions of a log, in the order of the file.
    static func decisions(_ name: String, format: DecisionLogFormat) throws -> [Decision] {
        var reader = try LogReader(LogSource(path: path(name)), parser: LineParser(format: format))
        var decisions: [Decision] = []
        while let batch = reader.nextBatch() {
            for item in batch {
                if case .decision(let decision) = item.item { decisions.append(decision) }
            }
        }
        return decisions
    }

    /// The labels of a log.
    static func labels(_ name: String) throws -> LabelTable {
        var table: LabelTable?
        try TextLines.forEach(in: path(name), check: {}) { number, text in
            if table == nil {
                table = try LabelTable(header: text)
            } else {
                try table?.add(text, line: number)
            }
        }
        return try #require(table)
    }

    private static func path(_ name: String) -> String {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return (parts.dropLast(4) + ["sample-data", Substring(name)]).joined(separator: "/")
    }
}

/// The real Kubernetes audit events among the sample data.
enum KubernetesLog {
    /// Its decisions in the order of the file, read once.
    static func decisions() throws -> [Decision] { try read.get() }

    private static let read = Result {
        try SampleLog.decisions("kubernetes-audit/benign.audit.jsonl.gz", format: .kubernetes)
    }
}

/// Compares each vector with all before it, one row per different vector with its count.
@safe final class ExactPast {
    private let kernels: UnsafePointer<vk_kernels>
    private var codes: [UInt8] = []
    private var scales: [Float] = []
    private var counts: [Int] = []
    private var scores: [Float] = []
    private var slots: [[Int8]: Int] = [:]

    init?() {
        guard let kernels = unsafe vk_kernels_for(vk_best_level()) else { return nil }
        unsafe self.kernels = unsafe kernels
    }

    /// The mean cosine of the ten most similar rows before, repeats counted; then it is one of them.
    func novelty(_ embedding: Embedding) -> Novelty {
        let novelty = measure(embedding)
        if let known = slots[embedding.counts] {
            counts[known] += 1
        } else {
            slots[embedding.counts] = counts.count
            counts.append(1)
            codes += embedding.counts.map { UInt8(bitPattern: $0) ^ 0x80 }
            scales.append(embedding.scale)
        }
        return novelty
    }

    /// The mean cosine of the ten most similar rows before, repeats counted.
    func measure(_ embedding: Embedding) -> Novelty {
        let known = slots[embedding.counts]
        if let known, counts[known] >= 10 {
            return Novelty(
                meanSimilarity: 1, nearestSimilarity: 1, nearestID: "past", identicalRows: counts[known])
        }
        score(embedding)
        var nearest = nearestVectors()
        nearest.sort { $0.similarity > $1.similarity }
        var left = 10
        var sum: Float = 0
        for vector in nearest {
            sum += vector.similarity * Float(min(left, vector.rows))
            left -= min(left, vector.rows)
        }
        return Novelty(
            meanSimilarity: sum / 10, nearestSimilarity: nearest.first?.similarity ?? 0,
            nearestID: nearest.isEmpty ? nil : "past", identicalRows: known.map { counts[$0] } ?? 0)
    }

    /// At least the ten most similar vectors; ten rows are at most ten vectors.
    private func nearestVectors() -> [(similarity: Float, rows: Int)] {
        var nearest: [(similarity: Float, rows: Int)] = []
        var floor: Float = -2
        // A plain loop: this is by far the most frequent step, and tests are not optimised.
        let count = counts.count
        unsafe scores.withUnsafeBufferPointer { scores in
            var slot = 0
            while slot < count {
                if unsafe scores[slot] > floor {
                    unsafe nearest.append((similarity: scores[slot], rows: counts[slot]))
                    if nearest.count == 40 {
                        nearest.sort { $0.similarity > $1.similarity }
                        nearest.removeLast(30)
                        floor = nearest[9].similarity
                    }
                }
                slot += 1
            }
        }
        return nearest
    }

    private func score(_ embedding: Embedding) {
        scores = Array(repeating: 0, count: counts.count)
        let bias = embedding.counts.reduce(Int32(0)) { $0 + Int32($1) } * 128
        unsafe embedding.counts.withUnsafeBufferPointer { query in
            unsafe codes.withUnsafeBufferPointer { base in
                unsafe scales.withUnsafeBufferPointer { scales in
                    unsafe scores.withUnsafeMutableBufferPointer { out in
                        unsafe vk_score_range(
                            kernels,
                            vk_query(
                                codes: query.baseAddress, length: Embedding.dimension, bias: bias,
                                scale: embedding.scale, table: nil),
                            vk_codes(
                                base: base.baseAddress, scales: scales.baseAddress, offsets: nil, blocks: nil,
                                block_bytes: 0, form: VK_BYTES),
                            0, scales.count, out.baseAddress)
                    }
                }
            }
        }
    }
}
