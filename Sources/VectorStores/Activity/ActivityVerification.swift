public import Decisions

/// What came of comparing every entry of an activity log with the one before.
public struct ActivityVerification: Sendable, Hashable {
    /// How many entries are in order, from the first on.
    public var entries = 0
    /// When the first was written.
    public var first: Timestamp?
    /// When the last one in order was written.
    public var last: Timestamp?
    /// The hash of the last one in order.
    ///
    /// Kept elsewhere it tells later that nothing was cut off and written anew: a chain alone cannot.
    public var hash = ActivityEntry.firstPrevious
    /// The first break; `nil` when there is none.
    public var fault: Fault?

    /// A place where the log is not as it was written.
    public struct Fault: Sendable, Hashable {
        /// The number of the entry.
        public var sequence: Int
        /// When the last entry before it was written; `nil` when there is none.
        ///
        /// What is newer cannot be relied on.
        public var since: Timestamp?
        /// What is wrong with it.
        public var reason: String
    }
}

extension ActivityLog {
    /// Reads a store's whole log, one entry at a time, and compares; ends at the first break.
    ///
    /// What is added meanwhile is read too.
    public static func verify(
        _ store: any RecordStore, progress: @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) async throws -> ActivityVerification {
        var result = ActivityVerification()
        var head = try await head(of: store)
        while true {
            while result.entries < head.sequence {
                let sequence = result.entries + 1
                let value = try await store.record(in: collection, key: key(sequence))?.value
                if let reason = reason(against: value, sequence, previous: result.hash) {
                    result.fault = ActivityVerification.Fault(
                        sequence: sequence, since: result.last, reason: reason)
                    return result
                }
                guard let entry = value.flatMap({ ActivityEntry(json: $0) }) else { return result }
                result.entries = sequence
                result.first = result.first ?? entry.event.time
                result.last = entry.event.time
                result.hash = entry.hash
                if sequence.isMultiple(of: 1_000) {
                    try Task.checkCancellation()
                    progress(sequence, head.sequence)
                }
            }
            let hasMore = try await store.record(in: collection, key: key(result.entries + 1)) != nil
            let newest = try await self.head(of: store)
            if newest.sequence > result.entries {
                head = newest
                continue
            }
            if hasMore {
                result.fault = ActivityVerification.Fault(
                    sequence: result.entries + 1, since: result.last,
                    reason: "it stands after the newest entry that the head tells")
            } else if newest.hash != result.hash {
                result.fault = ActivityVerification.Fault(
                    sequence: max(1, result.entries), since: result.last,
                    reason: "the head tells another hash than that of the newest entry")
            }
            return result
        }
    }

    /// What is wrong with an entry; `nil` when it is in order.
    private static func reason(against value: JSONValue?, _ sequence: Int, previous: String) -> String? {
        guard let value else { return "it is missing" }
        guard let entry = ActivityEntry(json: value) else { return "it cannot be read" }
        guard ActivityEntry.isIntact(value) else { return "it was changed after it was written" }
        guard entry.sequence == sequence else { return "it has another number: \(entry.sequence)" }
        guard entry.previous == previous else { return "it does not follow the entry before it" }
        return nil
    }
}
