internal import Decisions

/// A record of a log, which may tell of several decisions.
protocol LogRecord {
    /// Reads a record and adds what it came to, one item at least; what is thrown is why it is rejected whole.
    static func parse(_ record: Span<UInt8>, limits: JSONLimits, into items: inout [ParsedItem]) throws
}
