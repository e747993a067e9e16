import Glibc

/// The layout of a snapshot: a header, sections, and at the end a table of them.
///
/// The table has each section's name, offset, length and CRC-32C; the last 24 bytes are the table's
/// offset (8), length (4), CRC-32C (4) and the magic again.
enum SnapshotFormat {
    static let magic = Array("VERDICTS".utf8)
    static let footerBytes = 24
    /// The section with the checksum of the index that was written with the snapshot.
    static let indexSection = "index"
    /// The most sections a table may have.
    static let maximumSections = 1_000
}

/// Writes a snapshot aside, section by section.
struct SnapshotFileWriter {
    private struct Section {
        var name: String
        var offset: Int
        var length = 0
        var crc: UInt32 = 0
    }

    private let file: File
    private let directory: Directory
    private let path: String
    private var sections: [Section] = []
    private var buffer: [UInt8]
    private var flushed = 0

    /// Bytes gathered before they are written.
    private static let bufferBytes = 1 << 20

    init(path: String, number: UInt64, recipe: String, in directory: Directory) throws(StoreError) {
        self.path = path
        self.directory = directory
        directory.remove(path + ".new")
        file = try File.open(path + ".new", flags: O_RDWR | O_CREAT | O_EXCL)
        buffer = JournalFormat.header(magic: SnapshotFormat.magic, number: number, recipe: recipe)
    }

    /// Starts a section; what is appended from here on belongs to it.
    mutating func begin(_ name: String) {
        sections.append(Section(name: name, offset: flushed + buffer.count))
    }

    /// Appends bytes to the section begun last.
    mutating func append(_ bytes: some Collection<UInt8>) throws(StoreError) {
        let last = sections.count - 1
        sections[last].crc = Checksum.crc32c(bytes, from: sections[last].crc)
        sections[last].length += bytes.count
        buffer.append(contentsOf: bytes)
        if buffer.count >= SnapshotFileWriter.bufferBytes { try flush() }
    }

    mutating func section(_ name: String, _ bytes: some Collection<UInt8>) throws(StoreError) {
        begin(name)
        try append(bytes)
    }

    /// Says which index was written with the snapshot.
    mutating func writeIndexChecksum(_ checksum: UInt32) throws(StoreError) {
        var content = ByteWriter()
        content.append(fixed: checksum)
        try section(SnapshotFormat.indexSection, content.bytes)
    }

    private mutating func flush() throws(StoreError) {
        try file.write(buffer)
        flushed += buffer.count
        buffer.removeAll(keepingCapacity: true)
    }

    /// Writes the table and waits until the disk has all of it; answers the file's length and its checksum.
    mutating func finish() throws(StoreError) -> (bytes: Int, checksum: UInt32) {
        var table = ByteWriter()
        table.append(varint: sections.count)
        for section in sections {
            table.append(section.name)
            table.append(varint: section.offset)
            table.append(varint: section.length)
            table.append(fixed: section.crc)
        }
        var footer = ByteWriter()
        footer.append(fixed: UInt64(flushed + buffer.count))
        footer.append(fixed: UInt32(table.bytes.count))
        let checksum = Checksum.crc32c(table.bytes)
        footer.append(fixed: checksum)
        footer.append(raw: SnapshotFormat.magic)
        buffer.append(contentsOf: table.bytes)
        buffer.append(contentsOf: footer.bytes)
        try flush()
        try file.synchronize()
        return (flushed, checksum)
    }

    /// Gives the finished file its name: from here on it is the store.
    func publish() throws(StoreError) { try directory.rename(path + ".new", to: path) }
}

/// Reads the sections of a snapshot, each checked before it is handed out.
struct SnapshotFileReader {
    private let file: File
    /// The CRC-32C of its table, and with it of everything in it.
    private(set) var checksum: UInt32 = 0
    private var sections: [String: (offset: Int, length: Int, crc: UInt32)] = [:]

    /// Opens a snapshot; `nil` when it is not there.
    init?(path: String, number: UInt64, recipe: String) throws(StoreError) {
        guard let file = try File.openIfThere(path) else { return nil }
        self.file = file
        try JournalFormat.checkHeader(
            try file.read(JournalFormat.headerBytes, at: 0), magic: SnapshotFormat.magic, kind: "snapshot",
            number: number, recipe: recipe, path: path)
        let length = try file.length()
        let footerStart = length - SnapshotFormat.footerBytes
        guard footerStart >= JournalFormat.headerBytes else { throw damaged("its end", at: length) }
        let footer = try file.read(SnapshotFormat.footerBytes, at: footerStart)
        guard footer.count == SnapshotFormat.footerBytes, footer.suffix(8).elementsEqual(SnapshotFormat.magic)
        else { throw damaged("its end", at: footerStart) }
        do {
            var reader = ByteReader(footer[...])
            let tableStart = Int(clamping: try reader.fixed(UInt64.self))
            let tableLength = Int(try reader.fixed(UInt32.self))
            let crc = try reader.fixed(UInt32.self)
            guard tableStart <= footerStart, tableStart + tableLength == footerStart else {
                throw ByteReader.Truncated()
            }
            let table = try file.read(tableLength, at: tableStart)
            guard Checksum.crc32c(table) == crc else { throw ByteReader.Truncated() }
            checksum = crc
            var entries = ByteReader(table[...])
            let count = try entries.varint()
            guard count <= UInt64(SnapshotFormat.maximumSections) else { throw ByteReader.Truncated() }
            for _ in 0..<count {
                let name = try entries.text()
                let offset = Int(clamping: try entries.varint())
                let length = Int(clamping: try entries.varint())
                guard offset <= tableStart, length <= tableStart - offset else {
                    throw ByteReader.Truncated()
                }
                let old = sections.updateValue((offset, length, try entries.fixed(UInt32.self)), forKey: name)
                guard old == nil else { throw ByteReader.Truncated() }
            }
            guard entries.remaining == 0 else { throw ByteReader.Truncated() }
        } catch let error as StoreError {
            throw error
        } catch {
            throw damaged("its table of sections", at: footerStart)
        }
    }

    /// The checksum of the index that was written with the snapshot; `nil` in snapshots of earlier programs.
    func indexChecksum() throws(StoreError) -> UInt32? {
        guard contains(SnapshotFormat.indexSection) else { return nil }
        let bytes = try section(SnapshotFormat.indexSection)
        var reader = ByteReader(bytes[...])
        guard bytes.count == 4, let checksum = try? reader.fixed(UInt32.self) else {
            throw damaged("section \(SnapshotFormat.indexSection)", at: 0)
        }
        return checksum
    }

    /// Whether there is a section; snapshots of earlier programs lack some.
    func contains(_ name: String) -> Bool { sections[name] != nil }

    /// Where a section begins in its file; `nil` where there is none.
    func place(of name: String) -> (file: File, offset: Int)? {
        sections[name].map { (file: file, offset: $0.offset) }
    }

    /// The bytes of a section.
    func section(_ name: String) throws(StoreError) -> [UInt8] {
        guard let section = sections[name] else { throw damaged("section \(name), which is missing", at: 0) }
        let bytes = try file.read(section.length, at: section.offset)
        guard bytes.count == section.length, Checksum.crc32c(bytes) == section.crc else {
            throw damaged("section \(name)", at: section.offset)
        }
        return bytes
    }

    /// The error for a part that is not as it was written.
    func damaged(_ part: String, at offset: Int) -> StoreError {
        StoreError(
            .corrupt,
            "\(PrintedText.escaped(file.path)) is damaged in \(part) (offset \(offset)): nothing was "
                + "changed, restore it from a backup")
    }
}
