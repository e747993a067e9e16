/// The layout of a journal: a header, then records one after the other.
///
/// A record is its payload's length (4 bytes), type (1), flags (1), two zeroes, sequence number (4), CRC-32C
/// of those twelve bytes and the payload (4), and the payload. All numbers are little-endian. Records written
/// together count together: all but the last say that another follows, and without it none of them counts.
enum JournalFormat {
    static let magic = Array("VERDICTJ".utf8)
    static let version: UInt32 = 2
    /// The flag of a record that counts only with the one after it.
    static let continues: UInt8 = 1
    static let headerBytes = 80
    static let frameBytes = 16
    /// The longest payload of one record.
    static let maximumPayload = 1 << 30
    /// Past this many bytes of payload a batch goes on in another record.
    static let preferredPayload = 4 << 20
    /// The longest recipe name in a header.
    static let recipeBytes = 40

    /// What a record says.
    enum RecordType: UInt8 {
        /// Entries stored or merged.
        case entries = 1
        /// Entries deleted, by identity.
        case deletions = 2
        /// Records written together.
        case records = 3
        /// Everything before an offset was on disk when this was written.
        case synchronized = 4
        /// Entries removed because they are no longer kept, by identity.
        case retirements = 5
    }

    /// The header of a journal or snapshot: magic, version, number, recipe, checksum; a journal's also has
    /// the checksum of the snapshot it continues, or zero.
    static func header(
        magic: [UInt8], number: UInt64, recipe: String, predecessor: UInt32 = 0
    ) -> [UInt8] {
        var writer = ByteWriter()
        writer.append(raw: magic)
        writer.append(fixed: version)
        writer.append(fixed: UInt32(0))
        writer.append(fixed: number)
        let name = Array(recipe.utf8.prefix(recipeBytes))
        writer.append(raw: name)
        writer.append(raw: repeatElement(0, count: recipeBytes - name.count))
        writer.append(fixed: predecessor)
        writer.append(raw: repeatElement(0, count: headerBytes - 4 - writer.bytes.count))
        writer.append(fixed: Checksum.crc32c(writer.bytes))
        return writer.bytes
    }

    /// Checks a header; a file that is foreign, newer or damaged is refused and left as it is.
    ///
    /// Answers the checksum of the snapshot that a journal continues.
    @discardableResult
    static func checkHeader(
        _ bytes: [UInt8], magic: [UInt8], kind: String, number: UInt64, recipe: String, path: String
    ) throws(StoreError) -> UInt32 {
        let file = PrintedText.escaped(path)
        guard bytes.count >= headerBytes, bytes.starts(with: magic) else {
            throw StoreError(
                .corrupt, "\(file) is no \(kind) of this program: move it away or name another directory")
        }
        var reader = ByteReader(bytes[magic.count..<headerBytes])
        do {
            let foundVersion = try reader.fixed(UInt32.self)
            guard foundVersion <= version else {
                throw StoreError(
                    .corrupt,
                    "\(file) has version \(foundVersion) of its format, this program reads up to "
                        + "\(version): use a newer program")
            }
            var tail = ByteReader(bytes[(headerBytes - 4)..<headerBytes])
            guard try tail.fixed(UInt32.self) == Checksum.crc32c(bytes[..<(headerBytes - 4)]) else {
                throw StoreError(
                    .corrupt, "\(file) is damaged in its header (offset 0): restore it from a backup")
            }
            _ = try reader.fixed(UInt32.self)
            guard try reader.fixed(UInt64.self) == number else {
                throw StoreError(
                    .corrupt, "\(file) has the number of another file in its header: it was renamed")
            }
            let name = String(decoding: try reader.raw(recipeBytes).prefix { $0 != 0 }, as: UTF8.self)
            guard name == recipe else {
                throw StoreError(
                    .unsupported,
                    "\(file) holds vectors of recipe \(PrintedText.escaped(name)), this program makes "
                        + "\(recipe): export with the old program and import here")
            }
            return try reader.fixed(UInt32.self)
        } catch let error as StoreError {
            throw error
        } catch {
            throw StoreError(.corrupt, "\(file) is cut off in its header: restore it from a backup")
        }
    }
}

/// Builds records into one run of bytes, to be written at once.
struct JournalFrames {
    private(set) var writer = ByteWriter()
    private(set) var sequence: UInt32
    private var start = 0

    init(sequence: UInt32) {
        self.sequence = sequence
    }

    /// Whether nothing was added.
    var isEmpty: Bool { writer.bytes.isEmpty }

    /// Adds a record whose payload a closure writes.
    mutating func add(_ type: JournalFormat.RecordType, _ payload: (inout ByteWriter) -> Void) {
        begin(type)
        payload(&writer)
        end()
    }

    /// Starts a record.
    mutating func begin(_ type: JournalFormat.RecordType) {
        start = writer.bytes.count
        writer.append(fixed: UInt32(0))
        writer.append(type.rawValue)
        writer.append(raw: [0, 0, 0])
        writer.append(fixed: sequence)
        writer.append(fixed: UInt32(0))
        sequence &+= 1
    }

    /// Bytes of payload since `begin`.
    var payloadBytes: Int { writer.bytes.count - start - JournalFormat.frameBytes }

    mutating func append(_ write: (inout ByteWriter) -> Void) { write(&writer) }

    /// Ends a record, which counts by itself or only with the next one.
    mutating func end(continues: Bool = false) {
        writer.patch(UInt32(payloadBytes), at: start)
        if continues { writer.patch(JournalFormat.continues, at: start + 5) }
        let head = Checksum.crc32c(writer.bytes[start..<(start + 12)])
        let crc = Checksum.crc32c(writer.bytes[(start + JournalFormat.frameBytes)...], from: head)
        writer.patch(crc, at: start + 12)
    }
}
