import Glibc

/// The end of a journal that is no whole record, as a crash or damage leaves it.
struct TornEnd: Sendable, CustomStringConvertible {
    /// The journal it ends.
    var journal: String
    /// How long it is.
    var bytes: Int
    /// The file it was moved to; `nil` while it is still where it was.
    var copy: String?

    /// How many torn ends at one place are told apart.
    private static let maximumCopies = 1_000
    private static let blockBytes = 1 << 20

    /// One sentence for the operator.
    var description: String {
        let rest = PrintedNumber.counted(bytes, "byte")
        let what = "\(PrintedText.escaped(journal)) ends with \(rest) that are no whole record"
        guard let copy else { return "\(what): they are not read, and the next writer sets them aside" }
        return "\(what): they were set aside as \(PrintedText.escaped(copy)), all before them is here"
    }

    /// Copies what follows the last whole record to a file of its own; nothing happens when nothing does.
    init?(settingAside reader: JournalReader, in directory: Directory) throws(StoreError) {
        let end = try reader.file.length()
        guard end > reader.offset else { return nil }
        journal = reader.file.path
        bytes = end - reader.offset
        let name = "\(journal).torn-\(reader.offset)"
        let names = (1...TornEnd.maximumCopies).lazy.map { $0 == 1 ? name : "\(name)-\($0)" }
        guard let free = names.first(where: { unsafe access($0, F_OK) != 0 }) else {
            throw StoreError(
                .inputOutput,
                "\(PrintedText.escaped(name)) exists \(TornEnd.maximumCopies) times: move some away")
        }
        copy = free
        let file = try File.open(free, flags: O_WRONLY | O_CREAT | O_EXCL)
        var offset = reader.offset
        while offset < end {
            let block = try reader.file.read(min(TornEnd.blockBytes, end - offset), at: offset)
            guard !block.isEmpty else { break }
            try file.write(block)
            offset += block.count
        }
        try file.synchronize()
        try directory.synchronize()
    }

    /// What follows the last whole record of a journal that nobody writes; `nil` when nothing does.
    init?(leftIn reader: JournalReader) throws(StoreError) {
        let end = try reader.file.length()
        guard end > reader.offset else { return nil }
        journal = reader.file.path
        bytes = end - reader.offset
    }
}
