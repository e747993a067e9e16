import Decisions
import VectorStores

/// A row that can be held.
private struct HeldRow {
    var rowID: String
    var entry: Entry
    var storedID: String

    var identity: EntryIdentity { EntryIdentity(tenant: entry.decision.tenant, id: storedID) }
}

extension PostgresLog.Place {
    /// Makes a mirror hold the rows that there are of some identifiers; those of the others are gone.
    mutating func take(
        _ rows: [TableRow], of ids: [String], retired: Set<ByteKey>, into mirror: StoreMirror
    ) {
        let embedder = DecisionEmbedder()
        var held: [ByteKey: HeldRow] = [:]
        for id in ids { leftOut[ByteKey(id)] = nil }
        for row in rows { held[ByteKey(row.id)] = hold(row, embedder) }
        // What a row held before and does not any more goes first: another row may hold it now.
        for id in ids {
            let key = ByteKey(id)
            guard let owner = names.owner(of: id, in: mirror), owner != held[key]?.identity else { continue }
            mirror.release([owner], isRetirement: retired.contains(key))
            names.forget(owner)
        }
        for id in ids { if let one = held[ByteKey(id)] { _ = take(one, into: mirror) } }
        if let newest = rows.lazy.compactMap(\.storedAt).max() { mirror.noteInsert(at: newest) }
    }

    /// Makes a mirror hold a row; answers whose it is, `nil` when it cannot be held.
    mutating func take(
        _ row: TableRow, embedder: DecisionEmbedder, into mirror: StoreMirror
    ) -> EntryIdentity? {
        guard let held = hold(row, embedder), take(held, into: mirror) else { return nil }
        return held.identity
    }

    private mutating func hold(_ row: TableRow, _ embedder: DecisionEmbedder) -> HeldRow? {
        do throws(TableRow.Unusable) {
            let (entry, storedID) = try row.held(embedder: embedder)
            return HeldRow(rowID: row.id, entry: entry, storedID: storedID)
        } catch {
            leftOut[ByteKey(row.id)] = error.reason
            return nil
        }
    }

    private mutating func take(_ held: HeldRow, into mirror: StoreMirror) -> Bool {
        let identity = held.identity
        if mirror.holds(identity), !names.rowID(of: identity).utf8.elementsEqual(held.rowID.utf8) {
            leftOut[ByteKey(held.rowID)] = "another row has its identifier and its tenant"
            return false
        }
        do throws(StoreError) {
            try mirror.hold(held.entry, storedID: held.storedID)
        } catch {
            leftOut[ByteKey(held.rowID)] = error.description
            return false
        }
        names.note(identity, rowID: held.rowID)
        return true
    }
}
