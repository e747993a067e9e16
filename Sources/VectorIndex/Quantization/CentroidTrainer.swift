/// Finds centroids of short vectors: k-means with k-means++ seeding.
///
/// D. Arthur, S. Vassilvitskii: k-means++, 2007; S. Lloyd, 1982. The same points and seed give the same
/// centroids. Costs O(points * centroids * width) for the seeding and for each round.
struct CentroidTrainer {
    static let rounds = 12

    let kernel: Kernel
    let width: Int
    /// How many centroids at most; fewer when the points have fewer different values.
    let limit: Int

    /// Centroids, dimension by dimension: `limit` values of dimension 0, then of dimension 1 and so on.
    struct Centroids {
        var values: [Float]
        var count: Int
    }

    /// Trains on `points`, `width` values each.
    func train(_ points: [Float], seed: UInt64) -> Centroids {
        let count = points.count / width
        var centroids = spread(points, count: count, seed: seed)
        guard centroids.count > 1 else { return centroids }
        var nearest = [Int](repeating: -1, count: count)
        for _ in 0..<CentroidTrainer.rounds {
            let moved = assign(points, to: centroids, &nearest)
            if moved == 0 { break }
            centroids = means(points, nearest, centroids)
        }
        return centroids
    }

    /// Chooses points far from each other, each in proportion to its squared distance from those chosen.
    private func spread(_ points: [Float], count: Int, seed: UInt64) -> Centroids {
        var random = SplitMix64(seed: seed)
        var centroids = Centroids(values: [Float](repeating: 0, count: width * limit), count: 0)
        var distances = [Double](repeating: .infinity, count: count)
        var chosen = count == 0 ? nil : Int(random.next() % UInt64(count))
        while let point = chosen, centroids.count < limit {
            for dimension in 0..<width {
                centroids.values[dimension * limit + centroids.count] = points[point * width + dimension]
            }
            centroids.count += 1
            var total = 0.0
            for other in 0..<count {
                var distance = 0.0
                for dimension in 0..<width {
                    let gap = Double(points[other * width + dimension] - points[point * width + dimension])
                    distance += gap * gap
                }
                distances[other] = min(distances[other], distance)
                total += distances[other]
            }
            chosen = total > 0 ? pick(distances, at: random.unit() * total) : nil
        }
        return centroids
    }

    private func pick(_ weights: [Double], at target: Double) -> Int? {
        var sum = 0.0
        for (index, weight) in weights.enumerated() {
            sum += weight
            if sum > target, weight > 0 { return index }
        }
        return weights.lastIndex { $0 > 0 }
    }

    /// Gives each point its nearest centroid; how many changed theirs.
    private func assign(_ points: [Float], to centroids: Centroids, _ nearest: inout [Int]) -> Int {
        let book = CentroidBook(centroids, width: width, limit: limit)
        var scores = [Float](repeating: 0, count: limit)
        var moved = 0
        for point in nearest.indices {
            let found = unsafe points.withUnsafeBufferPointer { points in
                guard let base = points.baseAddress else { return 0 }
                return unsafe book.nearest(to: base + point * width, scores: &scores, kernel)
            }
            if nearest[point] != found { moved += 1 }
            nearest[point] = found
        }
        return moved
    }

    /// The means of the points of each centroid; one without points stays where it is.
    private func means(_ points: [Float], _ nearest: [Int], _ centroids: Centroids) -> Centroids {
        var sums = [Double](repeating: 0, count: width * limit)
        var members = [Int](repeating: 0, count: limit)
        for (point, centroid) in nearest.enumerated() {
            members[centroid] += 1
            for dimension in 0..<width {
                sums[dimension * limit + centroid] += Double(points[point * width + dimension])
            }
        }
        var moved = centroids
        for centroid in 0..<centroids.count where members[centroid] > 0 {
            for dimension in 0..<width {
                let place = dimension * limit + centroid
                moved.values[place] = Float(sums[place] / Double(members[centroid]))
            }
        }
        return moved
    }
}

/// Centroids made ready to be searched: with half their squared lengths.
struct CentroidBook {
    let values: [Float]
    let count: Int
    let width: Int
    let limit: Int
    /// Minus half of each squared length; minus infinity where there is no centroid.
    let bias: [Float]

    init(_ centroids: CentroidTrainer.Centroids, width: Int, limit: Int) {
        values = centroids.values
        count = centroids.count
        self.width = width
        self.limit = limit
        bias = (0..<limit).map { centroid in
            guard centroid < centroids.count else { return -.infinity }
            let squares = (0..<width).reduce(Float(0)) {
                let value = centroids.values[$1 * limit + centroid]
                return $0 + value * value
            }
            return -squares / 2
        }
    }

    /// The products of a point with every centroid, added to what `sums` holds.
    @unsafe func addProducts(
        of point: UnsafePointer<Float>, to sums: UnsafeMutablePointer<Float>, _ kernel: Kernel
    ) {
        unsafe values.withUnsafeBufferPointer { values in
            guard let base = values.baseAddress else { return }
            for dimension in 0..<width where unsafe point[dimension] != 0 {
                unsafe kernel.addScaled(
                    base + dimension * limit, by: point[dimension], count: limit, to: sums)
            }
        }
    }

    /// The centroid nearest to a point, the first of those equally near; `scores` is working memory.
    @unsafe func nearest(to point: UnsafePointer<Float>, scores: inout [Float], _ kernel: Kernel) -> Int {
        unsafe scores.withUnsafeMutableBufferPointer { scores in
            guard let sums = scores.baseAddress else { return 0 }
            unsafe bias.withUnsafeBufferPointer { bias in
                for index in 0..<limit { unsafe sums[index] = bias[index] }
            }
            unsafe addProducts(of: point, to: sums, kernel)
            var best = 0
            for index in 1..<limit where unsafe sums[index] > sums[best] { best = index }
            return best
        }
    }
}
