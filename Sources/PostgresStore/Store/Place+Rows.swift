import Decisions
import VectorStores

extension PostgresLog.Place {
    /// Makes a mirror hold the rows that there are of some identifiers; those of the others are gone.
    mutating func take(
        _ rows: [TableRow], of ids: [String], retired: Set<ByteKey>, into mirror: StoreMirror
    ) {
        let embedder = DecisionEmbedder()
        var held: [ByteKey: HeldRow] = [:]
        for id in ids { leftOut[ByteKey(id)] = nil }
        for row in rows { held[ByteKey(row.rowID)] = hold(ReadRow(row, embedder: embedder)) }
        // What a row held before and does not any more goes first: another row may hold it now.
        for id in ids {
            let key = ByteKey(id)
            guard let owner = names.owner(of: id, in: mirror), owner != held[key]?.identity else { continue }
            mirror.release([owner], isRetirement: retired.contains(key))
            if isWatched, !retired.contains(key) { released.insert(owner) }
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
        _ row: ReadRow, into mirror: StoreMirror, isTwin: (EntryIdentity) -> Bool
    ) -> EntryIdentity? {
        guard let held = hold(row) else { return nil }
        let identity = held.identity
        return take(held, isTwin: isTwin(identity), into: mirror) ? identity : nil
    }

    private func isRow(_ rowID: String, of identity: EntryIdentity) -> Bool {
        names.rowID(of: identity).utf8.elementsEqual(rowID.utf8)
    }

    private mutating func hold(_ row: ReadRow) -> HeldRow? {
        switch row.content {
        case .success(let held): return held
        case .failure(let unusable):
            leftOut[ByteKey(row.rowID)] = unusable.reason
            return nil
        }
    }

    /// Whether a row is to be scored by whoever is told of arrivals.
    private mutating func hasArrived(_ held: HeldRow, _ mirror: StoreMirror) -> Bool {
        if mirror.holds(held.identity) { return false }
        // Its row was given another identifier by whoever moves rows: it was known before.
        if released.contains(held.identity) { return false }
        guard let queued = unheld[held.identity] else { return true }
        // Another decision may have been stored under the same name meanwhile.
        let isAnother =
            IdentityResolver.relation(of: queued.decision, toStored: held.entry.decision) == .conflict
        guard queued.isUnscored || isAnother, !queued.isTold else { return false }
        unheld[held.identity]?.isTold = true
        if !isAnother { unheld[held.identity]?.isGiven = true }
        return true
    }

    private mutating func take(_ held: HeldRow, isTwin: Bool, into mirror: StoreMirror) -> Bool {
        if isTwin {
            leftOut[ByteKey(held.rowID)] = "another row has its identifier and its tenant"
            return false
        }
        if isWatched, hasArrived(held, mirror) { arrived.append(held.identity) }
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

/// An entry of this machine's queue that is on its way to the server, and out of the mirror until it is there.
struct UnheldEntry {
    var decision: Decision
    /// Whether nobody has scored it.
    var isUnscored: Bool
    /// Whether a row under its name was told as arrived, and whether that was the entry itself.
    var isTold = false
    var isGiven = false
}
