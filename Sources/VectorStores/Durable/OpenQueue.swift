import Decisions
import Locks

/// The journal of one queue, which this process has to itself.
///
/// It is a store's journal. A record of ``written`` in it says up to where the server has everything. Used by one
/// thread at a time.
final class OpenQueue: Sendable {
    let directory: Directory
    /// How many entries waited in it when it was opened.
    let count: Int
    private let lock: StoreLock
    private let options: StoreOptions
    private let content: Mutex<Content>

    private struct Content: ~Copyable {
        var journal: JournalWriter
        /// Up to where the server has everything.
        var written = JournalFormat.headerBytes
    }

    /// The record that says up to where the server has everything.
    private static let collection = "verdict.queue"
    private static let written = "written"
    private static let number: UInt64 = 0

    /// Takes a queue; `nil` while another process has it.
    init?(_ directory: Directory, _ options: StoreOptions) throws(StoreError) {
        guard let lock = try StoreLock.acquire(directory, command: options.commandName) else { return nil }
        self.directory = directory
        self.lock = lock
        self.options = options
        do throws(StoreError) {
            let path = directory.journal(Self.number)
            guard let file = try File.openIfThere(path) else {
                content = Mutex(
                    Content(
                        journal: try JournalWriter.create(
                            Self.number, in: directory, recipe: options.recipe)))
                count = 0
                return
            }
            try StoredContent.checkJournal(file, number: Self.number, options: options)
            let reader = JournalReader(file: file)
            var place = JournalFormat.headerBytes
            let end = try reader.readAll { (type, payload) throws(StoreError) in
                if let written = try Self.written(type, payload) { place = max(place, written) }
            }
            if end == .damaged { throw StoredContent.damaged(reader) }
            // What was not whole was never acknowledged.
            let journal = try JournalWriter(continuing: reader, number: Self.number)
            content = Mutex(Content(journal: journal, written: place))
            var waiting = 0
            try Self.read(file, from: place) { (batch, _) throws(StoreError) in
                waiting += batch.content.count
            }
            count = waiting
        } catch {
            lock.release()
            throw error
        }
    }

    func close() { lock.release() }

    /// Puts entries at the end and waits for the disk; refuses them where the journal would become too long.
    func append(
        _ entries: [Entry], _ plan: InsertPlan, at now: Timestamp, limit: Int, waiting: Int
    ) throws(StoreError) {
        try content.withLock { content throws(StoreError) in
            let journal = content.journal
            var frames = journal.frames(synchronizedLength: 0)
            EntryRecord.add(entries, plan, at: now, to: &frames)
            guard journal.length + frames.writer.bytes.count <= limit else {
                throw StoreError(
                    .failed,
                    "the server is away and the queue for it is full with "
                        + "\(PrintedNumber.counted(waiting, "decision")) (\(PrintedNumber.bytes(limit)) in "
                        + "\(PrintedText.escaped(journal.file.path))): bring the server back first")
            }
            try journal.append(frames, synchronizedLength: 0)
            try journal.file.synchronize()
        }
    }

    /// Calls a closure with each batch that waits, and with where the records written with it begin.
    func read(
        _ body: (WriteQueue.Batch, _ start: Int) throws(StoreError) -> Void
    ) throws(StoreError) {
        let (file, written) = content.withLock { ($0.journal.file, $0.written) }
        try Self.read(file, from: written, body)
    }

    private static func read(
        _ file: File, from written: Int,
        _ body: (WriteQueue.Batch, _ start: Int) throws(StoreError) -> Void
    ) throws(StoreError) {
        // From the beginning, since records are numbered; what the server has is passed over.
        let reader = JournalReader(file: file)
        let end = try reader.readAll { (type, payload) throws(StoreError) in
            guard reader.offset >= written, type == .entries else { return }
            do {
                var payload = ByteReader(payload)
                try body(try EntryRecord.readBatch(&payload), reader.offset)
            } catch let error as StoreError {
                throw error
            } catch {
                throw StoredContent.damaged(reader)
            }
        }
        if end == .damaged { throw StoredContent.damaged(reader) }
    }

    /// Notes that the server has everything before a place; a crash of the machine may forget it, which does no harm.
    func noteWritten(upTo place: Int) throws(StoreError) {
        try content.withLock { content throws(StoreError) in
            guard place > content.written else { return }
            var frames = content.journal.frames(synchronizedLength: 0)
            let record = Record(
                collection: Self.collection, key: Self.written, value: .number("\(place)"), revision: 1)
            EntryRecord.add([record], to: &frames)
            try content.journal.append(frames, synchronizedLength: 0)
            content.written = place
        }
    }

    /// Empties it.
    func clear() throws(StoreError) {
        try content.withLock { content throws(StoreError) in
            content.journal = try JournalWriter.create(Self.number, in: directory, recipe: options.recipe)
            content.written = JournalFormat.headerBytes
        }
    }

    private static func written(
        _ type: JournalFormat.RecordType, _ payload: ArraySlice<UInt8>
    ) throws(StoreError) -> Int? {
        guard type == .records else { return nil }
        var reader = ByteReader(payload)
        guard (try? reader.count()) == 1, let record = try? RecordCodec.read(&reader),
            record.collection == collection, case .number(let text)? = record.value
        else { return nil }
        return Int(text)
    }
}
