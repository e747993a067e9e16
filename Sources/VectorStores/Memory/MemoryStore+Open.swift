import Decisions
import Glibc
import Locks

extension MemoryStore {
    /// Opens the store in a directory: to write when nobody else does, or to follow who writes.
    public convenience init(directory path: String, options: StoreOptions) throws(StoreError) {
        let directory = Directory(path: path, synchronizeNames: options.synchronizeNames)
        if try !directory.exists() {
            guard options.access != .read, options.createsMissing else {
                guard options.missingReadsAsEmpty else {
                    throw StoreError(
                        .missing,
                        "\(PrintedText.escaped(path)) does not exist: check the path, or ingest into it first"
                    )
                }
                try self.init(reading: directory, options: options, refusal: nil)
                return
            }
            try directory.create()
        }
        switch options.access {
        case .read: try self.init(reading: directory, options: options, refusal: nil)
        case .write:
            guard let lock = try StoreLock.acquire(directory, command: options.commandName) else {
                let holder = try StoreLock.holder(directory)?.description ?? "held by another process"
                throw StoreError(
                    .locked, "\(PrintedText.escaped(path)) is \(holder): wait for it or stop it")
            }
            try self.init(writing: directory, options: options, lock: lock)
        case .writeOrFollow:
            var refusal: String?
            var lock: StoreLock?
            do {
                lock = try StoreLock.acquire(directory, command: options.commandName)
            } catch {
                refusal = error.description
            }
            if let lock {
                try self.init(writing: directory, options: options, lock: lock)
            } else {
                try self.init(reading: directory, options: options, refusal: refusal)
            }
        }
    }

    private convenience init(
        writing directory: Directory, options: StoreOptions, lock: StoreLock
    ) throws(StoreError) {
        let content: StoredContent
        let journal: JournalWriter
        let tornEnd: TornEnd?
        do {
            content = try StoredContent.read(directory, options: options)
            // Only now that everything was readable are the leavings of a crash removed, a torn end moved away.
            try directory.removeLeavings(besides: content.number)
            if let reader = content.journal {
                tornEnd = try TornEnd(settingAside: reader, in: directory)
                journal = try JournalWriter(continuing: reader, number: content.number)
            } else {
                tornEnd = nil
                journal = try JournalWriter.create(0, in: directory, recipe: options.recipe)
            }
        } catch {
            lock.release()
            throw error
        }
        let synchronizer = JournalSynchronizer(
            file: journal.file, length: JournalFormat.headerBytes, clock: options.clock)
        synchronizer.noteWritten(journal.length)
        self.init(
            address: .directory(directory.path), core: content.core, options: options,
            role: .writer(directory, lock, synchronizer), journal: journal, tornEnd: tornEnd)
        // The journal has no graph: without a snapshot each opening would build it again. The health check
        // tells a failure.
        if content.isIndexBuilt { writer.withLock { writer in _ = try? checkpoint(&writer) } }
    }

    private convenience init(
        reading directory: Directory, options: StoreOptions, refusal: String?
    ) throws(StoreError) {
        let exists = try directory.exists()
        let content =
            exists
            ? try StoredContent.read(directory, options: options)
            : StoredContent(
                core: try StoreCore(configuration: options.index), journal: nil, number: 0)
        let contentChanges = Broadcast<UInt64>(buffered: 1)
        let recordFeed = Broadcast<Record>(buffered: 10_000)
        let core = content.core
        let follower = Follower(
            directory, options: options, core: core, journal: content.journal, number: content.number
        ) { records in
            for record in records { recordFeed.send(record) }
            contentChanges.send(core.state.withReading { $0.revision })
        }
        self.init(
            address: .directory(directory.path), core: core, options: options,
            role: .reader(directory, follower, refusal: refusal), journal: nil,
            contentChanges: contentChanges, recordFeed: recordFeed)
        follower.start()
    }
}
