import Decisions
import Locks

extension MemoryStore {
    /// How many entries a batch of an export holds.
    static let exportBatch = 512

    /// Streams every entry that matches, oldest row first, in batches.
    @concurrent
    public func export(
        matching query: Query?
    ) async throws -> AsyncThrowingStream<[StoredDecision], any Error> {
        let hold = RowHold(core)
        let rows = core.state.withReading { ColumnFilter.rows(matching: query, in: $0.columns) }
        let next = Mutex(0)
        let core = core
        return AsyncThrowingStream {
            defer { withExtendedLifetime(hold) {} }
            return next.withLock { next in
                var batch: [StoredDecision] = []
                core.state.withReading { state in
                    while next < rows.rowCount, batch.count < MemoryStore.exportBatch {
                        if rows.contains(next), !state.columns.isDeleted(next) {
                            batch.append(core.stored(next, state))
                        }
                        next += 1
                    }
                }
                return batch.isEmpty ? nil : batch
            }
        }
    }
}
