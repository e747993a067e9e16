import Glibc
import VectorIndex

/// What is in a store's directory: read by the writer to go on, by a reader to follow.
struct StoredContent {
    /// The state and index after the journal's last whole record.
    let core: StoreCore
    /// The journal; `nil` when the directory has none yet.
    let journal: JournalReader?
    /// The number of the journal and of the snapshot it continues.
    let number: UInt64
    /// Whether the index had no file and was built from the decisions.
    var isIndexBuilt = false

    /// How often a reader looks again when a writer replaces files under its eyes.
    private static let attempts = 20

    /// Reads the newest snapshot and the journal that continues it.
    static func read(_ directory: Directory, options: StoreOptions) throws(StoreError) -> StoredContent {
        for _ in 1..<attempts {
            if let content = try readOnce(directory, options: options, mayRetry: true) { return content }
        }
        if let content = try readOnce(directory, options: options, mayRetry: false) { return content }
        throw StoreError(.corrupt, "\(PrintedText.escaped(directory.path)) keeps changing: try again")
    }

    /// Reads once; `nil` when a file that was there has gone, because a newer snapshot replaced it.
    private static func readOnce(
        _ directory: Directory, options: StoreOptions, mayRetry: Bool
    ) throws(StoreError) -> StoredContent? {
        var snapshots: [UInt64] = []
        var journals: [UInt64] = []
        for name in try directory.names() {
            if case .snapshot(let number) = name { snapshots.append(number) }
            if case .journal(let number) = name { journals.append(number) }
        }
        let number = snapshots.max() ?? 0
        if snapshots.isEmpty, journals.isEmpty {
            return StoredContent(
                core: try StoreCore(configuration: options.index), journal: nil, number: 0)
        }
        guard let (core, isIndexBuilt) = try readCore(number, snapshots.isEmpty, directory, options) else {
            if mayRetry { return nil }
            throw missing(directory.snapshot(number))
        }
        let path = directory.journal(number)
        guard let file = try File.openIfThere(path) else {
            if mayRetry { return nil }
            throw missing(path)
        }
        try checkJournal(file, number: number, options: options)
        let reader = JournalReader(file: file)
        let end = try replay(reader, into: core) { _ in }
        if end == .damaged { throw damaged(reader) }
        return StoredContent(core: core, journal: reader, number: number, isIndexBuilt: isIndexBuilt)
    }

    private static func readCore(
        _ number: UInt64, _ isFirst: Bool, _ directory: Directory, _ options: StoreOptions
    ) throws(StoreError) -> (StoreCore, isIndexBuilt: Bool)? {
        if isFirst { return (try StoreCore(configuration: options.index), false) }
        let path = directory.snapshot(number)
        guard
            let reader = try SnapshotFileReader(path: path, number: number, recipe: options.recipe)
        else { return nil }
        let indexPath = directory.index(number)
        // Neither needs the other until both are there, and each takes about as long.
        let indexRead = Concurrent { () throws(StoreError) in try readIndex(indexPath, options) }
        let stateRead: Result<StoreState, StoreError>
        do throws(StoreError) {
            stateRead = .success(try StoreState(reading: reader))
        } catch {
            stateRead = .failure(error)
        }
        let stored = try indexRead.value()
        // A writer removes a snapshot before its index: one that still has its name has lost its index.
        if stored == nil, unsafe access(path, F_OK) != 0 { return nil }
        let state = try stateRead.get()
        if let stored, stored.count != state.liveCount {
            throw unusable(indexPath, "holds \(stored.count) rows, its snapshot \(state.liveCount)")
        }
        let index = if let stored { stored } else { try state.builtIndex(options.index) }
        return (StoreCore(state: state, index: index), stored == nil)
    }

    /// The index in a file; `nil` when the file is not there.
    private static func readIndex(_ path: String, _ options: StoreOptions) throws(StoreError) -> HNSWIndex? {
        do {
            return try HNSWIndex(snapshot: path, kernel: options.index.kernel)
        } catch .file(_, _, ENOENT) {
            return nil
        } catch .snapshot(_, let section, let problem) {
            throw unusable(path, "is damaged in its section \(section) (\(problem))")
        } catch {
            throw StoreError(.inputOutput, "\(PrintedText.escaped(path)): \(error)")
        }
    }

    /// The error for an index file that cannot be used: all of it follows from the snapshot.
    private static func unusable(_ path: String, _ problem: String) -> StoreError {
        StoreError(
            .corrupt,
            "\(PrintedText.escaped(path)) \(problem): nothing was changed; move it away and open the store "
                + "again, which builds it anew from the decisions with the vectors of their recipe")
    }

    /// Checks the header of a journal.
    static func checkJournal(_ file: File, number: UInt64, options: StoreOptions) throws(StoreError) {
        try JournalFormat.checkHeader(
            try file.read(JournalFormat.headerBytes, at: 0), magic: JournalFormat.magic, kind: "journal",
            number: number, recipe: options.recipe, path: file.path)
    }

    /// Does again what a journal says from where its reader stands; hands over the records it wrote.
    static func replay(
        _ reader: JournalReader, into core: StoreCore, _ written: ([Record]) -> Void
    ) throws(StoreError) -> JournalReader.End {
        try reader.readAll { (type, payload) throws(StoreError) in
            do throws(EntryRecord.ReplayFailure) {
                let records = try core.replay(type, payload)
                if !records.isEmpty { written(records) }
            } catch {
                throw damaged(reader)
            }
        }
    }

    static func damaged(_ reader: JournalReader) -> StoreError {
        StoreError(
            .corrupt,
            "\(PrintedText.escaped(reader.file.path)) is damaged at offset \(reader.offset): nothing was "
                + "changed, restore it from a backup or cut it there")
    }

    private static func missing(_ path: String) -> StoreError {
        StoreError(.corrupt, "\(PrintedText.escaped(path)) is missing: restore it from a backup")
    }
}
