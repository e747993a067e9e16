internal import Decisions

/// A record of a log, which may tell of several decisions.
protocol LogRecord {
    /// Reads a record and adds what it came to, one item at least; what is thrown is why it is rejected whole.
    static func parse(_ record: Span<UInt8>, limits: JSONLimits, into items: inout [ParsedItem]) throws
}

/// A record that is read key by key and then mapped: what formats would else each write again.
protocol KeyedRecord: LogRecord {
    /// A record of which nothing is read yet.
    init()
    /// Takes the object that is next.
    mutating func read(from reader: inout JSONReader) throws
    /// Adds what the record came to.
    func add(to items: inout [ParsedItem]) throws
}

extension KeyedRecord {
    static func parse(_ record: Span<UInt8>, limits: JSONLimits, into items: inout [ParsedItem]) throws {
        try Self().parse(record, limits: limits, into: &items)
    }

    /// Reads a record into this one, of which nothing is read yet.
    func parse(_ record: Span<UInt8>, limits: JSONLimits, into items: inout [ParsedItem]) throws {
        let read = try JSONReader.read(record, limits: limits) { reader in
            guard try reader.peek() == .object else { throw DecisionError.notAnObject }
            var record = self
            try record.read(from: &reader)
            return record
        }
        try read.add(to: &items)
    }
}
