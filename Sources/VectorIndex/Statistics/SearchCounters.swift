internal import Synchronization

/// What searches have cost so far; relaxed, because only the sums matter.
final class SearchCounters: Sendable {
    let searches = Atomic<Int>(0)
    let distances = Atomic<Int>(0)
    let hops = Atomic<Int>(0)

    func add(_ outcome: SearchOutcome) {
        searches.wrappingAdd(1, ordering: .relaxed)
        distances.wrappingAdd(outcome.scanned, ordering: .relaxed)
        hops.wrappingAdd(outcome.hops, ordering: .relaxed)
    }
}
