internal import Decisions

/// Reads a source from its beginning to its end, a batch at a time, in constant memory.
///
/// A file of lines is read line by line; a file that is one JSON document over several lines, or one line too
/// long to hold, is read item by item.
public struct LogReader: ~Copyable {
    /// What is read.
    public let source: LogSource
    private let parser: LineParser
    private var stream: ByteStream
    private var lines: LineSplitter
    private var document: DocumentSplitter?
    private var hasBegun = false
    private var isAtEnd = false
    private var parsed: [ParsedItem] = []

    /// Opens a source; throws a `LogSourceError` when that is not possible.
    public init(_ source: LogSource, parser: LineParser) throws(LogSourceError) {
        self.source = source
        self.parser = parser
        stream = try ByteStream(source)
        lines = LineSplitter(limitBytes: parser.limits.bytes)
    }

    /// How many bytes were read from the source so far, for progress against `source.sizeBytes`.
    public var bytesRead: Int { stream.bytesRead }

    /// The items of the next chunk, possibly none; nil at the end.
    ///
    /// Throws a `LogSourceError`.
    public mutating func nextBatch() throws -> [LogItem]? {
        if isAtEnd { return nil }
        var batch: [LogItem] = []
        let more = try read(into: &batch)
        if !more {
            isAtEnd = true
            finish(into: &batch)
        }
        return batch
    }

    private mutating func read(into batch: inout [LogItem]) throws -> Bool {
        var hasBegun = hasBegun
        var lines = lines
        var document = document
        // The stream is read in place while its chunks are cut: both live in this value, so the cutters are
        // taken out for the time.
        self.lines = LineSplitter(limitBytes: 0)
        self.document = nil
        defer {
            self.hasBegun = hasBegun
            self.lines = lines
            self.document = document
        }
        var parsed = self.parsed
        let parser = self.parser
        return try stream.next { chunk in
            if !hasBegun, let isDocument = DocumentShape.isDocument(chunk) {
                hasBegun = true
                if isDocument { document = DocumentSplitter(limitBytes: parser.limits.bytes) }
            }
            Self.cut(chunk, &lines, &document) { line, piece, bytes in
                Self.add(piece, bytes, line: line, parser: parser, scratch: &parsed, to: &batch)
            }
        }
    }

    private mutating func finish(into batch: inout [LogItem]) {
        let parser = self.parser
        var parsed: [ParsedItem] = []
        if document != nil {
            document?.finish { line, piece, bytes in
                Self.add(piece, bytes, line: line, parser: parser, scratch: &parsed, to: &batch)
            }
        }
        lines.finish { line, piece, bytes in
            Self.add(piece, bytes, line: line, parser: parser, scratch: &parsed, to: &batch)
        }
    }

    /// Cuts a chunk by document while that holds, else by line.
    private static func cut(
        _ chunk: Span<UInt8>, _ lines: inout LineSplitter, _ document: inout DocumentSplitter?,
        _ body: (Int, Piece, Span<UInt8>) -> Void
    ) {
        var start = 0
        if var splitter = document {
            document = nil
            start = splitter.feed(chunk, body)
            if !splitter.isBroken {
                document = splitter
                return
            }
            // The rest of the broken line belongs to what was reported; lines begin after it.
            lines = LineSplitter(limitBytes: lines.limitBytes, firstLine: splitter.currentLine)
            lines.skipLine()
        }
        lines.feed(chunk.extracting(start..<chunk.count), body)
    }

    static func add(
        _ piece: Piece, _ bytes: Span<UInt8>, line: Int, parser: LineParser, scratch: inout [ParsedItem],
        to batch: inout [LogItem]
    ) {
        switch piece {
        case .whole:
            scratch.removeAll(keepingCapacity: true)
            parser.parse(bytes, into: &scratch)
            for item in scratch { batch.append(LogItem(line: line, item: item)) }
        case .tooLong:
            let reason = "longer than the limit of \(parser.limits.bytes) bytes"
            batch.append(LogItem(line: line, item: .rejected(reason)))
        case .broken:
            batch.append(LogItem(line: line, item: .rejected("not valid JSON: the document breaks off here")))
        }
    }
}

/// Tells a file of lines from one that is a JSON document.
enum DocumentShape {
    /// How far into a line without end a container's key is looked for.
    private static let prefixBytes = 4096

    /// Whether a file that begins with `chunk` is one document; nil while only blanks were seen.
    static func isDocument(_ chunk: Span<UInt8>) -> Bool? {
        var start = 0
        if chunk.count >= 3, chunk[0] == 0xEF, chunk[1] == 0xBB, chunk[2] == 0xBF { start = 3 }
        while start < chunk.count, isBlank(chunk[start]) { start += 1 }
        guard start < chunk.count else { return nil }
        guard chunk[start] == UInt8(ascii: "{") || chunk[start] == UInt8(ascii: "[") else { return false }
        var end = start
        while end < chunk.count, chunk[end] != 0x0A { end += 1 }
        var last = end - 1
        while last > start, isBlank(chunk[last]) { last -= 1 }
        if end == chunk.count {
            // One line, longer than a chunk or without an end: only a container is worth cutting up.
            return end - start > prefixBytes && holdsItems(chunk.extracting(start..<(start + prefixBytes)))
        }
        // A pretty-printed document breaks its first line after a bracket or a comma.
        switch chunk[last] {
        case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ","): return true
        default: return false
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    private static func holdsItems(_ prefix: Span<UInt8>) -> Bool {
        if prefix[0] == UInt8(ascii: "[") { return true }
        let sniffed = FormatSniffer.sniff(prefix)
        if case .container = sniffed { return true }
        return false
    }
}
