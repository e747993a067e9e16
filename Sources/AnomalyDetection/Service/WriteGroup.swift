import VectorStores

/// Changes of records that are written together: as many as one write should have.
struct WriteGroup {
    private(set) var changes: [RecordChange] = []
    private var bytes = 0
    private let maximumChanges: Int
    private let maximumBytes: Int

    /// An empty group; room for `reserved` more records is left.
    init(_ configuration: DetectionConfiguration, reserved: Int = 1) {
        maximumChanges = max(1, configuration.maximumRecordsPerWrite - reserved)
        maximumBytes = configuration.maximumBytesPerWrite
    }

    /// Adds changes that belong together, if there is room for them; the first always fit.
    mutating func add(_ more: [RecordChange], bytes added: Int) -> Bool {
        let isFull = changes.count + more.count > maximumChanges || bytes + added > maximumBytes
        if isFull, !changes.isEmpty { return false }
        changes += more
        bytes += added
        return true
    }
}
