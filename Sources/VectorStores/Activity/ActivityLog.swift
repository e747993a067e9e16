package import Decisions

/// The append-only log of writing acts that a store keeps among its records.
///
/// Each entry holds the hash of the one before, so that nobody changes, removes or inserts one unnoticed. Entries and
/// the head are written together, each with the revision that was seen: of two writers at the same moment one is told
/// to try again, so that the log is one line however many write.
public enum ActivityLog {
    /// The collection of its records: an entry under its number of sixteen digits, and the head.
    public static let collection = "activity"
    /// The key of the record that tells the newest entry.
    package static let headKey = "head"
    /// The most entries written together.
    public static let maximumTogether = 1_000
    /// More entries than their keys have digits for: a head that tells of more is none.
    private static let maximumEntries = 10_000_000_000_000_000
    /// How many of the newest entries are held in memory.
    package static var heldInMemory: Int { OlderEntries.held }
    /// How many entries are read at a time where all are.
    static let sliceEntries = 500
    /// The largest number of an entry.
    public static var maximumNumber: Int { maximumEntries - 1 }
    /// How often an entry is tried again when others write at the same moment.
    private static let attempts = 200
    /// The largest number that is gone on from: an act a microsecond for thirty years.
    ///
    /// One beyond it was forged, by whoever can write into the server. Was it gone on from there would soon be no more
    /// numbers, and no more acts.
    package static let farthestEnd = 1_000_000_000_000_000

    /// The newest entry's number and hash.
    public struct Head: Sendable, Hashable {
        /// How many entries there are.
        public var sequence: Int
        /// The hash of the newest.
        public var hash: String

        /// Whether there is room behind it.
        package var isGoneOnFrom: Bool { sequence <= ActivityLog.farthestEnd }

        /// The head of an empty log.
        package static let none = Head(sequence: 0, hash: ActivityEntry.firstPrevious)

        var json: JSONValue {
            .object(["sequence": .number(String(sequence)), "hash": .string(hash)])
        }

        package init(sequence: Int, hash: String) {
            self.sequence = sequence
            self.hash = hash
        }

        /// The head of a log whose last entry stands under a key; `nil` where that is no entry's.
        package init?(endingWith key: String, _ value: JSONValue?) {
            guard let sequence = ActivityLog.number(ofKey: key) else { return nil }
            self.init(
                sequence: sequence, hash: value?.object?["hash"]?.text ?? ActivityEntry.firstPrevious)
        }

        package init?(json: JSONValue) {
            guard let object = json.object, let hash = object["hash"]?.text,
                let sequence = object["sequence"]?.number.flatMap({ Int(exactly: $0) }),
                (0..<ActivityLog.maximumEntries).contains(sequence)
            else { return nil }
            self.init(sequence: sequence, hash: hash)
        }
    }

    /// The number of the entry under a key; `nil` for every other record.
    static func number(ofKey key: String) -> Int? {
        guard let number = Int(key), (1..<maximumEntries).contains(number), self.key(number) == key else {
            return nil
        }
        return number
    }

    /// Whether a record that is to be written is an entry where none may be.
    package static func isNewEntry(_ record: Record) -> Bool {
        record.collection == collection && record.revision == 1 && record.value != nil
            && number(ofKey: record.key) != nil
    }

    /// The key of an entry.
    package static func key(_ sequence: Int) -> String {
        let digits = String(sequence)
        return String(repeating: "0", count: max(0, 16 - digits.count)) + digits
    }

    /// The head of a store's log; of one without entries, number 0.
    public static func head(of store: any RecordStore) async throws -> Head {
        try await store.record(in: collection, key: headKey)?.value.flatMap { Head(json: $0) } ?? .none
    }

    /// Adds events, in their order, together with other changes: all or none.
    ///
    /// - Throws: ``StoreError`` with code `revisionConflict` when one of the other changes expects another revision.
    public static func append(
        _ events: [ActivityEvent], to store: any RecordStore, with others: [RecordChange] = []
    ) async throws {
        var events = events[...]
        var others = others
        while !events.isEmpty {
            let part = Array(events.prefix(maximumTogether))
            try await appendTogether(part, to: store, with: others)
            events = events.dropFirst(part.count)
            others = []
        }
    }

    private static func appendTogether(
        _ events: [ActivityEvent], to store: any RecordStore, with others: [RecordChange]
    ) async throws {
        var tries = 0
        while true {
            let seen = try await store.record(in: collection, key: headKey)?.revision
            do {
                return try await store.write(others + changes(adding: events, to: store))
            } catch let error as StoreError where error.code == .revisionConflict {
                tries += 1
                let now = try await store.record(in: collection, key: headKey)?.revision
                // Where the log is as it was, it is the other changes that came too late, or somebody forged a number.
                let isOfLog = now != seen ? true : try await areAsExpected(others, in: store)
                guard tries < attempts, isOfLog else { throw error }
                try Task.checkCancellation()
            }
        }
    }

    /// Whether records are still as the writer saw them.
    private static func areAsExpected(
        _ changes: [RecordChange], in store: any RecordStore
    ) async throws -> Bool {
        for change in changes {
            guard let expected = change.expected else { continue }
            let record = try await store.record(in: change.collection, key: change.key)
            if record?.revision ?? 0 != expected { return false }
        }
        return true
    }

    /// The changes that add events to a store's log, to be written together with what they tell.
    ///
    /// A write of them throws ``StoreError`` with code `revisionConflict` when somebody else added an entry meanwhile.
    public static func changes(
        adding events: [ActivityEvent], to store: any RecordStore
    ) async throws -> [RecordChange] {
        if events.isEmpty { return [] }
        let record = try await store.record(in: collection, key: headKey)
        let told = record?.value.flatMap { Head(json: $0) } ?? .none
        let head = try await end(of: store, told: told, room: events.count)
        return changes(adding: events, after: head, revision: record?.revision ?? 0)
    }

    /// The changes that add events after a head whose record has a revision, 0 where there is none.
    package static func changes(
        adding events: [ActivityEvent], after head: Head, revision: UInt64
    ) -> [RecordChange] {
        precondition(events.count <= maximumTogether, "too many entries for one write")
        var head = head
        var changes: [RecordChange] = []
        for event in events {
            let entry = ActivityEntry(event, sequence: head.sequence + 1, previous: head.hash)
            head = Head(sequence: entry.sequence, hash: entry.hash)
            changes.append(
                RecordChange(
                    collection: collection, key: key(entry.sequence), value: entry.json, expected: 0))
        }
        changes.append(
            RecordChange(
                collection: collection, key: headKey, value: head.json, expected: revision))
        return changes
    }

    /// Where a log ends that so many more entries go on from; what was changed stays to be found.
    ///
    /// Where its head is lost or was set back that is the last entry. Where a number was forged that leaves no room
    /// behind it, that is the first entry behind which there is room: the log goes on there, and what was forged stands
    /// alone.
    private static func end(of store: any RecordStore, told head: Head, room: Int) async throws -> Head {
        if head.isGoneOnFrom {
            if try await isFree(store, after: head, room: room) { return head }
            let last = try await last(of: store, after: head)
            if last.isGoneOnFrom { return last }
        }
        return try await firstEnd(of: store, room: room)
    }

    /// Whether the numbers behind a head are free that so many entries take.
    private static func isFree(_ store: any RecordStore, after head: Head, room: Int) async throws -> Bool {
        let next = key(head.sequence + 1)
        if room == 1 { return try await store.record(in: collection, key: next) == nil }
        var place: String? = next
        while let from = place {
            let page = try await page(of: store, from: from)
            if let first = page.entries.first { return first.number > head.sequence + room }
            place = page.next
        }
        return true
    }

    /// The last entry, looked for from a head on.
    private static func last(of store: any RecordStore, after head: Head) async throws -> Head {
        var last = head
        var place: String? = key(head.sequence + 1)
        while let from = place {
            let page = try await page(of: store, from: from)
            if let entry = page.entries.last { last = entry.head }
            place = page.next
        }
        return last
    }

    /// The first entry behind which there is room for so many; reads all up to there.
    private static func firstEnd(of store: any RecordStore, room: Int) async throws -> Head {
        var end = Head.none
        var place: String? = key(1)
        while let from = place {
            let page = try await page(of: store, from: from)
            for entry in page.entries {
                let next = entry.head
                guard next.isGoneOnFrom, end == .none || next.sequence <= end.sequence + room else {
                    return end
                }
                end = next
            }
            place = page.next
        }
        return end
    }

    /// The newest entries, oldest first, at most so many; reads no others.
    public static func newest(_ limit: Int, of store: any RecordStore) async throws -> [ActivityEntry] {
        let last = try await head(of: store).sequence
        var entries: [ActivityEntry] = []
        for sequence in max(1, last - max(0, limit) + 1)..<(last + 1) {
            if let entry = try await entry(sequence, of: store) { entries.append(entry) }
        }
        return entries
    }

    /// The entry with a number; `nil` when there is none that can be read.
    public static func entry(_ sequence: Int, of store: any RecordStore) async throws -> ActivityEntry? {
        try await store.record(in: collection, key: key(sequence))?.value.flatMap { ActivityEntry(json: $0) }
    }
}
