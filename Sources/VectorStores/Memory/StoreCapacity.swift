import Decisions
import Locks
import VectorIndex

/// The most a store can hold, looked at before anything is journaled: what is journaled can be done again.
struct StoreCapacity {
    /// Rows, deleted ones included until they are compacted.
    var rows = Int(Row.limit)
    /// Tenants, those without entries included.
    var tenants = Int(Partition.limit)
    /// Bytes of the distinct values of one column.
    var valueBytes = Interner.maximumBytes
    /// Bytes of one entry, at most as many as a journal record takes.
    var entryBytes = StoredJSON.limits.bytes

    /// What a store is made for.
    static let whole = StoreCapacity()
}

extension StoreCore {
    /// Refuses entries that the store could not hold or not read back; costs a look at each text.
    func checkRoom(
        for entries: [Entry], within capacity: StoreCapacity = .whole
    ) throws(StoreError) {
        var sum = 0
        for entry in entries {
            guard let bytes = entry.decision.maximumTextBytes, bytes <= capacity.entryBytes else {
                throw StoreError(
                    .usage,
                    "entry \(PrintedText.escaped(entry.decision.id, limit: 80)) is nested too deeply or too "
                        + "long to be read back: shorten it or leave it out")
            }
            sum += bytes
        }
        let (rows, tenants, values) = state.withReading { state in
            (state.columns.count, state.columns.tenants.values.count, state.columns.longestValues)
        }
        let full =
            if rows + entries.count > capacity.rows {
                "\(rows) rows"
            } else if tenants + entries.count > capacity.tenants {
                "\(tenants) tenants"
            } else if values + sum > capacity.valueBytes {
                "\(values) bytes of different texts in one column"
            } else if !index.hasRoom(for: entries.count) {
                "\(index.distinctCount) different vectors"
            } else {
                ""
            }
        guard full.isEmpty else {
            throw StoreError(
                .failed,
                "the store is full with \(full): delete some, keep less with --keep, or begin another"
            )
        }
    }
}

extension RecordTable {
    /// Refuses records that could not be read back from one journal record.
    static func checkRoom(for records: [Record]) throws(StoreError) {
        var sum = 0
        for record in records {
            guard
                let bytes = StoredJSON.maximumBytes(
                    ofRecord: record.key, in: record.collection, value: record.value)
            else {
                throw StoreError(
                    .usage,
                    "record \(PrintedText.escaped(record.key, limit: 80)) of "
                        + "\(PrintedText.escaped(record.collection, limit: 80)) is no JSON that can be read "
                        + "back: nest it at most \(StoredJSON.limits.depth) deep and keep it short")
            }
            sum += bytes
        }
        guard sum <= JournalFormat.maximumPayload else {
            throw StoreError(
                .usage, "the records of one write take up to \(sum) bytes: write fewer of them together")
        }
    }
}

extension DecisionColumns {
    /// Bytes of the longest list of distinct values.
    var longestValues: Int {
        [
            tenants.values.arena.count, principals.values.arena.count, roles.values.arena.count,
            kinds.values.arena.count, resources.values.arena.count, scopes.values.arena.count,
            actions.values.arena.count, policies.values.arena.count, outcomes.values.arena.count,
            addresses.values.arena.count, agents.values.arena.count, formats.values.arena.count,
            extras.values.arena.count,
        ].reduce(0, max)
    }
}

extension Decision {
    /// How many bytes its texts take at most as the store keeps them; `nil` when they could not be read back.
    fileprivate var maximumTextBytes: Int? {
        guard let extras = StoredJSON.maximumBytes(of: .object(extras)) else { return nil }
        let texts = [id, tenant, principal.id, resource.kind]
        let optional = [
            resource.id, resource.scope, outcome, source.ip, source.agent, source.format,
        ]
        let lists = principal.roles + actions + policies
        // A text in a list has its length before it, in five bytes at most.
        return extras + texts.reduce(0) { $0 + $1.utf8.count }
            + optional.reduce(0) { $0 + ($1?.utf8.count ?? 0) } + lists.reduce(0) { $0 + $1.utf8.count + 5 }
    }
}
