import Decisions

/// The first rows by an order, at most so many: a heap whose root is the last of those kept.
///
/// The order is total, so that rows of one time are no more than wanted either.
struct FirstRows {
    /// A row that may be among the first.
    struct Candidate {
        /// Its time.
        var time: Timestamp
        /// Its number.
        var row: Int
    }

    private let limit: Int
    private var heap: [Candidate] = []

    /// Keeps up to `limit` rows.
    init(limit: Int) {
        self.limit = limit
    }

    /// What a row must come before to matter; `nil` while there is room.
    var bar: Candidate? { heap.count == limit ? heap.first : nil }

    /// Looks at a row; `precedes` says which of two comes first and is the same at every call.
    mutating func offer(_ candidate: Candidate, precedes: (Candidate, Candidate) -> Bool) {
        if heap.count < limit {
            heap.append(candidate)
            rise(precedes)
        } else if let bar, precedes(candidate, bar) {
            heap[0] = candidate
            sink(precedes)
        }
    }

    /// The rows kept, in order.
    func rows(precedes: (Candidate, Candidate) -> Bool) -> [Int] {
        heap.sorted(by: precedes).map(\.row)
    }

    private mutating func rise(_ precedes: (Candidate, Candidate) -> Bool) {
        var place = heap.count - 1
        while place > 0, precedes(heap[(place - 1) / 2], heap[place]) {
            heap.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    private mutating func sink(_ precedes: (Candidate, Candidate) -> Bool) {
        var place = 0
        while true {
            var last = place
            for child in (2 * place + 1)...(2 * place + 2)
            where child < heap.count && precedes(heap[last], heap[child]) { last = child }
            if last == place { return }
            heap.swapAt(place, last)
            place = last
        }
    }
}
