@testable import VectorStores

/// The sections of a store's snapshot file, to be damaged and put together again with right checksums; read
/// without the reader under test.
struct SnapshotFileBytes {
    struct Section {
        var name: String
        var content: [UInt8]
        /// What its place in the table says instead of the truth.
        var toldOffset: UInt64?
        var toldLength: UInt64?
    }

    private let header: [UInt8]
    var sections: [Section] = []
    /// What the end of the file says of the table instead of the truth.
    var toldTableOffset: UInt64?
    var toldTableLength: UInt32?
    var toldCount: UInt64?

    init(_ bytes: [UInt8]) throws {
        header = Array(bytes.prefix(JournalFormat.headerBytes))
        var footer = ByteReader(bytes[(bytes.count - SnapshotFormat.footerBytes)...])
        let start = Int(try footer.fixed(UInt64.self))
        var table = ByteReader(bytes[start..<start + Int(try footer.fixed(UInt32.self))])
        for _ in 0..<(try table.varint()) {
            let name = try table.text()
            let offset = Int(try table.varint())
            let length = Int(try table.varint())
            _ = try table.fixed(UInt32.self)
            sections.append(Section(name: name, content: Array(bytes[offset..<offset + length])))
        }
    }

    /// The content of a section that is there.
    subscript(name: String) -> [UInt8] {
        get { sections.first { $0.name == name }?.content ?? [] }
        set {
            for place in sections.indices where sections[place].name == name {
                sections[place].content = newValue
            }
        }
    }

    /// The file, each checksum that of what is there.
    var sealed: [UInt8] {
        var bytes = header
        var table = ByteWriter()
        table.append(varint: toldCount ?? UInt64(sections.count))
        for section in sections {
            table.append(section.name)
            table.append(varint: section.toldOffset ?? UInt64(bytes.count))
            table.append(varint: section.toldLength ?? UInt64(section.content.count))
            let told = section.content.prefix(Int(clamping: section.toldLength ?? .max))
            table.append(fixed: Checksum.crc32c(told))
            bytes += section.content
        }
        var footer = ByteWriter()
        footer.append(fixed: toldTableOffset ?? UInt64(bytes.count))
        footer.append(fixed: toldTableLength ?? UInt32(table.bytes.count))
        footer.append(fixed: Checksum.crc32c(table.bytes))
        footer.append(raw: SnapshotFormat.magic)
        return bytes + table.bytes + footer.bytes
    }

    /// A journal that does not say which snapshot it continues, as those of earlier programs.
    static func withoutPredecessor(_ journal: [UInt8]) throws -> [UInt8] {
        var reader = ByteReader(journal[16..<24])
        let header = JournalFormat.header(
            magic: JournalFormat.magic, number: try reader.fixed(UInt64.self),
            recipe: StoreOptions(clock: testClock).recipe)
        return header + journal.dropFirst(JournalFormat.headerBytes)
    }

    /// Damages what is there in one of the ways there are; checksums will be right.
    mutating func damage(_ generator: inout SeededGenerator) {
        let place = Int.random(in: 0..<sections.count, using: &generator)
        let other = Int.random(in: 0..<sections.count, using: &generator)
        let lengths: [UInt64] = [0, 1, 79, 80, 4_096, 1 << 32, 1 << 62, .max, generator.next() % 500]
        switch Int.random(in: 0..<16, using: &generator) {
        case 0: sections.remove(at: place)
        case 1: sections.append(sections[place])
        case 2:
            let name = sections[place].name
            sections[place].name = sections[other].name
            sections[other].name = name
        case 3: sections[place].name = generator.choose(["", "facts", "index", "no such section"])
        case 4: sections[place].toldOffset = generator.choose(lengths)
        case 5: sections[place].toldLength = generator.choose(lengths)
        case 6: toldTableOffset = generator.choose(lengths)
        case 7: toldTableLength = UInt32(truncatingIfNeeded: generator.choose(lengths))
        case 8: toldCount = generator.choose(lengths)
        case 9: sections[place].content = sections[other].content
        default: Self.damage(&sections[place].content, &generator)
        }
    }

    /// Damages bytes in one of the ways there are: bits, numbers, an end, more bytes, bytes twice.
    static func damage(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
        guard !bytes.isEmpty else {
            bytes = [UInt8.random(in: 0...255, using: &generator)]
            return
        }
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        let end = min(place + Int.random(in: 1...24, using: &generator), bytes.count)
        switch Int.random(in: 0..<8, using: &generator) {
        case 0, 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 2: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 3:
            let value = generator.choose([0, 0x7F, 0x80, 0xFF] as [UInt8])
            for index in place..<end { bytes[index] = value }
        case 4: bytes.removeLast(bytes.count - place)
        case 5: bytes.removeSubrange(place..<end)
        case 6:
            let more = (0..<Int.random(in: 1...40, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            bytes.insert(contentsOf: more, at: place)
        default: bytes.insert(contentsOf: bytes[place..<end], at: place)
        }
    }
}
