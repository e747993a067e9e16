internal import Glibc
internal import Gzip

/// One followed file, whatever its name is by now: what is open, how far it was read, and the unfinished line.
struct FollowedFile {
    /// Which file.
    let identity: FileIdentity
    /// The followed path that it was found under.
    let source: String
    /// Its place among those that were found.
    let number: Int
    /// Where it was seen last.
    private(set) var path: String
    /// The number of the line that reading went on with, where it did not begin at the first.
    private(set) var resumedLine: Int?
    /// Whether it was never read to its end so far.
    private(set) var isCatchingUp = true
    /// Whether its last look read all that there was, so that it may be closed until the next.
    private(set) var isAtRest = false
    private var descriptor: Int32?
    private var isDecided = false
    /// How large it was when it was not decided yet where to begin.
    private var undecidedSize = -1
    private var offset = 0
    private var lines: LineSplitter
    private var lastPosition: ReadPosition?
    /// Whether it has lost its name to another file, or has another name itself.
    private var isRotated = false
    /// How many looks in a row found it under no name, and nothing more to read.
    private var looksGone = 0
    /// What reads it when it is compressed.
    private var packed: PackedReading?
    /// How large it was when it was closed to be opened again once it has grown.
    private var restedSize: Int?

    /// Takes over an open file; nothing is read yet.
    init(
        path: String, source: String, number: Int, identity: FileIdentity, opened: Int32, lineLimitBytes: Int
    ) {
        self.path = path
        self.source = source
        self.number = number
        self.identity = identity
        descriptor = opened
        lines = LineSplitter(limitBytes: lineLimitBytes)
    }

    /// After so many looks a file whose name is gone is let go: whoever writes it may have it open for a while.
    static let patientLooks = 240

    /// Where a file is at a look.
    enum Place: Equatable {
        /// Under a name, so large.
        case at(path: String, size: Int)
        /// Under none that is known; another file has the name that it had.
        case replaced
        /// Under none that is known.
        case nowhere
    }

    /// What one look found.
    struct Reading {
        var items: [LogItem] = []
        /// How much was read.
        var bytes = 0
        var hasMore = false
        var isCompressed = false
        /// How far it is read now, when that is known.
        var position: ReadPosition?
        /// Whether it turned out to have been cut short.
        var hasTurned = false
        /// How far it was read before.
        var turned: ReadPosition?
        /// Whether it is gone for good: nothing more can come of it.
        var isGone = false
        var failure: LogSourceError?
    }

    /// Whether it holds a descriptor.
    var isOpen: Bool { descriptor != nil }

    /// Closes what is open.
    func close() {
        if let descriptor { Glibc.close(descriptor) }
    }

    /// Closes a file that has nothing to read, until it has grown.
    ///
    /// An unfinished line is read again then.
    mutating func rest() {
        close()
        descriptor = nil
        restedSize = offset
        offset -= lines.unfinishedBytes
        lines = LineSplitter(limitBytes: lines.limitBytes, firstLine: lines.lineNumber)
    }

    /// Says that it has another name by now.
    mutating func move(to path: String) {
        self.path = path
        isRotated = true
    }

    /// Reads what has been added, up to a limit.
    mutating func look(_ place: Place, known: KnownPositions, parser: LineParser, limitBytes: Int) -> Reading
    {
        var reading = Reading()
        switch place {
        case .at(let path, let size):
            if path != self.path { move(to: path) }
            if descriptor == nil, size == restedSize { return reading }
        case .replaced: isRotated = true
        case .nowhere: break
        }
        do throws(LogSourceError) {
            reading.hasMore = try read(known: known, parser: parser, limitBytes: limitBytes, into: &reading)
        } catch {
            reading.failure = error
        }
        reading.isCompressed = packed != nil
        if case .at = place { looksGone = 0 } else { looksGone = reading.bytes > 0 ? 1 : looksGone + 1 }
        reading.isGone = looksGone >= Self.patientLooks
        let isAtEnd = !reading.hasMore && reading.failure == nil && !reading.hasTurned
        if isAtEnd, isDecided, packed?.isAtEnd ?? true { isCatchingUp = false }
        isAtRest = isAtEnd && looksGone == 0
        // Who writes may go on in a file that lost its name, and be within a line: a look without more ends it.
        if reading.isGone || isRotated && isAtEnd && reading.bytes == 0 {
            finish(parser: parser, into: &reading.items)
        }
        if let position = position(), position != lastPosition {
            lastPosition = position
            reading.position = position
        }
        return reading
    }

    /// Says whether the limit came before the end.
    private mutating func read(
        known: KnownPositions, parser: LineParser, limitBytes: Int, into reading: inout Reading
    ) throws(LogSourceError) -> Bool {
        guard let descriptor = try opened() else { return false }
        var size = try self.size(of: descriptor)
        if !isDecided {
            guard try decide(descriptor, size: size, known: known, into: &reading) else { return false }
        }
        if size < offset || size > offset && !holdsWhatWasRead(descriptor) {
            reading.turned = lastPosition
            begin()
            reading.hasTurned = true
        }
        // What it held may be in a copy, which comes first.
        if reading.hasTurned { return false }
        while reading.bytes < limitBytes {
            if let packed {
                // Of a file that was read to its end, only a change is of interest.
                if packed.isAtEnd, size == packed.sizeBytes { return false }
                guard
                    let count = try packed.read(
                        descriptor, size: size, known: known, parser: parser, into: &reading.items)
                else { return false }
                reading.bytes += count
                if packed.isAtEnd { offset = packed.sizeBytes }
            } else {
                if size <= offset { return false }
                reading.bytes += try read(descriptor, parser: parser, into: &reading.items)
            }
            size = try self.size(of: descriptor)
        }
        return true
    }

    /// The open file; nil where it is closed and another has its name.
    private mutating func opened() throws(LogSourceError) -> Int32? {
        if let descriptor { return descriptor }
        guard let (opened, status) = try FileBytes.open(path) else { return nil }
        guard FileIdentity(status) == identity else {
            Glibc.close(opened)
            return nil
        }
        restedSize = nil
        descriptor = opened
        return opened
    }

    private func size(of descriptor: Int32) throws(LogSourceError) -> Int {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw LogSourceError(path: path, code: errno) }
        return Int(status.st_size)
    }

    /// Decides where to begin; says whether that could be told already.
    private mutating func decide(
        _ descriptor: Int32, size: Int, known: KnownPositions, into reading: inout Reading
    ) throws(LogSourceError) -> Bool {
        let first = try FileBytes.first(of: descriptor, path: path)
        guard !first.isEmpty else { return false }
        if GzipInflater.recognizes(first.span) {
            packed = PackedReading(path: path, identity: identity)
            isDecided = true
            return true
        }
        if let own = known.position(of: identity), !own.isPacked {
            if own.holds(in: descriptor, size: size) {
                resume(own)
                return true
            }
            // The number is another file's now, or the file was cut short since.
            reading.turned = own
            reading.hasTurned = true
        }
        for candidate in known.candidates(beginning: first.span) where !candidate.isPacked {
            if candidate.holds(in: descriptor, size: size) {
                resume(candidate)
                return true
            }
            if candidate.identity != identity, size < candidate.offset, size != undecidedSize {
                // What copies a log has perhaps not come to its end.
                undecidedSize = size
                return false
            }
        }
        isDecided = true
        return true
    }

    private mutating func resume(_ position: ReadPosition) {
        isDecided = true
        offset = position.offset
        lines = LineSplitter(limitBytes: lines.limitBytes, firstLine: position.line)
        resumedLine = position.line
        // It is told anew: the file may have another name or number than the one it was known by.
        lastPosition = nil
    }

    /// Whether it still begins as it did: a file may be cut short and have grown past its old end since.
    private func holdsWhatWasRead(_ descriptor: Int32) -> Bool {
        guard let head = lastPosition?.head, packed == nil, offset > 0 else { return true }
        return BytesMark(descriptor, from: 0, count: head.count) == head
    }

    /// Begins again at the first line.
    private mutating func begin() {
        offset = 0
        packed = nil
        lastPosition = nil
        isDecided = false
        undecidedSize = -1
        lines.reset()
    }

    private mutating func read(
        _ descriptor: Int32, parser: LineParser, into items: inout [LogItem]
    ) throws(LogSourceError) -> Int {
        var buffer = [UInt8](repeating: 0, count: ByteStream.chunkBytes)
        let count = unsafe buffer.withUnsafeMutableBytes { bytes in
            unsafe pread(descriptor, bytes.baseAddress, bytes.count, off_t(offset))
        }
        guard count >= 0 else {
            if errno == EINTR { return 0 }
            throw LogSourceError(path: path, code: errno)
        }
        offset += count
        var scratch: [ParsedItem] = []
        lines.feed(buffer.span.extracting(first: count)) { line, piece, bytes in
            LogReader.add(piece, bytes, line: line, parser: parser, scratch: &scratch, to: &items)
        }
        return count
    }

    /// Takes the last line of a file that will not grow any more, although no line break ended it.
    private mutating func finish(parser: LineParser, into items: inout [LogItem]) {
        var scratch: [ParsedItem] = []
        lines.finish { line, piece, bytes in
            LogReader.add(piece, bytes, line: line, parser: parser, scratch: &scratch, to: &items)
        }
    }

    /// How far it was read: whole lines, or all of a compressed file.
    private func position() -> ReadPosition? {
        guard let descriptor else { return nil }
        if let packed {
            guard packed.isAtEnd else { return nil }
            return ReadPosition(
                path: path, identity: identity, descriptor: descriptor, offset: packed.sizeBytes, line: 1,
                isPacked: true)
        }
        let whole = offset - lines.unfinishedBytes
        if let lastPosition, lastPosition.offset == whole, lastPosition.path == path { return lastPosition }
        return ReadPosition(
            path: path, identity: identity, descriptor: descriptor, offset: whole, line: lines.lineNumber,
            isPacked: false)
    }
}
