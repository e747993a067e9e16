import Decisions
import Locks

extension MemoryStore {
    /// The value under a key, with its revision; old entries of the activity log come from the disk or the server.
    public func record(in collection: String, key: String) async throws -> Record? {
        switch core.state.withReading({ $0.records.find(in: collection, key: key) }) {
        case .here(let record): return record
        case .inFile(let older, let place): return try older.record(at: place)
        case .onServer:
            let found = try await onServer(collection, from: key, limit: 1).first
            return found?.key == key ? found : nil
        }
    }

    /// Every record of a collection, by key.
    public func records(in collection: String) async throws -> [Record] {
        let isWhole = core.state.withReading { state in
            collection != ActivityLog.collection
                || state.records.older == nil && state.records.leftToServer == 0
        }
        if isWhole { return core.state.withReading { $0.records.records(in: collection) } }
        var all: [Record] = []
        var slice: [Record]
        repeat {
            // The first text that comes after a key.
            let next = all.last.map { $0.key + "\u{0}" } ?? ""
            slice = try await records(in: collection, from: next, limit: Self.sliceRecords)
            all += slice
        } while slice.count == Self.sliceRecords
        return all
    }

    /// How many records are read at a time where not all are held.
    private static let sliceRecords = 1_000

    /// The records of a collection from a key on, by key, at most so many.
    public func records(in collection: String, from key: String, limit: Int) async throws -> [Record] {
        let isLeft = core.state.withReading { state in
            collection == ActivityLog.collection
                && !(ByteKey(ActivityLog.key(state.records.leftToServer)) < ByteKey(key))
                && state.records.leftToServer > 0
        }
        if isLeft { return try await onServer(collection, from: key, limit: limit) }
        let slice = core.state.withReading { $0.records.slice(of: collection, from: key, limit: limit) }
        guard let older = slice.older, !slice.places.isEmpty else { return slice.held }
        var records = slice.held
        for place in slice.places { records.append(try older.record(at: place)) }
        return Array(records.sorted { ByteKey($0.key) < ByteKey($1.key) }.prefix(limit))
    }

    private func onServer(_ collection: String, from key: String, limit: Int) async throws -> [Record] {
        guard case .mirror(let log, _) = role else { return [] }
        return try await offPool { try log.records(in: collection, from: key, limit: limit) }
    }

    /// Writes records together: all or none.
    @concurrent
    public func write(_ changes: [RecordChange]) async throws {
        try await offPool { try writeNow(changes) }
    }

    private func writeNow(_ changes: [RecordChange]) throws(StoreError) {
        var isCheckpointLeft = false
        try writer.withLock { writer throws(StoreError) in
            try checkWritable(writer)
            if try keep(changes, &writer) { isCheckpointLeft = checkpointIfLong(&writer) == .left }
        }
        if isCheckpointLeft { checkpointOnceLinked() }
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
