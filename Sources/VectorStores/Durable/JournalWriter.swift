import Glibc

/// Appends records to a journal; used by one thread at a time, under the writer's lock.
final class JournalWriter {
    let file: File
    let number: UInt64
    /// Bytes of whole records and header.
    private(set) var length: Int
    private var sequence: UInt32
    /// Up to where the journal itself says that the disk has everything.
    private var markedLength = 0
    /// Why nothing can be appended any more.
    private var failure: StoreError?

    /// Continues a journal after its last whole record.
    init(file: File, number: UInt64, length: Int, sequence: UInt32) throws(StoreError) {
        self.file = file
        self.number = number
        self.length = length
        self.sequence = sequence
        try file.truncate(to: length)
    }

    /// Makes an empty journal aside and gives it its name once the disk has it.
    static func create(_ number: UInt64, in directory: Directory, recipe: String) throws(StoreError)
        -> JournalWriter
    {
        let path = directory.journal(number)
        let aside = path + ".new"
        directory.remove(aside)
        let file = try File.open(aside, flags: O_RDWR | O_CREAT | O_EXCL)
        try file.write(JournalFormat.header(magic: JournalFormat.magic, number: number, recipe: recipe))
        try file.synchronize()
        try directory.rename(aside, to: path)
        return try JournalWriter(file: file, number: number, length: JournalFormat.headerBytes, sequence: 0)
    }

    /// Frames that continue the journal; what is known to be on disk is said first.
    func frames(synchronizedLength: Int) -> JournalFrames {
        var frames = JournalFrames(sequence: sequence)
        if synchronizedLength > markedLength {
            frames.add(.synchronized) { $0.append(fixed: UInt64(synchronizedLength)) }
            pendingMark = synchronizedLength
        }
        return frames
    }

    private var pendingMark = 0

    /// Writes records: all or, when the disk refuses, none.
    func append(_ frames: JournalFrames) throws(StoreError) {
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
        markedLength = max(markedLength, pendingMark)
    }
}
