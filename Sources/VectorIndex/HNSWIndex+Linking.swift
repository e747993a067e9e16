import Locks

extension HNSWIndex {
    /// Leaves the links of what is inserted from now on to ``link(threads:progress:isCancelled:)``; only an empty index
    /// can.
    ///
    /// An insert then costs some microseconds and measures no novelty (`Novelty.isMeasured`). Searches are right at
    /// once: they compare everything.
    public func deferLinks() {
        guarded.withWriting { graph in
            if graph.slotCount == 0 { graph.isUnlinked = true }
        }
    }

    /// Whether the links are still to be made.
    public var isUnlinked: Bool { guarded.withReading { $0.isUnlinked } }

    /// Makes the links that were left, on so many threads, aside; searches, inserts and removals go on meanwhile.
    ///
    /// An index that has its links stays as it is. Cancelled or failed, it still compares everything.
    public func link(
        threads: Int = 1, progress: (RebuildProgress) -> Void = { _ in }, isCancelled: () -> Bool = { false }
    ) throws(IndexError) {
        guard isUnlinked else { return }
        try rebuild(threads: threads, progress: progress, isCancelled: isCancelled)
    }
}
