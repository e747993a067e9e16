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
        // A journal begins where its snapshot ends, and is empty until that has its name.
        if let newest = journals.max(), newest > number, try hasRecords(directory.journal(newest)) {
            if mayRetry { return nil }
            throw missing(directory.snapshot(newest))
        }
        if snapshots.isEmpty, journals.isEmpty {
            return StoredContent(
                core: try StoreCore(configuration: options.index), journal: nil, number: 0)
        }
        guard let snapshot = try readCore(number, snapshots.isEmpty, directory, options) else {
            if mayRetry { return nil }
            throw missing(directory.snapshot(number))
        }
        let path = directory.journal(number)
        guard let file = try File.openIfThere(path) else {
            if mayRetry { return nil }
            throw missing(path)
        }
        try checkJournal(file, number: number, continuing: snapshot.checksum, options: options)
        let reader = JournalReader(file: file)
        let end = try replay(reader, into: snapshot.core) { _ in }
        if end == .damaged { throw damaged(reader) }
        return StoredContent(
            core: snapshot.core, journal: reader, number: number, isIndexBuilt: snapshot.isIndexBuilt)
    }

    private static func hasRecords(_ journal: String) throws(StoreError) -> Bool {
        try (File.openIfThere(journal)?.length() ?? 0) > JournalFormat.headerBytes
    }

    /// Reads a snapshot with its index; `nil` where it has gone meanwhile.
    static func readCore(
        _ number: UInt64, _ isFirst: Bool, _ directory: Directory, _ options: StoreOptions
    ) throws(StoreError) -> (core: StoreCore, checksum: UInt32?, isIndexBuilt: Bool)? {
        if isFirst { return (try StoreCore(configuration: options.index), nil, false) }
        let path = directory.snapshot(number)
        guard
            let reader = try SnapshotFileReader(path: path, number: number, recipe: options.recipe)
        else { return nil }
        let indexPath = directory.index(number)
        // Neither needs the other until both are there, and each takes about as long.
        let checksum = try reader.indexChecksum()
        let indexRead = Concurrent { () throws(StoreError) in
            try readIndex(indexPath, checksum: checksum, options)
        }
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
        if let stored, !state.agrees(with: stored) {
            throw unusable(indexPath, "holds other rows than its snapshot")
        }
        let index = if let stored { stored } else { try state.builtIndex(options.index) }
        return (StoreCore(state: state, index: index), reader.checksum, stored == nil)
    }

    /// The index in a file; `nil` when the file is not there.
    private static func readIndex(
        _ path: String, checksum: UInt32?, _ options: StoreOptions
    ) throws(StoreError) -> HNSWIndex? {
        let index: HNSWIndex
        do {
            index = try HNSWIndex(snapshot: path, kernel: options.index.kernel, checksum: checksum)
        } catch .file(_, _, ENOENT) {
            return nil
        } catch .snapshot(_, let section, let problem) {
            throw unusable(path, "is damaged in its section \(section) (\(problem))")
        } catch {
            throw StoreError(.inputOutput, "\(PrintedText.escaped(path)): \(error)")
        }
        let (found, wanted) = (index.configuration, options.index)
        guard found.dimension == wanted.dimension, found.element == wanted.element,
            found.metric == wanted.metric
        else { throw unusable(path, "holds vectors of another kind") }
        return index
    }

    /// The error for an index file that cannot be used: all of it follows from the snapshot.
    private static func unusable(_ path: String, _ problem: String) -> StoreError {
        StoreError(
            .corrupt,
            "\(PrintedText.escaped(path)) \(problem): nothing was changed; move it away and open the store "
                + "again, which builds it anew from the decisions with the vectors of their recipe")
    }

    /// Checks the header of a journal, and that it continues the snapshot of a checksum where both say so.
    static func checkJournal(
        _ file: File, number: UInt64, continuing snapshot: UInt32? = nil, options: StoreOptions
    ) throws(StoreError) {
        let predecessor = try JournalFormat.checkHeader(
            try file.read(JournalFormat.headerBytes, at: 0), magic: JournalFormat.magic, kind: "journal",
            number: number, recipe: options.recipe, path: file.path)
        guard let snapshot, predecessor != 0, predecessor != snapshot else { return }
        throw StoreError(
            .corrupt,
            "\(PrintedText.escaped(file.path)) continues another snapshot than the one beside it: nothing "
                + "was changed, restore both from the same backup")
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
