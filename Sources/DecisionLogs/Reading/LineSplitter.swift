internal import Glibc

/// What a splitter found.
enum Piece: Equatable {
    /// A line, or an item of a document.
    case whole
    /// Longer than the limit; its bytes were dropped.
    case tooLong
    /// Something that is no JSON document; its bytes were dropped.
    case broken
}

/// Cuts chunks of bytes into lines, holding at most one unfinished line.
///
/// A line ends at LF or CR LF; a byte order mark before a line is dropped; a line over the limit is reported
/// once and skipped up to its end without being held.
struct LineSplitter {
    /// How long a line may be.
    let limitBytes: Int
    /// The number of the line that comes next, from 1.
    private(set) var lineNumber: Int
    private var pending: [UInt8] = []
    private var isSkipping = false
    private var isDiscarding = false
    /// How many bytes came since the last line break, held or not.
    private(set) var unfinishedBytes = 0

    init(limitBytes: Int, firstLine: Int = 1) {
        self.limitBytes = limitBytes
        lineNumber = firstLine
    }

    /// Whether an unfinished line is held.
    var hasPending: Bool { isSkipping || !pending.isEmpty }

    /// Takes a chunk and hands each line that it completes to `body`, with its number.
    mutating func feed(_ chunk: Span<UInt8>, _ body: (Int, Piece, Span<UInt8>) throws -> Void) rethrows {
        var start = 0
        while start < chunk.count {
            guard let newline = Self.newline(in: chunk, from: start) else {
                hold(chunk.extracting(start..<chunk.count))
                return
            }
            try complete(chunk.extracting(start..<newline), body)
            start = newline + 1
        }
    }

    /// Hands out a last line that no line break ended.
    mutating func finish(_ body: (Int, Piece, Span<UInt8>) throws -> Void) rethrows {
        if hasPending { try complete([UInt8]().span, body) }
    }

    /// Drops the unfinished line and begins again at line 1, as after a rotation.
    mutating func reset() {
        pending.removeAll(keepingCapacity: false)
        isSkipping = false
        unfinishedBytes = 0
        lineNumber = 1
    }

    /// Drops what comes up to the next line break, which belongs to something already reported.
    mutating func skipLine() { isDiscarding = true }

    private mutating func hold(_ part: Span<UInt8>) {
        unfinishedBytes += part.count
        if isSkipping || isDiscarding { return }
        if pending.count + part.count > limitBytes {
            isSkipping = true
            pending = []
            return
        }
        Self.append(part, to: &pending)
    }

    private mutating func complete(
        _ rest: Span<UInt8>, _ body: (Int, Piece, Span<UInt8>) throws -> Void
    ) rethrows {
        let number = lineNumber
        lineNumber += 1
        unfinishedBytes = 0
        if isDiscarding {
            isDiscarding = false
            return
        }
        let isTooLong = isSkipping || pending.count + rest.count > limitBytes
        isSkipping = false
        if isTooLong {
            pending = []
            try body(number, .tooLong, [UInt8]().span)
        } else if pending.isEmpty {
            try body(number, .whole, rest.extracting(Self.trimmed(rest)))
        } else {
            Self.append(rest, to: &pending)
            // A long line's memory is not kept for the short ones that follow.
            defer { pending.removeAll(keepingCapacity: pending.count <= Self.keptBytes) }
            try body(number, .whole, pending.span.extracting(Self.trimmed(pending.span)))
        }
    }

    private static let keptBytes = 64 << 10

    private static func append(_ part: Span<UInt8>, to bytes: inout [UInt8]) {
        unsafe part.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    }

    private static func newline(in chunk: Span<UInt8>, from start: Int) -> Int? {
        unsafe chunk.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress,
                let found = unsafe memchr(base + start, 0x0A, buffer.count - start)
            else { return nil }
            return unsafe UnsafeRawPointer(found) - UnsafeRawPointer(base)
        }
    }

    /// Where the line stands without a byte order mark before and a carriage return after it.
    private static func trimmed(_ line: Span<UInt8>) -> Range<Int> {
        let hasMark = line.count >= 3 && line[0] == 0xEF && line[1] == 0xBB && line[2] == 0xBF
        let start = hasMark ? 3 : 0
        let end = line.count > start && line[line.count - 1] == 0x0D ? line.count - 1 : line.count
        return start..<end
    }
}
