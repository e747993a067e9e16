/// One search that may find some rows only, and what it must find.
struct RestrictedSearch {
    var vector: BenchmarkData.Vector
    var options: SearchOptions
    /// The cosine that a row must reach to count as found.
    var bound: Float
    /// How many rows it must give.
    var expected: Int
    /// Whether it may give a row.
    var admits: (Int) -> Bool
}

extension SearchBenchmark {
    /// The cosine that is among the best, so many as are asked for.
    func bound(_ cosines: some Sequence<Float>) -> Float {
        var best: [Float] = []
        for cosine in cosines {
            if best.count == BenchmarkData.count, cosine <= best[best.count - 1] { continue }
            best.insert(cosine, at: best.firstIndex { $0 < cosine } ?? best.count)
            if best.count > BenchmarkData.count { best.removeLast() }
        }
        return (best.last ?? 1) - BenchmarkData.slack
    }

    /// Recall of each search once, then times over and over; the strategy is the one that answered most.
    func measure(_ searches: [RestrictedSearch], in index: HNSWIndex) throws(IndexError)
        -> (figures: SearchFigures, strategy: SearchStrategy)
    {
        var figures = SearchFigures()
        var strategies: [SearchStrategy: Int] = [:]
        var found = 0
        var complete = 0
        for search in searches {
            let outcome = try data.search(index, search.vector, search.options)
            strategies[outcome.strategy, default: 0] += 1
            found += data.found(outcome, for: search.vector, bound: search.bound)
            complete += outcome.hits.count == search.expected ? 1 : 0
            figures.strangers += outcome.hits.count { !search.admits(Int($0.row.rawValue)) }
        }
        figures.recall10 = Double(found) / Double(max(1, searches.reduce(0) { $0 + $1.expected }))
        figures.complete = Double(complete) / Double(max(1, searches.count))
        var times = Latencies()
        let began = now()
        var last = began
        repeat {
            for search in searches {
                _ = try data.search(index, search.vector, search.options)
                let moment = now()
                times.add(moment - last)
                last = moment
            }
        } while last - began < options.secondsPerFigure
        figures.medianMicroseconds = times.microseconds(percentile: 50)
        figures.percentile99Microseconds = times.microseconds(percentile: 99)
        return (figures, strategies.max { $0.value < $1.value }?.key ?? .exact)
    }
}
