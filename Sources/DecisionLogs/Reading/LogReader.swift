internal import Decisions

/// Reads a source from its beginning to its end, a batch at a time, in constant memory.
///
/// A file of lines is read line by line; a file that is one JSON document over several lines, or one line too
/// long to hold, is read item by item. Where a source cannot be read on, what could be read is kept and the
/// reason is a reject at its end.
public struct LogReader: ~Copyable {
    /// What is read.
    public let source: LogSource
    private let parser: LineParser
    private var stream: ByteStream
    private var lines: LineSplitter
    private var document: DocumentSplitter?
    private var hasBegun = false
    private var isAtEnd = false
    /// What was read and is not all cut yet.
    private var bytes: [UInt8] = []
    private var cutBytes = 0
    private var parsed: [ParsedItem] = []
    /// How many bytes were cut so far, after inflating.
    private(set) var bytesCut = 0

    /// A batch ends once it has this many items.
    static let batchItems = 1024
    /// How much is cut before a batch is looked at: what a batch can have past its end.
    private static let strideBytes = 8 << 10

    /// Opens a source; throws a `LogSourceError` when that is not possible.
    ///
    /// One of several keeps no other from being read: that it cannot be opened is then a reject in its place.
    public init(
        _ source: LogSource, parser: LineParser, amongOthers: Bool = false
    ) throws(LogSourceError) {
        do throws(LogSourceError) {
            self.init(source, stream: try ByteStream(source), parser: parser)
        } catch {
            guard amongOthers else { throw error }
            self.init(source, stream: ByteStream(failure: error), parser: parser)
        }
    }

    /// Reads an open file again from its beginning.
    init(path: String, rereading descriptor: Int32, parser: LineParser) throws(LogSourceError) {
        let stream = try ByteStream(path: path, rereading: descriptor)
        self.init(LogSource(path: path), stream: stream, parser: parser)
    }

    /// Reads on in a compressed file from the beginning of a line.
    init(path: String, continuing rest: consuming PackedRest, line: Int, parser: LineParser) {
        let leftover = rest.leftover
        self.init(LogSource(path: path), stream: rest.stream, parser: parser)
        bytes = leftover
        // Where it was cut into lines before, it is no document.
        hasBegun = true
        lines = LineSplitter(limitBytes: parser.limits.bytes, firstLine: line)
    }

    private init(_ source: LogSource, stream: consuming ByteStream, parser: LineParser) {
        self.source = source
        self.parser = parser
        self.stream = stream
        lines = LineSplitter(limitBytes: parser.limits.bytes)
    }

    /// How many bytes were read from the source so far, for progress against `source.sizeBytes`.
    public var bytesRead: Int { stream.bytesRead }

    /// Whether all that has come was handed out, and the source is one that more may come from.
    public var isWaiting: Bool { !isAtEnd && cutBytes == bytes.count && stream.isWaiting }

    /// The next items, possibly none; nil at the end.
    ///
    /// However much the source inflates to, a batch is small. Where nothing comes for a moment, none is
    /// handed out, so that the caller can look whether it is to stop.
    public mutating func nextBatch() -> [LogItem]? {
        if isAtEnd { return nil }
        var batch: [LogItem] = []
        if cutBytes == bytes.count {
            do {
                if try read() == .end {
                    isAtEnd = true
                    finish(into: &batch)
                }
            } catch {
                isAtEnd = true
                breakOff(because: (error as? LogSourceError)?.reason ?? "\(error)", into: &batch)
            }
        }
        while cutBytes < bytes.count, batch.count < Self.batchItems { cut(into: &batch) }
        return batch
    }

    private mutating func read() throws -> ByteStream.Step {
        bytes.removeAll(keepingCapacity: true)
        cutBytes = 0
        var read = self.bytes
        self.bytes = []
        defer { bytes = read }
        let step = try stream.next { piece in
            unsafe piece.withUnsafeBufferPointer { unsafe read.append(contentsOf: $0) }
        }
        if !hasBegun, let isDocument = DocumentShape.isDocument(read.span) {
            hasBegun = true
            if isDocument { document = DocumentSplitter(limitBytes: parser.limits.bytes) }
        }
        return step
    }

    private mutating func cut(into batch: inout [LogItem]) {
        var read: [UInt8] = []
        swap(&read, &bytes)
        defer { swap(&read, &bytes) }
        let stride = cutBytes..<min(read.count, cutBytes + Self.strideBytes)
        withScratch { reader, scratch in
            let parser = reader.parser
            Self.cut(read.span.extracting(stride), &reader.lines, &reader.document) { line, piece, bytes in
                Self.add(piece, bytes, line: line, parser: parser, scratch: &scratch, to: &batch)
            }
        }
        cutBytes = stride.upperBound
        bytesCut += stride.count
    }

    /// Takes a last line if it is whole, and rejects the rest of the source.
    private mutating func breakOff(because reason: String, into batch: inout [LogItem]) {
        let line = document?.currentLine ?? lines.lineNumber
        var last: [LogItem] = []
        finish(into: &last)
        for item in last {
            if case .decision = item.item { batch.append(item) }
        }
        batch.append(LogItem(line: line, item: .rejected(reason)))
    }

    private mutating func finish(into batch: inout [LogItem]) {
        withScratch { reader, scratch in
            let parser = reader.parser
            reader.document?.finish { line, piece, bytes in
                Self.add(piece, bytes, line: line, parser: parser, scratch: &scratch, to: &batch)
            }
            reader.lines.finish { line, piece, bytes in
                Self.add(piece, bytes, line: line, parser: parser, scratch: &scratch, to: &batch)
            }
        }
    }

    /// Takes the memory for parsed items out while the cutters, which live in this value too, are at work.
    private mutating func withScratch(_ body: (inout LogReader, inout [ParsedItem]) -> Void) {
        var scratch: [ParsedItem] = []
        swap(&scratch, &parsed)
        body(&self, &scratch)
        swap(&scratch, &parsed)
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
