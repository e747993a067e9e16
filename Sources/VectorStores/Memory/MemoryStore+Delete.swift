import Decisions
import Synchronization

extension MemoryStore {
    /// Deletes what a selection names.
    @concurrent
    public func delete(_ selection: DeleteSelection) async throws -> DeleteReport {
        let start = ContinuousClock.now
        let matched = try writer.withLock { writer throws(StoreError) -> Int in
            try checkWritable(writer)
            let rows = try core.state.withReading { state throws(StoreError) -> [Int] in
                try self.rows(of: selection, state)
            }
            try self.delete(rows: rows, &writer)
            checkpointIfLong(&writer)
            return rows.count
        }
        try synchronizeIfAsked()
        if matched > 0 { announceChange() }
        return DeleteReport(
            matched: matched, deleted: matched, seconds: (ContinuousClock.now - start).inSeconds)
    }

    /// Journals and makes a deletion of rows.
    func delete(rows: [Int], _ writer: inout WriterState) throws(StoreError) {
        if rows.isEmpty { return }
        let identities = core.state.withReading { state in
            rows.map { row in
                EntryIdentity(
                    tenant: state.columns.tenants.text(at: row) ?? "", id: state.columns.storedID(at: row))
            }
        }
        try journal(&writer) { EntryRecord.add(deleted: identities, to: &$0) }
        core.delete(rows: rows)
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
                    let tenants = found.compactMap { state.columns.tenants.text(at: $0) }.sorted()
                        .map { $0.isEmpty ? "(none)" : PrintedText.escaped($0) }
                    throw StoreError(
                        .ambiguousID,
                        "several tenants have the identifier \(PrintedText.escaped(id)): choose one "
                            + "(\(tenants.joined(separator: ", ")))")
                }
                rows.formUnion(found)
            }
            return rows.sorted()
        }
    }
}
