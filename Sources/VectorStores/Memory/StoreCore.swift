import Decisions
import Locks
import VectorIndex

import struct Synchronization.Atomic

/// The state and the index of a memory store, and the changes that keep both in step.
///
/// Exactly one thread changes a core at a time (the writer, or whoever follows a journal); any number
/// read. Order of locks: the state's, then the index's own or that of the filters; never the other way
/// round.
final class StoreCore: Sendable {
    let state: ReadWriteLock<StoreState>
    private let currentIndex: Mutex<HNSWIndex>
    /// What recent queries matched; taken last.
    let filters = Mutex(FilterCache())
    /// How many count on the rows' numbers.
    let holds = Atomic<Int>(0)

    init(configuration: IndexConfiguration) throws(StoreError) {
        state = ReadWriteLock(StoreState())
        do {
            currentIndex = Mutex(try HNSWIndex(configuration))
        } catch {
            throw StoreError(.usage, error.description)
        }
    }

    init(state: consuming sending StoreState, index: HNSWIndex) {
        self.state = ReadWriteLock(state)
        currentIndex = Mutex(index)
    }

    /// Whether somebody counts on the rows' numbers.
    var isHeld: Bool { holds.load(ordering: .sequentiallyConsistent) > 0 }

    /// Takes over another core's state and index, which nobody else uses any more; their rows have other numbers.
    ///
    /// Nothing is done, and false answered, while somebody counts on the numbers.
    func takeOver(_ other: StoreCore) -> Bool {
        state.withWriting { state in
            // A hold is taken before its rows are read, which the lock keeps apart from this.
            if isHeld { return false }
            other.state.withWriting { swap(&state, &$0) }
            let index = other.index
            currentIndex.withLock { $0 = index }
            return true
        }
    }

    /// The index in use.
    var index: HNSWIndex { currentIndex.withLock { $0 } }

    /// Stores an entry whose identity is free and measures how new it is; `nil` where only links would tell that are
    /// not there: nothing is like it, it would else seem.
    ///
    /// Where it is not to be measured it is found at once and may still have to be linked.
    func insert(
        _ entry: Entry, storedID: String, measuringNovelty: Bool = true
    ) throws(StoreError) -> Novelty? {
        let (row, partition) = state.withWriting { state in
            let row = state.insert(entry.decision, storedID: storedID)
            return (row, state.columns.tenants.numbers[row])
        }
        let found = try addToIndex(
            entry.embedding, row: row, partition: partition, measuringNovelty: measuringNovelty)
        guard let found, found.isMeasured else { return nil }
        let nearestID = found.nearestRow.map { nearest in
            state.withReading { $0.columns.storedID(at: Int(nearest.rawValue)) }
        }
        return Novelty(
            meanSimilarity: found.meanSimilarity, nearestSimilarity: found.nearestSimilarity,
            nearestID: nearestID, identicalRows: found.multiplicityBefore)
    }

    /// Replaces an entry by a later stage of its event.
    func merge(_ entry: Entry, storedID: String, measuringNovelty: Bool = true) throws(StoreError) {
        let identity = EntryIdentity(tenant: entry.decision.tenant, id: storedID)
        guard let row = state.withReading({ $0.row(identity) }) else { return }
        let partition = state.withWriting { state in
            state.replace(row: row, by: entry.decision)
            return state.columns.tenants.numbers[row]
        }
        guard index.counts(of: Row(rawValue: UInt32(row))) != entry.embedding.counts else { return }
        index.remove(Row(rawValue: UInt32(row)))
        _ = try addToIndex(
            entry.embedding, row: row, partition: partition, measuringNovelty: measuringNovelty)
    }

    /// Takes rows out of the state, then out of the index.
    func delete(rows: [Int]) {
        state.withWriting { $0.delete(rows) }
        for row in rows { index.remove(Row(rawValue: UInt32(row))) }
    }

    /// Takes rows that are no longer kept out of the state, which remembers them, then out of the index.
    func retire(rows: [Int]) {
        state.withWriting { $0.retire(rows) }
        for row in rows { index.remove(Row(rawValue: UInt32(row))) }
    }

    private func addToIndex(
        _ embedding: Embedding, row: Int, partition: UInt32, measuringNovelty: Bool
    ) throws(StoreError) -> VectorIndex.Novelty? {
        let number = Row(rawValue: UInt32(row))
        let partition = Partition(rawValue: partition)
        do {
            guard measuringNovelty else {
                try index.append(
                    counts: embedding.counts.span, scale: embedding.scale, row: number, partition: partition)
                return nil
            }
            return try index.insert(
                counts: embedding.counts.span, scale: embedding.scale, row: number, partition: partition)
        } catch {
            state.withWriting { $0.delete(CollectionOfOne(row)) }
            throw StoreError(.usage, "the entry was not stored: \(error)")
        }
    }

    /// The entry of a row.
    func stored(_ row: Int, _ state: borrowing StoreState) -> StoredDecision {
        let counts = index.counts(of: Row(rawValue: UInt32(row)))
        return StoredDecision(
            decision: state.columns.decision(at: row),
            embedding: Embedding(counts: counts ?? [Int8](repeating: 0, count: Embedding.dimension)),
            storedID: state.columns.storedID(at: row))
    }
}
