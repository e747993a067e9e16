import Decisions

/// The records of a store by collection and key.
struct RecordTable {
    /// A value and its revision; a deleted key keeps its revision, so that a stale writer is noticed.
    private struct Slot {
        var value: JSONValue?
        var revision: UInt64
    }

    private var collections: [ByteKey: [ByteKey: Slot]] = [:]
    /// The breadth of searches that name none, as the store's recall setting says; `nil` for the index's own.
    private(set) var searchBreadth: Int?
    /// The quantization that was chosen for the store; `nil` when none was.
    private(set) var quantization: QuantizationSetting?

    /// The largest number of an entry of the activity log.
    private(set) var newestEntry = 0
    /// Entries of the activity log that are in a file alone.
    var older: OlderEntries?
    /// Whether old entries of the activity log are left to the server that keeps everything.
    var leavesOlderToServer = false

    /// The most records written together.
    static let maximumChanges = 10_000

    /// The record under a key.
    func record(in collection: String, key: String) -> Record? {
        guard let slot = collections[ByteKey(collection)]?[ByteKey(key)], let value = slot.value else {
            return nil
        }
        return Record(collection: collection, key: key, value: value, revision: slot.revision)
    }

    /// The records of a collection that are held, by key, from one on and up to another, where there is one.
    func records(in collection: String, from first: String = "", through last: String? = nil) -> [Record] {
        var slots = collections[ByteKey(collection)] ?? [:]
        if !first.isEmpty {
            let first = ByteKey(first)
            slots = slots.filter { !($0.key < first) }
        }
        if let last = last.map({ ByteKey($0) }) { slots = slots.filter { !(last < $0.key) } }
        return slots.sorted { $0.key < $1.key }.compactMap { key, slot in
            slot.value.map {
                Record(collection: collection, key: key.text, value: $0, revision: slot.revision)
            }
        }
    }

    /// How many records of a collection are held, deleted ones among them.
    func count(in collection: String) -> Int { collections[ByteKey(collection)]?.count ?? 0 }

    /// Whether a record, or that it was deleted, is held.
    func isHeld(_ key: String, in collection: String) -> Bool {
        collections[ByteKey(collection)]?[ByteKey(key)] != nil
    }

    /// Lets go of a record that has a revision.
    mutating func release(_ key: String, in collection: String, revision: UInt64) {
        let slot = collections[ByteKey(collection)]?[ByteKey(key)]
        guard let slot, slot.value != nil, slot.revision == revision else { return }
        collections[ByteKey(collection)]?[ByteKey(key)] = nil
    }

    /// Lets go of the records of a collection whose keys are not to be held.
    mutating func keep(in collection: String, where isKept: (String) -> Bool) {
        collections[ByteKey(collection)] = collections[ByteKey(collection)]?.filter { isKept($0.key.text) }
    }

    /// Every record that is or was held, for a snapshot; deleted ones have no value.
    var all: [Record] {
        collections.keys.sorted().flatMap { collection in
            (collections[collection] ?? [:]).sorted { $0.key < $1.key }.map { key, slot in
                Record(
                    collection: collection.text, key: key.text, value: slot.value, revision: slot.revision)
            }
        }
    }

    /// The deletion of every record that is not among some.
    func lost(beside kept: [Record]) -> [Record] {
        var keys: [ByteKey: Set<ByteKey>] = [:]
        for record in kept { keys[ByteKey(record.collection), default: []].insert(ByteKey(record.key)) }
        return all.filter { record in
            record.value != nil && keys[ByteKey(record.collection)]?.contains(ByteKey(record.key)) != true
        }.map { record in
            Record(
                collection: record.collection, key: record.key, value: nil, revision: record.revision + 1)
        }
    }

    /// What changes would make of the records, in order; nothing is changed.
    func planned(_ changes: [RecordChange]) throws(StoreError) -> [Record] {
        guard changes.count <= RecordTable.maximumChanges else {
            throw StoreError(
                .usage,
                "\(changes.count) records in one write are too many: write at most "
                    + "\(RecordTable.maximumChanges) together")
        }
        // Whoever adds to the activity log looked at the server for the number, and the server takes the entry only
        // where there is none. A forged number may make it look old here.
        let isChained = changes.contains {
            $0.collection == ActivityLog.collection && $0.key == ActivityLog.headKey && $0.expected != nil
        }
        var planned: [Record] = []
        var revisions: [ByteKey: [ByteKey: UInt64]] = [:]
        for change in changes {
            let collection = ByteKey(change.collection)
            let key = ByteKey(change.key)
            let slot = collections[collection]?[key]
            let older = slot == nil ? revisionOfOlder(in: change.collection, key: change.key) : nil
            let revision = revisions[collection]?[key] ?? slot?.revision ?? older ?? 0
            let isPlanned = revisions[collection]?[key] != nil
            let visible = isPlanned || slot?.value != nil || older != nil ? revision : 0
            if older == 0, !isPlanned, change.expected != nil, !(isChained && change.expected == 0) {
                throw StoreError(
                    .revisionConflict,
                    "entry \(PrintedText.escaped(change.key)) of the activity log is older than what is held here: "
                        + "read its newest entry again and repeat the change")
            }
            if let expected = change.expected, expected != visible {
                throw StoreError(
                    .revisionConflict,
                    "record \(PrintedText.escaped(change.key)) of \(PrintedText.escaped(change.collection)) "
                        + "has revision \(visible), not \(expected): read it again and repeat the change")
            }
            revisions[collection, default: [:]][key] = revision + 1
            planned.append(
                Record(
                    collection: change.collection, key: change.key, value: change.value,
                    revision: revision + 1))
        }
        return planned
    }

    /// Takes over records as planned, journaled or stored in a snapshot.
    mutating func apply(_ records: [Record]) {
        for record in records {
            if let number = Self.entry(record.collection, record.key) {
                // A forged one, which no writer goes on from, is not what makes the others old.
                if number <= ActivityLog.farthestEnd { newestEntry = max(newestEntry, number) }
                // What the server alone holds is read there, as it is then.
                if number <= leftToServer {
                    collections[ByteKey(record.collection)]?[ByteKey(record.key)] = nil
                    continue
                }
            }
            collections[ByteKey(record.collection), default: [:]][ByteKey(record.key)] = Slot(
                value: record.value, revision: record.revision)
            switch (record.collection, record.key) {
            case (RecallSetting.collection, RecallSetting.key):
                searchBreadth = record.value.flatMap { RecallSetting(json: $0) }?.measurement?.breadth
            case (QuantizationSetting.collection, QuantizationSetting.key):
                quantization = record.value.flatMap { QuantizationSetting(json: $0) }
            default: break
            }
        }
        if leavesOlderToServer { trim() }
    }
}
