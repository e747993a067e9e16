import Decisions
import Locks

extension MemoryStore {
    /// Deletes what a selection names.
    @concurrent
    public func delete(_ selection: DeleteSelection) async throws -> DeleteReport {
        try await offPool { try deleteNow(selection) }
    }

    /// Deletes in one change; from a server a part at a time, each of it whole, so that others who write wait for no
    /// longer than that and a deletion of any size comes to its end.
    private func deleteNow(_ selection: DeleteSelection) throws(StoreError) -> DeleteReport {
        let start = ContinuousClock.now
        var limit = Int.max
        if case .mirror = role { limit = Self.removedAtATime }
        var matched = 0
        var deleted = 0
        repeat {
            do throws(StoreError) {
                if deleted > 0, Task.isCancelled { throw Self.cancelledDeletion }
                let part = try deletePart(of: selection, limit: limit)
                // What comes to match meanwhile is not what was to be deleted.
                if deleted == 0 { matched = part.matched }
                deleted += part.deleted
                if part.deleted == 0 { break }
                limit = min(limit, matched - deleted)
            } catch {
                guard deleted > 0 else { throw error }
                throw StoreError(
                    error.code,
                    "\(error.description); \(deleted) of \(matched) were deleted before and stay so: delete again "
                        + "for the rest")
            }
        } while deleted < matched
        try synchronizeIfAsked()
        return DeleteReport(
            matched: matched, deleted: deleted, seconds: (ContinuousClock.now - start).inSeconds)
    }

    private static let cancelledDeletion = StoreError(.cancelled, "the deletion was cancelled")

    /// Deletes the first of what matches, as one change.
    private func deletePart(
        of selection: DeleteSelection, limit: Int
    ) throws(StoreError) -> (matched: Int, deleted: Int) {
        var isCheckpointLeft = false
        defer { if isCheckpointLeft { checkpointOnceLinked() } }
        return try writer.withLock { writer throws(StoreError) in
            try checkWritable(writer)
            var matched = 0
            var rows: [Int] = []
            try keepChange(&writer) { () throws(StoreError) in
                var identities: [EntryIdentity] = []
                try core.state.withReading { state throws(StoreError) in
                    let all = try self.rows(of: selection, state)
                    matched = all.count
                    rows = Array(all.prefix(limit))
                    identities = rows.map { state.identity(of: $0) }
                }
                return rows.isEmpty ? nil : .deletions(identities)
            }
            core.delete(rows: rows)
            isCheckpointLeft = checkpointIfLong(&writer) == .left
            if !rows.isEmpty { announceChange() }
            return (matched, rows.count)
        }
    }

    private func rows(
        of selection: DeleteSelection, _ state: borrowing StoreState
    ) throws(StoreError) -> [Int] {
        switch selection {
        case .query(let query):
            var rows: [Int] = []
            ColumnFilter.rows(matching: query, in: state.columns).forEach { rows.append($0) }
            return rows
        case .ids(let ids, let tenant):
            var rows: Set<Int> = []
            for id in ids {
                let found = state.rows(id: id, tenant: tenant)
                guard found.count <= 1 else {
                    throw StoreError.ambiguous(
                        id: id, tenants: found.map { state.identity(of: $0).tenant })
                }
                rows.formUnion(found)
            }
            return rows.sorted()
        }
    }
}
