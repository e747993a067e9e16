import Decisions
import Locks

extension MemoryStore {
    /// The value under a key, with its revision.
    public func record(in collection: String, key: String) async throws -> Record? {
        core.state.withReading { $0.records.record(in: collection, key: key) }
    }

    /// Every record of a collection, by key.
    public func records(in collection: String) async throws -> [Record] {
        core.state.withReading { $0.records.records(in: collection) }
    }

    /// Writes records together: all or none.
    @concurrent
    public func write(_ changes: [RecordChange]) async throws {
        try await offPool { try writeNow(changes) }
    }

    private func writeNow(_ changes: [RecordChange]) throws(StoreError) {
        try writer.withLock { writer throws(StoreError) in
            try checkWritable(writer)
            if try keep(changes, &writer) { checkpointIfLong(&writer) }
        }
        try synchronizeIfAsked()
    }

    /// Keeps changes in the journal and makes them; false when there are none.
    @discardableResult
    func keep(_ changes: [RecordChange], _ writer: inout WriterState) throws(StoreError) -> Bool {
        var planned: [Record] = []
        try keepChange(&writer) { () throws(StoreError) in
            planned = try core.state.withReading { state throws(StoreError) in
                try state.records.planned(changes)
            }
            try RecordTable.checkRoom(for: planned)
            return planned.isEmpty ? nil : .records(planned)
        }
        if planned.isEmpty { return false }
        core.state.withWriting { state in
            state.records.apply(planned)
            state.revision += 1
        }
        // Told before the next writer's turn, so that followers see the changes in their order.
        for record in planned { recordFeed.send(record) }
        announceChange()
        return true
    }

    /// Follows a collection: yields each record as it changes.
    public func recordChanges(in collection: String) -> AsyncStream<Record> {
        recordFeed.stream { $0.collection == collection }
    }
}
