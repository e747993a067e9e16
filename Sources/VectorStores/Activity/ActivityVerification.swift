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
    /// The breaks, in their order, at most ``maximumFaults``; empty when there is none.
    public var faults: [Fault] = []
    /// What is in order behind the first break; `nil` where nothing is.
    public var behind: Behind?

    /// The most breaks that are told; behind the last of them nothing is looked at.
    public static let maximumFaults = 100

    /// The first break; `nil` when there is none.
    public var fault: Fault? { faults.first }

    /// A place where the log is not as it was written.
    public struct Fault: Sendable, Hashable {
        /// The number of the entry.
        public var sequence: Int
        /// When the last entry in order before it was written; `nil` when there is none.
        ///
        /// What is told between the two cannot be relied on.
        public var since: Timestamp?
        /// When the next entry in order behind it was written; `nil` when there is none.
        public var until: Timestamp?
        /// What is wrong with it.
        public var reason: String
    }

    /// Entries that follow each other as they were written, behind a break.
    public struct Behind: Sendable, Hashable {
        /// How many there are.
        public var entries: Int
        /// When the last was written.
        public var last: Timestamp
        /// The hash of the last.
        public var hash: String
    }
}

/// Looks at the entries of a log one after the other: pure, in constant memory.
struct ActivityCheck {
    private(set) var result = ActivityVerification()
    /// The number of the entry that was looked at last.
    private(set) var sequence: Int
    /// What the next entry must hold; `nil` where that is not known.
    private(set) var previous: String?

    /// A check from an entry on; what is before that is taken as it is.
    init(from first: Int = 1) {
        sequence = first - 1
        previous = first == 1 ? ActivityEntry.firstPrevious : nil
    }

    /// Whether no more breaks are told.
    var isFull: Bool { result.faults.count >= ActivityVerification.maximumFaults }

    /// Looks at the value of the next entry there is; those between it and the one before are missing.
    mutating func take(_ value: JSONValue?, at number: Int) {
        miss(through: number - 1)
        sequence = number
        let entry = value.flatMap { ActivityEntry(json: $0) }
        let reason = reason(against: value, entry, number)
        if let reason { note(reason, at: number) }
        // Where the entry itself was changed, its hash is still what the next one was given.
        previous = entry?.hash
        guard reason == nil, let entry else { return }
        count(entry)
    }

    /// Notes that there are no entries up to a number.
    mutating func miss(through number: Int) {
        guard number > sequence else { return }
        let more = number - sequence - 1
        note(
            more == 0 ? "it is missing" : "it and the \(PrintedNumber.grouped(more)) after it are missing",
            at: sequence + 1)
        sequence = number
        previous = nil
    }

    /// Passes over numbers that no entry was to have.
    mutating func pass(to number: Int) {
        guard number > sequence else { return }
        sequence = number
        previous = nil
    }

    /// Notes what is wrong at an entry, once for each.
    mutating func note(_ reason: String, at number: Int) {
        guard !isFull, result.faults.last?.sequence != number else { return }
        result.faults.append(
            ActivityVerification.Fault(
                sequence: number, since: result.behind?.last ?? result.last, reason: reason))
    }

    private mutating func count(_ entry: ActivityEntry) {
        let time = entry.event.time
        guard !result.faults.isEmpty else {
            result.entries += 1
            result.first = result.first ?? time
            result.last = time
            result.hash = entry.hash
            return
        }
        for place in result.faults.indices where result.faults[place].until == nil {
            result.faults[place].until = time
        }
        result.behind = ActivityVerification.Behind(
            entries: (result.behind?.entries ?? 0) + 1, last: time, hash: entry.hash)
    }

    /// What is wrong with an entry; `nil` when it is in order.
    private func reason(
        against value: JSONValue?, _ entry: ActivityEntry?, _ number: Int
    ) -> String? {
        guard let value else { return "it is missing" }
        guard let entry else { return "it cannot be read" }
        guard ActivityEntry.isIntact(value) else { return "it was changed after it was written" }
        guard entry.sequence == number else { return "it has another number: \(entry.sequence)" }
        guard previous == nil || entry.previous == previous else {
            return "it does not follow the entry before it"
        }
        return nil
    }
}

extension ActivityLog {
    /// Reads a store's whole log, a part at a time, and compares; goes on behind a break.
    ///
    /// From `first` on where that is given: for who looked at what is before. What is added meanwhile is read too.
    public static func verify(
        _ store: any RecordStore, from first: Int = 1,
        progress: @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) async throws -> ActivityVerification {
        var check = ActivityCheck(from: first)
        var head = try await head(of: store)
        while true {
            try await take(through: head.sequence, of: store, into: &check, progress)
            if check.isFull { return check.result }
            let beyond = try await next(in: store, after: check.sequence)
            let newest = try await self.head(of: store)
            if newest.sequence > check.sequence {
                head = newest
                continue
            }
            if let beyond {
                // Where it does not follow, nothing is missing before it: its number is forged.
                check.pass(to: beyond - 1)
                check.note("it stands after the newest entry that the head tells", at: beyond)
                // What stands there may be in order all the same, as where the head alone was lost.
                try await take(through: .max, of: store, into: &check, progress)
            } else if let last = check.previous, newest.hash != last, check.sequence >= first {
                check.note(
                    "the head tells another hash than that of the newest entry", at: max(1, check.sequence))
            }
            return check.result
        }
    }

    /// The number of the first entry behind one; `nil` where there is none.
    private static func next(in store: any RecordStore, after sequence: Int) async throws -> Int? {
        // Behind the largest number keys are longer, and no longer in the order of the numbers.
        guard sequence < maximumNumber else { return nil }
        var place: String? = key(sequence + 1)
        while let from = place {
            let page = try await page(of: store, from: from)
            if let first = page.entries.first { return first.number }
            place = page.next
        }
        return nil
    }

    /// Looks at all entries up to a number, or to the last; reads a part of them at a time.
    private static func take(
        through last: Int, of store: any RecordStore, into check: inout ActivityCheck,
        _ progress: @Sendable (_ done: Int, _ total: Int) -> Void
    ) async throws {
        guard check.sequence < min(last, maximumNumber) else { return }
        var place: String? = key(check.sequence + 1)
        while let from = place, check.sequence < min(last, maximumNumber), !check.isFull {
            let page = try await page(of: store, from: from)
            for entry in page.entries where entry.number <= last {
                check.take(entry.value, at: entry.number)
                if check.isFull { return }
            }
            // The keys of entries are in the order of their numbers.
            let isBeyond = page.entries.last.map { $0.number > last } ?? false
            place = isBeyond ? nil : page.next
            progress(check.sequence, last == .max ? check.sequence : last)
        }
        if last < .max, !check.isFull { check.miss(through: last) }
    }
}
