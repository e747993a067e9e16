import Locks

/// The centroids that product codes name, for each stretch of dimensions.
///
/// H. Jégou, M. Douze, C. Schmid: Product Quantization for Nearest Neighbor Search, 2011. With two stages the
/// second names a centroid of what the first left over (Y. Chen, T. Guan, C. Wang: Approximate Nearest
/// Neighbor Search by Residual Vector Quantization, 2010).
struct ProductCodebook: Sendable {
    let quantization: Quantization
    /// The padded dimension.
    let stride: Int
    /// One book for each part, those of the first stage first.
    let books: [CentroidBook]
    /// How many vectors it was trained on.
    let trainedOn: Int

    let width: Int
    let entries: Int
    let stages: Int

    /// Vectors that training reads at most; more make it longer, not better.
    static let sampleLimit = 10_000

    /// Whether one of so many vectors is among those that are trained on: all of them up to the limit, else exactly
    /// the limit, at even distances.
    static func isSampled(_ number: Int, of count: Int, limit: Int = sampleLimit) -> Bool {
        count <= limit || (number + 1) * limit / count > number * limit / count
    }

    init?(_ quantization: Quantization, stride: Int, books: [CentroidBook], trainedOn: Int) {
        guard let shape = quantization.parts, stride % shape.width == 0,
            books.count == stride / shape.width * shape.stages
        else { return nil }
        self.quantization = quantization
        self.stride = stride
        self.books = books
        self.trainedOn = trainedOn
        (width, entries, stages) = shape
    }

    /// Trains on vectors of `stride` floats each, one after the other; nil if it was cancelled.
    ///
    /// Parts are trained on all threads, as many at once; between them cancelling is looked at.
    init?(
        _ quantization: Quantization, stride: Int, sample: [Float], seed: UInt64, kernel: Kernel,
        threads: Int,
        progress: (Double) -> Void, isCancelled: () -> Bool
    ) {
        guard let (width, entries, stages) = quantization.parts, stride % width == 0 else { return nil }
        let parts = stride / width
        let count = sample.count / stride
        let trained = Mutex<[Int: CentroidBook]>([:])
        for first in Swift.stride(from: 0, to: parts, by: max(1, threads)) {
            if isCancelled() { return nil }
            WorkerThreads.run(min(max(1, threads), parts - first)) { thread in
                let part = first + thread
                var points: [Float] = []
                points.reserveCapacity(count * width)
                for vector in 0..<count {
                    let start = vector * stride + part * width
                    points.append(contentsOf: sample[start..<start + width])
                }
                for stage in 0..<stages {
                    let trainer = CentroidTrainer(kernel: kernel, width: width, limit: entries)
                    let place = stage * parts + part
                    let centroids = trainer.train(points, seed: seed &+ UInt64(place))
                    let book = CentroidBook(centroids, width: width, limit: entries)
                    if stage + 1 < stages { book.subtractNearest(from: &points, kernel) }
                    trained.withLock { $0[place] = book }
                }
            }
            progress(min(1, Double(first + max(1, threads)) / Double(parts)))
        }
        let books = trained.withLock { books in (0..<parts * stages).compactMap { books[$0] } }
        self.init(quantization, stride: stride, books: books, trainedOn: count)
    }

    /// How many stretches of dimensions there are.
    var parts: Int { stride / width }

    /// How many centroids the fullest book has: fewer than its numbers can name when there was too little to
    /// train on.
    var centroids: Int { books.map(\.count).max() ?? 0 }

    /// Floats of a query's table.
    var tableCount: Int { books.count * entries }

    /// Writes a query's products with every centroid.
    @unsafe func fillTable(
        of query: UnsafePointer<Float>, into table: UnsafeMutablePointer<Float>, _ kernel: Kernel
    ) {
        unsafe table.update(repeating: 0, count: tableCount)
        for (place, book) in books.enumerated() {
            unsafe book.addProducts(
                of: query + place % parts * width, to: table + place * entries, kernel)
        }
    }

    /// Writes the code of a vector, whose floats are changed; `scores` is working memory of `entries` floats.
    @unsafe func encode(
        _ vector: UnsafeMutablePointer<Float>, into code: UnsafeMutablePointer<UInt8>,
        scores: inout [Float], _ kernel: Kernel
    ) {
        for stage in 0..<stages {
            for part in 0..<parts {
                let book = books[stage * parts + part]
                let values = unsafe vector + part * width
                let number = unsafe book.nearest(to: values, scores: &scores, kernel)
                if stage + 1 < stages { unsafe book.subtract(number, from: values) }
                let place = stage * parts + part
                if entries > 16 {
                    unsafe code[place] = UInt8(number)
                } else if place % 2 == 0 {
                    unsafe code[place / 2] = UInt8(number)
                } else {
                    unsafe code[place / 2] |= UInt8(number << 4)
                }
            }
        }
    }
}

extension CentroidBook {
    /// Leaves of a point what a centroid does not tell.
    @unsafe func subtract(_ centroid: Int, from point: UnsafeMutablePointer<Float>) {
        for dimension in 0..<width { unsafe point[dimension] -= values[dimension * limit + centroid] }
    }

    /// Leaves of each point what its nearest centroid does not tell.
    func subtractNearest(from points: inout [Float], _ kernel: Kernel) {
        var scores = [Float](repeating: 0, count: limit)
        unsafe points.withUnsafeMutableBufferPointer { points in
            guard let base = points.baseAddress else { return }
            for start in stride(from: 0, to: points.count, by: width) {
                let number = unsafe nearest(to: base + start, scores: &scores, kernel)
                unsafe subtract(number, from: base + start)
            }
        }
    }
}
