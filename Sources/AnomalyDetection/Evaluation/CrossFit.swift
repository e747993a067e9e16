/// Cuts a log into parts that are each judged by what is benign in all others.
///
/// Six contiguous parts in order of time: what is judged may be earlier than what it is judged by, and no attack is
/// ever part of the past. That tells how a detector does that has a clean past, which streaming has to earn first.
public struct CrossFit: Sendable {
    /// How many parts there are.
    public static let folds = 6

    /// One part and what it is judged by.
    public struct Part: Sendable {
        /// The events that are judged.
        public let judged: ArraySlice<EvaluationEvent>
        /// The benign events of all other parts, in order.
        public let past: [EvaluationEvent]
    }

    /// The parts, those without events left out.
    public let parts: [Part]

    /// Cuts events, which stand in order.
    public init(_ events: [EvaluationEvent]) {
        parts = (0..<Self.folds).compactMap { number in
            let range = Self.range(ofFold: number, count: events.count)
            guard !range.isEmpty else { return nil }
            let others = events[..<range.lowerBound] + events[range.upperBound...]
            return Part(judged: events[range], past: others.filter { $0.incident == nil })
        }
    }

    /// Which of `count` events are in a part: those with `index * folds / count` equal to its number.
    static func range(ofFold number: Int, count: Int) -> Range<Int> {
        func start(_ number: Int) -> Int { (number * count + folds - 1) / folds }
        return start(number)..<start(number + 1)
    }
}
