/// Reads a compressed file among followed ones: whole, and once it has stopped growing.
///
/// What compresses a log writes it in pieces, and half a file is no gzip stream. One that was read to its end before,
/// or that holds what was read under another name, is not read again.
final class PackedReading {
    private let path: String
    private let identity: FileIdentity
    private var reader: LogReader?
    /// How large the file was when it was looked at last, or when reading began.
    private(set) var sizeBytes = -1
    /// Whether all of it was read.
    private(set) var isAtEnd = false

    init(path: String, identity: FileIdentity) {
        self.path = path
        self.identity = identity
    }

    /// Reads the next items of an open file and says how many bytes they took; nil until two looks have
    /// found the file equally large.
    func read(
        _ descriptor: Int32, size: Int, known: KnownPositions, parser: LineParser, into items: inout [LogItem]
    ) throws(LogSourceError) -> Int? {
        if isAtEnd || reader == nil {
            isAtEnd = false
            guard size == sizeBytes else {
                sizeBytes = size
                return nil
            }
            if known.hold(packed: identity, descriptor, size: size) {
                isAtEnd = true
                return 0
            }
            reader = try begin(descriptor, known: known, parser: parser)
        }
        let before = reader?.bytesCut ?? 0
        if let batch = reader?.nextBatch() {
            items += batch
        } else {
            isAtEnd = true
        }
        let after = reader?.bytesCut ?? 0
        if isAtEnd { reader = nil }
        return after - before
    }

    /// A reader that begins where what is known of the content ends.
    private func begin(
        _ descriptor: Int32, known: KnownPositions, parser: LineParser
    ) throws(LogSourceError) -> LogReader {
        var rest = PackedRest(stream: try ByteStream(path: path, rereading: descriptor))
        if let line = rest.skip(known) {
            return LogReader(path: path, continuing: rest, line: line, parser: parser)
        }
        return try LogReader(path: path, rereading: descriptor, parser: parser)
    }
}

extension KnownPositions {
    /// Whether a compressed file was read to its end: under its number, or as another file with the same bytes.
    func hold(packed identity: FileIdentity, _ descriptor: Int32, size: Int) -> Bool {
        if let position = position(of: identity), position.isPacked,
            position.holds(in: descriptor, size: size)
        {
            return true
        }
        guard let prefix = try? FileBytes.first(of: descriptor) else { return false }
        return candidates(beginning: prefix.span).contains {
            $0.isPacked && $0.holds(in: descriptor, size: size)
        }
    }
}

/// A compressed stream on the way to the place up to which its content is known.
struct PackedRest: ~Copyable {
    /// The stream, which stands behind `leftover`.
    var stream: ByteStream
    /// What came of it beyond that place.
    private(set) var leftover: [UInt8] = []

    init(stream: consuming ByteStream) {
        self.stream = stream
    }

    /// Passes over what was read under another name and returns the number of the line that follows; nil when nothing
    /// of the content is known.
    ///
    /// The stream is of no more use then.
    mutating func skip(_ known: KnownPositions) -> Int? {
        var seen: [UInt8] = []
        guard fill(&seen, to: BytesMark.longest) else { return nil }
        guard let position = known.candidates(beginning: seen.span).first(where: { !$0.isPacked }) else {
            return nil
        }
        // Of what is passed over only as much is held as the mark of its end covers.
        var passed = 0
        while passed + seen.count < position.offset {
            let spare = max(0, seen.count - position.tail.count)
            seen.removeFirst(spare)
            passed += spare
            let before = seen.count
            guard fill(&seen, to: before + 1), seen.count > before else { return nil }
        }
        let end = position.offset - passed
        guard end >= position.tail.count else { return nil }
        let tail = seen.span.extracting((end - position.tail.count)..<end)
        guard BytesMark(tail) == position.tail else { return nil }
        leftover = Array(seen[end...])
        return position.line
    }

    /// Adds pieces until there are so many bytes, or no more; false where the stream cannot be read.
    private mutating func fill(_ bytes: inout [UInt8], to count: Int) -> Bool {
        while bytes.count < count {
            do {
                let step = try stream.next { piece in
                    unsafe piece.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
                }
                if step == .end { return true }
            } catch {
                return false
            }
        }
        return true
    }
}
