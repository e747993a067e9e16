/// Reads a journal from an offset on, batch by batch, up to the first that is not whole.
final class JournalReader {
    /// Where reading stands after the last whole batch.
    enum End: Hashable {
        /// At the end of the file.
        case clean
        /// Before bytes that are no whole batch: still being written, or torn by a crash.
        case torn
        /// Before damage in what was on disk.
        case damaged
    }

    let file: File
    /// Just after the last whole batch.
    private(set) var offset: Int
    /// The sequence number of the next record.
    private(set) var sequence: UInt32
    /// Up to where the journal itself says that the disk had everything.
    private(set) var markedLength = JournalFormat.headerBytes
    /// Whether the last record says so of everything before it.
    private(set) var endsMarked = true

    init(file: File, offset: Int = JournalFormat.headerBytes, sequence: UInt32 = 0) {
        self.file = file
        self.offset = offset
        self.sequence = sequence
    }

    /// Bytes read ahead at once.
    private static let blockBytes = 1 << 20

    /// A record that passed its checksum.
    private struct Frame {
        var type: JournalFormat.RecordType
        var continues: Bool
    }

    /// Hands every record of the whole batches from the offset on to a closure.
    func readAll(
        _ body: (JournalFormat.RecordType, ArraySlice<UInt8>) throws(StoreError) -> Void
    ) throws(StoreError) -> End {
        let length = try file.length()
        var buffer: [UInt8] = []
        var bufferStart = offset
        // Where the next record starts: past the offset while a batch is not complete.
        var start = offset
        var batch: [(type: JournalFormat.RecordType, payload: ArraySlice<UInt8>)] = []
        while start < length {
            let place = start - bufferStart
            let available = buffer.count - place
            var wanted = JournalFormat.frameBytes
            if available >= wanted { wanted += Int(buffer.number(at: place)) }
            if wanted > JournalFormat.maximumPayload + JournalFormat.frameBytes || start + wanted > length {
                return try kindOfEnd(at: start, length: length)
            }
            if available < wanted {
                bufferStart = start
                buffer = try file.read(min(length - start, max(wanted, JournalReader.blockBytes)), at: start)
                if buffer.count < wanted { return .torn }
                continue
            }
            let next = sequence &+ UInt32(batch.count)
            guard let frame = JournalReader.frame(buffer, at: place, length: wanted, sequence: next) else {
                return try kindOfEnd(at: start, length: length)
            }
            batch.append((frame.type, buffer[(place + JournalFormat.frameBytes)..<(place + wanted)]))
            start += wanted
            if frame.continues { continue }
            for record in batch {
                try body(record.type, record.payload)
                noteMark(record.type, record.payload)
            }
            offset = start
            sequence = next &+ 1
            batch.removeAll()
        }
        return offset > length ? .damaged : batch.isEmpty ? .clean : .torn
    }

    /// Takes note of what a record says about the disk; one that stands at its own mark covers all before it.
    private func noteMark(_ type: JournalFormat.RecordType, _ payload: ArraySlice<UInt8>) {
        var reader = ByteReader(payload)
        guard type == .synchronized, let mark = try? reader.fixed(UInt64.self) else {
            endsMarked = false
            return
        }
        markedLength = max(markedLength, Int(clamping: mark))
        endsMarked = mark == UInt64(offset)
    }

    /// Whether what follows the last whole record was on disk before: then it is damage, not a torn end.
    ///
    /// A later record of type `synchronized` says up to where the disk had everything.
    private func kindOfEnd(at end: Int, length: Int) throws(StoreError) -> End {
        let markBytes = JournalFormat.frameBytes + 8
        var start = end + 1
        while start + markBytes <= length {
            let block = try file.read(min(length - start, JournalReader.blockBytes + markBytes), at: start)
            guard block.count >= markBytes else { break }
            for place in 0...(block.count - markBytes) where block[place] == 8 {
                guard block.number(at: place) == 8,
                    block[place + 4] == JournalFormat.RecordType.synchronized.rawValue,
                    JournalReader.frame(block, at: place, length: markBytes, sequence: nil) != nil
                else { continue }
                var reader = ByteReader(block[(place + JournalFormat.frameBytes)..<(place + markBytes)])
                if let mark = try? reader.fixed(UInt64.self), mark > UInt64(end) { return .damaged }
            }
            start += block.count - markBytes + 1
        }
        return .torn
    }

    /// The record at a place; `nil` when it is not whole and intact.
    private static func frame(
        _ buffer: [UInt8], at place: Int, length: Int, sequence: UInt32?
    ) -> Frame? {
        guard buffer[place + 5] <= JournalFormat.continues, buffer[place + 6] == 0, buffer[place + 7] == 0,
            let type = JournalFormat.RecordType(rawValue: buffer[place + 4])
        else { return nil }
        if let sequence, buffer.number(at: place + 8) != sequence { return nil }
        let head = Checksum.crc32c(buffer[place..<(place + 12)])
        let payload = buffer[(place + JournalFormat.frameBytes)..<(place + length)]
        guard Checksum.crc32c(payload, from: head) == buffer.number(at: place + 12) else { return nil }
        return Frame(type: type, continues: buffer[place + 5] == JournalFormat.continues)
    }
}
