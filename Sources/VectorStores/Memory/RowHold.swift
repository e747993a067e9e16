import Synchronization

/// While one of these lives, the rows of a store keep their numbers: for work that goes on outside its lock.
final class RowHold: Sendable {
    private let core: StoreCore

    init(_ core: StoreCore) {
        self.core = core
        core.holds.add(1, ordering: .sequentiallyConsistent)
    }

    deinit { core.holds.subtract(1, ordering: .sequentiallyConsistent) }
}
