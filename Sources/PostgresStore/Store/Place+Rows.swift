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
        for row in rows { held[ByteKey(row.rowID)] = hold(row, embedder) }
        // What a row held before and does not any more goes first: another row may hold it now.
        for id in ids {
            let key = ByteKey(id)
            guard let owner = names.owner(of: id, in: mirror), owner != held[key]?.identity else { continue }
            mirror.release([owner], isRetirement: retired.contains(key))
            names.forget(owner)
        }
        for id in ids {
            guard let one = held[ByteKey(id)] else { continue }
            let isTwin = mirror.holds(one.identity) && !isRow(one.rowID, of: one.identity)
            _ = take(one, isTwin: isTwin, into: mirror)
        }
        if let newest = rows.lazy.compactMap(\.storedAt).max() { mirror.noteInsert(at: newest) }
    }

    /// Makes a mirror hold one of all rows that there are; answers whose it is, `nil` when it cannot be held.
    ///
    /// A twin is a row whose identity one has that was read before it, whatever the mirror knew of both.
    mutating func take(
        _ row: TableRow, after seen: Set<EntryIdentity>, embedder: DecisionEmbedder, into mirror: StoreMirror
    ) -> EntryIdentity? {
        guard let held = hold(row, embedder),
            take(held, isTwin: seen.contains(held.identity), into: mirror)
        else { return nil }
        return held.identity
    }

    private func isRow(_ rowID: String, of identity: EntryIdentity) -> Bool {
        names.rowID(of: identity).utf8.elementsEqual(rowID.utf8)
    }

    private mutating func hold(_ row: TableRow, _ embedder: DecisionEmbedder) -> HeldRow? {
        do throws(TableRow.Unusable) {
            let (entry, storedID) = try row.held(embedder: embedder)
            return HeldRow(rowID: row.rowID, entry: entry, storedID: storedID)
        } catch {
            leftOut[ByteKey(row.rowID)] = error.reason
            return nil
        }
    }

    private mutating func take(_ held: HeldRow, isTwin: Bool, into mirror: StoreMirror) -> Bool {
        if isTwin {
            leftOut[ByteKey(held.rowID)] = "another row has its identifier and its tenant"
            return false
        }
        do throws(StoreError) {
            try mirror.hold(held.entry, storedID: held.storedID)
        } catch {
            leftOut[ByteKey(held.rowID)] = error.description
            return false
        }
        names.note(held.identity, rowID: held.rowID)
        return true
    }
}
