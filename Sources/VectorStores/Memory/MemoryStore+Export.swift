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
        struct Progress {
            var next = 0
            /// Let go of at the end, however long the stream is kept.
            var hold: RowHold?
        }
        let hold = RowHold(core)
        let rows = core.state.withReading { ColumnFilter.rows(matching: query, in: $0.columns) }
        let progress = Mutex(Progress(hold: hold))
        let core = core
        return AsyncThrowingStream {
            progress.withLock { progress in
                guard progress.hold != nil else { return nil }
                var batch: [StoredDecision] = []
                core.state.withReading { state in
                    while progress.next < rows.rowCount, batch.count < MemoryStore.exportBatch {
                        if rows.contains(progress.next), !state.columns.isDeleted(progress.next) {
                            batch.append(core.stored(progress.next, state))
                        }
                        progress.next += 1
                    }
                }
                if batch.isEmpty { progress.hold = nil }
                return batch.isEmpty ? nil : batch
            }
        }
    }
}
