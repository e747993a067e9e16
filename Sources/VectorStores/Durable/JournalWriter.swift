import Glibc

/// Appends records to a journal; used by one thread at a time, under the writer's lock.
final class JournalWriter {
    let file: File
    let number: UInt64
    /// Bytes of whole records and header.
    private(set) var length: Int
    private var sequence: UInt32
    /// Up to where the journal itself says that the disk has everything.
    private var markedLength: Int
    /// Whether the last record says so of everything before it.
    private(set) var endsMarked: Bool
    /// Why nothing can be appended any more.
    private var failure: StoreError?

    private init(file: File, continuing reader: JournalReader, number: UInt64) throws(StoreError) {
        self.file = file
        self.number = number
        length = reader.offset
        sequence = reader.sequence
        markedLength = reader.markedLength
        endsMarked = reader.endsMarked
        try file.truncate(to: length)
    }

    /// Continues a journal after its last whole record; what follows that is cut off.
    convenience init(continuing reader: JournalReader, number: UInt64) throws(StoreError) {
        let file = try File.open(reader.file.path, flags: O_RDWR)
        try self.init(file: file, continuing: reader, number: number)
    }

    /// Makes an empty journal aside, which continues a snapshot where there is one, and gives it its name
    /// once the disk has it.
    static func create(
        _ number: UInt64, in directory: Directory, recipe: String, continuing snapshot: UInt32 = 0
    ) throws(StoreError) -> JournalWriter {
        let path = directory.journal(number)
        let aside = path + ".new"
        directory.remove(aside)
        let file = try File.open(aside, flags: O_RDWR | O_CREAT | O_EXCL)
        try file.write(
            JournalFormat.header(
                magic: JournalFormat.magic, number: number, recipe: recipe, predecessor: snapshot))
        try file.synchronize()
        try directory.rename(aside, to: path)
        try directory.synchronize()
        return try JournalWriter(file: file, continuing: JournalReader(file: file), number: number)
    }

    /// Frames that continue the journal; what is known to be on disk is said first.
    func frames(synchronizedLength: Int) -> JournalFrames {
        var frames = JournalFrames(sequence: sequence)
        if synchronizedLength > markedLength { JournalWriter.mark(synchronizedLength, in: &frames) }
        return frames
    }

    /// Says at the end that the disk has everything before: damage to it is then told from a torn end.
    func appendMark() throws(StoreError) {
        var frames = JournalFrames(sequence: sequence)
        JournalWriter.mark(length, in: &frames)
        let marked = length
        try append(frames, synchronizedLength: marked)
        endsMarked = true
    }

    private static func mark(_ length: Int, in frames: inout JournalFrames) {
        frames.add(.synchronized) { $0.append(fixed: UInt64(length)) }
    }

    /// Writes records: all or, when the disk refuses, none.
    func append(_ frames: JournalFrames, synchronizedLength: Int) throws(StoreError) {
        if let failure { throw failure }
        do {
            try file.write(frames.writer.bytes)
        } catch {
            do {
                try file.truncate(to: length)
            } catch {
                failure = StoreError(
                    .inputOutput,
                    "\(error.description); nothing more is stored until the store is opened again")
            }
            throw error
        }
        length += frames.writer.bytes.count
        sequence = frames.sequence
        markedLength = max(markedLength, synchronizedLength)
        endsMarked = false
    }
}
