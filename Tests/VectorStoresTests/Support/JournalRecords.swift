@testable import VectorStores

/// Where the records of a journal are, read from its bytes without the reader under test.
struct JournalRecords {
    /// The bytes of each record, in order.
    private(set) var ranges: [Range<Int>] = []
    private var types: [UInt8] = []

    init(_ bytes: [UInt8]) {
        var start = JournalFormat.headerBytes
        while start + JournalFormat.frameBytes <= bytes.count {
            let payload = (0..<4).reduce(0) { $0 | Int(bytes[start + $1]) << ($1 * 8) }
            let end = start + JournalFormat.frameBytes + payload
            guard end <= bytes.count else { return }
            ranges.append(start..<end)
            types.append(bytes[start + 4])
            start = end
        }
    }

    /// The bytes of each record of a type.
    func ranges(_ type: JournalFormat.RecordType) -> [Range<Int>] {
        zip(ranges, types).filter { $0.1 == type.rawValue }.map(\.0)
    }
}
