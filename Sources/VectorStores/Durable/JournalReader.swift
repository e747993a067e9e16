/// Reads a journal from an offset on, record by record, up to the first that is not whole.
final class JournalReader {
    /// Where reading stands after the last whole record.
    enum End: Hashable {
        /// At the end of the file.
        case clean
        /// Before bytes that are no whole record: still being written, or torn by a crash.
        case torn
        /// Before damage in what was on disk.
        case damaged
    }

    let file: File
    /// Just after the last whole record.
    private(set) var offset: Int
    /// The sequence number of the next record.
    private(set) var sequence: UInt32

    init(file: File, offset: Int = JournalFormat.headerBytes, sequence: UInt32 = 0) {
        self.file = file
        self.offset = offset
        self.sequence = sequence
    }

    /// Bytes read ahead at once.
    private static let blockBytes = 1 << 20

    /// Hands every whole record from the offset on to a closure.
    func readAll(
        _ body: (JournalFormat.RecordType, ArraySlice<UInt8>) throws(StoreError) -> Void
    ) throws(StoreError) -> End {
        let length = try file.length()
        var buffer: [UInt8] = []
        var bufferStart = offset
        while offset < length {
            let place = offset - bufferStart
            var available = buffer.count - place
            var wanted = JournalFormat.frameBytes
            if available >= wanted { wanted += Int(JournalReader.number(buffer, at: place)) }
            if wanted > JournalFormat.maximumPayload + JournalFormat.frameBytes || offset + wanted > length {
                return try kindOfEnd(length: length)
            }
            if available < wanted {
                bufferStart = offset
                buffer = try file.read(
                    min(length - offset, max(wanted, JournalReader.blockBytes)), at: offset)
                available = buffer.count
                if available < wanted { return .torn }
                continue
            }
            guard let type = JournalReader.type(buffer, at: place, length: wanted, sequence: sequence) else {
                return try kindOfEnd(length: length)
            }
            try body(type, buffer[(place + JournalFormat.frameBytes)..<(place + wanted)])
            offset += wanted
            sequence &+= 1
        }
        return offset > length ? .damaged : .clean
    }

    /// Whether what follows the last whole record was on disk before: then it is damage, not a torn end.
    ///
    /// A later record of type `synchronized` says up to where the disk had everything.
    private func kindOfEnd(length: Int) throws(StoreError) -> End {
        let markBytes = JournalFormat.frameBytes + 8
        var start = offset + 1
        while start + markBytes <= length {
            let block = try file.read(min(length - start, JournalReader.blockBytes + markBytes), at: start)
            guard block.count >= markBytes else { break }
            for place in 0...(block.count - markBytes) where block[place] == 8 {
                guard JournalReader.number(block, at: place) == 8,
                    block[place + 4] == JournalFormat.RecordType.synchronized.rawValue,
                    JournalReader.type(block, at: place, length: markBytes, sequence: nil) != nil
                else { continue }
                var reader = ByteReader(block[(place + JournalFormat.frameBytes)..<(place + markBytes)])
                if let mark = try? reader.fixed(UInt64.self), mark > UInt64(offset) { return .damaged }
            }
            start += block.count - markBytes + 1
        }
        return .torn
    }

    /// The type of the record at a place; `nil` when it is not whole and intact.
    private static func type(
        _ buffer: [UInt8], at place: Int, length: Int, sequence: UInt32?
    ) -> JournalFormat.RecordType? {
        guard buffer[place + 5] == 0, buffer[place + 6] == 0, buffer[place + 7] == 0,
            let type = JournalFormat.RecordType(rawValue: buffer[place + 4])
        else { return nil }
        if let sequence, number(buffer, at: place + 8) != sequence { return nil }
        let head = Checksum.crc32c(buffer[place..<(place + 12)])
        let payload = buffer[(place + JournalFormat.frameBytes)..<(place + length)]
        return Checksum.crc32c(payload, from: head) == number(buffer, at: place + 12) ? type : nil
    }

    private static func number(_ buffer: [UInt8], at place: Int) -> UInt32 {
        UInt32(buffer[place]) | UInt32(buffer[place + 1]) << 8 | UInt32(buffer[place + 2]) << 16
            | UInt32(buffer[place + 3]) << 24
    }
}
