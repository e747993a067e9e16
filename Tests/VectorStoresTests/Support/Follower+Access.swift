@testable import VectorStores

extension MemoryStore {
    /// What follows the writer; `nil` in a store that writes.
    var follower: Follower? {
        if case .reader(_, let follower, _) = role { follower } else { nil }
    }
}
