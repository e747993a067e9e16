import Decisions

/// Entries of the activity log that are not held in memory since they are old.
extension RecordTable {
    /// Where a record is to be looked for.
    enum Finding {
        case here(Record?)
        case inFile(OlderEntries, OlderEntries.Place)
        case onServer
    }

    /// Past so many more than are to be held the oldest are let go of.
    private static let slack = 1_000

    /// The number of the entry that a record is; `nil` for every other one.
    static func entry(_ collection: String, _ key: String) -> Int? {
        collection == ActivityLog.collection ? ActivityLog.number(ofKey: key) : nil
    }

    /// Up to this number entries are on the server alone; 0 where none is.
    var leftToServer: Int { leavesOlderToServer ? max(0, newestEntry - OlderEntries.held) : 0 }

    /// Whether more entries are held than are to be, or older ones are in a file that was replaced.
    var holdsOldEntries: Bool {
        !leavesOlderToServer && (older != nil || count(in: ActivityLog.collection) > OlderEntries.held + 1)
    }

    /// Where a record is.
    func find(in collection: String, key: String) -> Finding {
        guard !isHeld(key, in: collection), let number = Self.entry(collection, key) else {
            return .here(record(in: collection, key: key))
        }
        if number <= leftToServer { return .onServer }
        if let older, let place = older.place(of: number) { return .inFile(older, place) }
        return .here(nil)
    }

    /// The revision of an entry that is not held; `nil` where there is none, and 0 where only the server knows it.
    func revisionOfOlder(in collection: String, key: String) -> UInt64? {
        switch find(in: collection, key: key) {
        case .here: nil
        case .inFile(_, let place): place.revision
        case .onServer: 0
        }
    }

    /// The records of a collection that are held, from a key on, and the places of entries that are not; at most so
    /// many of each.
    func slice(
        of collection: String, from key: String, limit: Int
    ) -> (held: [Record], older: OlderEntries?, places: [OlderEntries.Place]) {
        guard collection == ActivityLog.collection, let older else {
            return (held: Array(records(in: collection, from: key).prefix(limit)), older: nil, places: [])
        }
        // One that was written anew, or deleted, is held.
        var places: [OlderEntries.Place] = []
        for place in older.places(from: key, limit: .max) {
            if places.count == limit { break }
            if !isHeld(ActivityLog.key(place.number), in: collection) { places.append(place) }
        }
        // Where the older ones are enough nothing behind them is looked at: of a long log that is most of the reading.
        let last = places.count == limit ? places.last.map { ActivityLog.key($0.number) } : nil
        let held = Array(records(in: collection, from: key, through: last).prefix(limit))
        return (held: held, older: older, places: places)
    }

    /// Leaves to a file what is in it, as far as it is as it is here.
    ///
    /// Where newer entries were removed meanwhile some of those in the file before are newest now: they stay there.
    mutating func leave(_ older: OlderEntries?) {
        guard let older else { return }
        let isWhole = self.older?.places.allSatisfy { place in
            older.place(of: place.number) != nil
                || isHeld(ActivityLog.key(place.number), in: ActivityLog.collection)
        }
        guard isWhole ?? true else { return }
        self.older = older
        for place in older.places {
            release(ActivityLog.key(place.number), in: ActivityLog.collection, revision: place.revision)
        }
    }

    /// Leaves old entries to the server that keeps them all.
    mutating func leaveOlderToServer() {
        leavesOlderToServer = true
        older = nil
        trim(slack: 0)
    }

    /// Lets go of old entries that the server has, when there are many.
    mutating func trim(slack: Int = Self.slack) {
        let limit = leftToServer
        guard limit > 0, count(in: ActivityLog.collection) > OlderEntries.held + slack else { return }
        keep(in: ActivityLog.collection) { key in ActivityLog.number(ofKey: key).map { $0 > limit } ?? true }
    }
}
