import Glibc
import Synchronization

/// How long appends took, the searches beside them and the linking behind them.
struct AppendTimes {
    var appends = Latencies()
    var searches = Latencies()
    var found = 0
    var linked = 0
    var linkingSeconds = 0.0
    var largestTail = 0

    mutating func figures() -> SearchBenchmark.AppendFigures {
        SearchBenchmark.AppendFigures(
            count: appends.count, found: Double(found) / Double(max(1, appends.count)),
            medianMicroseconds: appends.microseconds(percentile: 50),
            percentile99Microseconds: appends.microseconds(percentile: 99),
            searchPercentile99Microseconds: searches.microseconds(percentile: 99),
            linkedPerSecond: linkingSeconds > 0 ? Double(linked) / linkingSeconds : 0,
            largestTail: largestTail)
    }
}

extension SearchBenchmark {
    /// How long the thread that links sleeps where nothing waits, in microseconds; a store's is woken by an insert.
    private static let idleMicroseconds: UInt32 = 50

    /// Appends some rows of the base, each of which is searched for at once, while another thread searches without a
    /// pause and a third links what was appended; all of it is linked when this returns.
    func measureAppends(
        of rows: Range<Int>, into index: HNSWIndex, _ times: inout AppendTimes
    ) throws(IndexError) {
        let vectors = try vectors(of: rows)
        var (appends, searches, found, largestTail) = (times.appends, times.searches, 0, times.largestTail)
        var linking = (linked: 0, seconds: 0.0)
        var failure: IndexError?
        let isDone = Atomic<Bool>(false)
        WorkerThreads.run(3) { thread in
            do throws(IndexError) {
                switch thread {
                case 0: try search(index, until: isDone, into: &searches)
                case 1: linking = link(index, until: isDone)
                // On the calling thread: the others end with it, whether the system has threads for them or not.
                default:
                    defer { isDone.store(true, ordering: .releasing) }
                    for (row, vector) in zip(rows, vectors) {
                        let began = now()
                        try data.append(vector, row: row, partition: Self.onlyPartition, into: index)
                        appends.add(now() - began)
                        // Before the search, during which the thread behind goes on.
                        largestTail = max(largestTail, index.tailCount)
                        found += try isFound(row, vector, in: index) ? 1 : 0
                    }
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        times = AppendTimes(
            appends: appends, searches: searches, found: times.found + found,
            linked: times.linked + linking.linked,
            linkingSeconds: times.linkingSeconds + linking.seconds, largestTail: largestTail)
    }

    /// Links what is appended until no more comes; how many that were, and the seconds it took without waiting.
    private func link(_ index: HNSWIndex, until isDone: borrowing Atomic<Bool>) -> (
        linked: Int, seconds: Double
    ) {
        var linked = 0
        var seconds = 0.0
        while true {
            // Asked for before the tail is looked at, so that nothing is left behind.
            let isLast = isDone.load(ordering: .acquiring)
            var left = index.tailCount
            if left == 0 {
                if isLast { return (linked, seconds) }
                usleep(Self.idleMicroseconds)
                continue
            }
            let began = now()
            while left > 0 {
                left = index.linkTail(atMost: 1)
                linked += 1
            }
            seconds += now() - began
        }
    }
}
