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
        guard let core = try readCore(number, snapshots.isEmpty, directory, options) else {
            if mayRetry { return nil }
            let snapshot = directory.snapshot(number)
            throw missing(unsafe access(snapshot, F_OK) == 0 ? directory.index(number) : snapshot)
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
        return StoredContent(core: core, journal: reader, number: number)
    }

    private static func readCore(
        _ number: UInt64, _ isFirst: Bool, _ directory: Directory, _ options: StoreOptions
    ) throws(StoreError) -> StoreCore? {
        if isFirst { return try StoreCore(configuration: options.index) }
        guard
            let reader = try SnapshotFileReader(
                path: directory.snapshot(number), number: number, recipe: options.recipe)
        else { return nil }
        let path = directory.index(number)
        let index: HNSWIndex
        do {
            index = try HNSWIndex(snapshot: path, kernel: options.index.kernel)
        } catch .file(_, _, ENOENT) {
            return nil
        } catch .snapshot(_, let section, let problem) {
            throw StoreError(
                .corrupt,
                "\(PrintedText.escaped(path)) is damaged in its section \(section) (\(problem)): nothing "
                    + "was changed, restore it from a backup")
        } catch {
            throw StoreError(.inputOutput, "\(PrintedText.escaped(path)): \(error)")
        }
        let state = try StoreState(reading: reader)
        guard index.count == state.liveCount else {
            throw StoreError(
                .corrupt,
                "\(PrintedText.escaped(path)) holds \(index.count) rows, its snapshot \(state.liveCount): "
                    + "nothing was changed, restore both from one backup")
        }
        return StoreCore(state: state, index: index)
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
