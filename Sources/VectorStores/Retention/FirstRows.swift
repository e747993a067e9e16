import Decisions
import VectorIndex

/// The first rows by an order, at most so many.
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

    private var first: FirstElements<Candidate>

    /// Keeps up to `limit` rows.
    init(limit: Int) {
        first = FirstElements(limit: limit)
    }

    /// What a row must come before to matter; `nil` while there is room.
    var bar: Candidate? { first.bar }

    /// Looks at a row; `precedes` says which of two comes first and is the same at every call.
    mutating func offer(_ candidate: Candidate, precedes: (Candidate, Candidate) -> Bool) {
        first.offer(candidate, precedes: precedes)
    }

    /// The rows kept, in order.
    func rows(precedes: (Candidate, Candidate) -> Bool) -> [Int] {
        first.sorted(by: precedes).map(\.row)
    }
}
