package import Decisions
import Locks
package import VectorIndex

/// What a store in memory knows of one that is kept elsewhere: filled and changed by a ``ChangeLog``.
///
/// Exactly one thread changes it at a time: whoever has the store's turn to write.
package final class StoreMirror: Sendable {
    let core: StoreCore
    /// Told of records as they change, and of every other change with none.
    private let told: @Sendable ([Record]) -> Void

    /// Creates an empty mirror.
    package init(
        configuration: IndexConfiguration, told: @escaping @Sendable ([Record]) -> Void = { _ in }
    ) throws(StoreError) {
        core = try StoreCore(configuration: configuration)
        core.state.withWriting { $0.records.leaveOlderToServer() }
        self.told = told
    }

    /// How many entries it holds.
    package var count: Int { core.state.withReading { $0.liveCount } }

    /// How often its content changed.
    package var revision: UInt64 { core.state.withReading { $0.revision } }

    /// How often its graph was built anew.
    package var builds: UInt64 { core.state.withReading { $0.builds } }

    /// Leaves the links between what is held from now on until everything is, which is quicker; only an empty one can.
    package func deferLinks() { core.index.deferLinks() }

    /// The tenants that hold an entry under an identifier; costs a look for each tenant.
    package func tenants(holding id: String) -> [String] {
        core.state.withReading { state in
            state.rows(id: id, tenant: nil).map { state.identity(of: $0).tenant }
        }
    }

    /// Whether an entry is held.
    package func holds(_ identity: EntryIdentity) -> Bool {
        core.state.withReading { $0.row(identity) != nil }
    }

    /// Holds an entry, in place of what was held under its identity; one that is held already changes nothing.
    package func hold(_ entry: Entry, storedID: String) throws(StoreError) {
        let identity = EntryIdentity(tenant: entry.decision.tenant, id: storedID)
        let held = core.state.withReading { state in
            state.row(identity).map { (row: $0, decision: state.columns.decision(at: $0)) }
        }
        guard let held else {
            _ = try core.insert(entry, storedID: storedID)
            return
        }
        let counts = core.index.counts(of: Row(rawValue: UInt32(held.row)))
        if held.decision == entry.decision, counts == entry.embedding.counts { return }
        try core.merge(entry, storedID: storedID)
    }

    /// Lets go of entries; of those that retention removed it remembers that they were there.
    package func release(_ identities: [EntryIdentity], isRetirement: Bool = false) {
        let rows = core.state.withReading { state in identities.compactMap { state.row($0) } }
        if rows.isEmpty { return }
        if isRetirement { core.retire(rows: rows) } else { core.delete(rows: rows) }
    }

    /// Lets go of every entry but some.
    package func release(allBut kept: Set<EntryIdentity>) {
        let rows = core.state.withReading { state in
            (0..<state.columns.count).filter { row in
                !state.columns.isDeleted(row) && !kept.contains(state.identity(of: row))
            }
        }
        if !rows.isEmpty { core.delete(rows: rows) }
    }

    /// Remembers entries that retention removed, the newest of which was of a time.
    package func remember(retired identities: [EntryIdentity], newest: Timestamp) {
        core.state.withWriting { state in
            for identity in identities { state.retired.insert(identity, time: newest) }
        }
    }

    /// Takes over records as they are kept, a deleted one with no value, and tells of them.
    ///
    /// Where they are all there are, every other one has gone.
    package func take(_ records: [Record], isEverything: Bool = false) {
        var records = records
        if isEverything { records += core.state.withReading { $0.records.lost(beside: records) } }
        if records.isEmpty { return }
        core.state.withWriting { state in
            state.records.apply(records)
            state.revision += 1
        }
        told(records)
    }

    /// When an entry was last stored, whoever stored it.
    package func noteInsert(at time: Timestamp) {
        core.state.withWriting { state in state.lastInsert = state.lastInsert.map { max($0, time) } ?? time }
    }

    /// Leaves behind what takes up room and is no longer held, once that is worth it.
    package func tidy() {
        if core.isSparse(past: StoreCore.deadRowsBetweenSnapshots) { core.compact() }
    }

    /// Tells those who follow the store that it changed.
    package func announce() { told([]) }
}
