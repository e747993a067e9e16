import Decisions
import Locks

extension MemoryStore {
    /// Deletes what a selection names.
    @concurrent
    public func delete(_ selection: DeleteSelection) async throws -> DeleteReport {
        try await offPool { try deleteNow(selection) }
    }

    private func deleteNow(_ selection: DeleteSelection) throws(StoreError) -> DeleteReport {
        let start = ContinuousClock.now
        let matched = try writer.withLock { writer throws(StoreError) -> Int in
            try checkWritable(writer)
            var rows: [Int] = []
            try keepChange(&writer) { () throws(StoreError) in
                var identities: [EntryIdentity] = []
                try core.state.withReading { state throws(StoreError) in
                    rows = try self.rows(of: selection, state)
                    identities = rows.map { state.identity(of: $0) }
                }
                return rows.isEmpty ? nil : .deletions(identities)
            }
            core.delete(rows: rows)
            checkpointIfLong(&writer)
            if !rows.isEmpty { announceChange() }
            return rows.count
        }
        try synchronizeIfAsked()
        return DeleteReport(
            matched: matched, deleted: matched, seconds: (ContinuousClock.now - start).inSeconds)
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
