import DecisionLogs
import Decisions

/// A position as it is kept in a store, with whose it is.
struct KeptPosition: Sendable, Hashable {
    /// How far the file was read.
    var position: ReadPosition
    /// What stands for machine, followed path and way of reading.
    var key: String
    /// The number of the record among those with the key.
    var slot: Int
    /// The machine.
    var host: String
    /// The followed path.
    var source: String
    /// The way of reading: what was read another way was not read.
    var reader: String
    /// When it was kept.
    var saved: Timestamp
    /// Its place among those that were kept at that time.
    var number: Int

    /// The key of its record.
    var record: String { "\(key)-\(slot)" }

    /// What stands for a machine, a followed path and a way of reading, however long they are.
    static func key(host: String, source: String, reader: String) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for text in [host, source, reader] {
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
            // A byte that no text holds keeps them apart.
            hash = (hash ^ 0xFF) &* 0x0000_0100_0000_01B3
        }
        return hex(hash)
    }

    /// How a parser reads, as far as that decides what a line comes to.
    static func reader(_ parser: LineParser) -> String {
        var words = [parser.format.rawValue]
        if let fallback = parser.tenantRule.fallback { words.append("tenant=\(fallback)") }
        if let field = parser.tenantRule.field { words.append("tenant-from=\(field)") }
        return words.joined(separator: " ")
    }

    private static func hex(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension KeptPosition {
    /// The record's value.
    var json: JSONValue {
        .object([
            "host": .string(host), "source": .string(source), "reader": .string(reader),
            "path": .string(position.path), "device": .string("\(position.identity.device)"),
            "inode": .string("\(position.identity.inode)"), "offset": .number("\(position.offset)"),
            "line": .number("\(position.line)"), "packed": .bool(position.isPacked),
            "head": .string(position.head.text), "tail": .string(position.tail.text),
            "saved": .string(saved.description), "number": .number("\(number)"),
        ])
    }

    /// Reads a record; `nil` when it is not one.
    init?(_ record: String, _ json: JSONValue) {
        guard let object = json.object, let host = object["host"]?.text, let source = object["source"]?.text,
            let reader = object["reader"]?.text, let path = object["path"]?.text,
            let device = object["device"]?.text.flatMap({ UInt($0) }),
            let inode = object["inode"]?.text.flatMap({ UInt($0) }),
            let offset = object["offset"]?.number.flatMap({ Int(exactly: $0) }), offset > 0,
            let line = object["line"]?.number.flatMap({ Int(exactly: $0) }), line > 0,
            case .bool(let isPacked)? = object["packed"],
            let head = object["head"]?.text.flatMap({ BytesMark(text: $0) }),
            let tail = object["tail"]?.text.flatMap({ BytesMark(text: $0) }),
            head.count <= offset, tail.count <= offset,
            let saved = object["saved"]?.text.flatMap({ Timestamp($0) }),
            let number = object["number"]?.number.flatMap({ Int(exactly: $0) })
        else { return nil }
        let key = Self.key(host: host, source: source, reader: reader)
        guard record.hasPrefix(key + "-"), let slot = Int(record.dropFirst(key.count + 1)),
            (0..<PositionKeeper.filesLimit).contains(slot)
        else { return nil }
        self.init(
            position: ReadPosition(
                path: path, identity: FileIdentity(device: device, inode: inode), offset: offset, line: line,
                isPacked: isPacked, head: head, tail: tail),
            key: key, slot: slot, host: host, source: source, reader: reader, saved: saved,
            number: number)
    }
}

extension BytesMark {
    fileprivate var text: String { "\(count):" + String(hash, radix: 16) }

    fileprivate init?(text: String) {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let count = Int(parts[0]), (1...BytesMark.longest).contains(count),
            let hash = UInt64(parts[1], radix: 16)
        else { return nil }
        self.init(count: count, hash: hash)
    }
}
