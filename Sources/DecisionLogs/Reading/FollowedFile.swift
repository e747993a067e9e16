internal import Glibc
internal import Gzip

/// One followed file: what is open, how far it was read, and the unfinished line.
struct FollowedFile {
    private let path: String
    private var descriptor: Int32?
    private var identity: FileIdentity?
    private var offset = 0
    private var lines: LineSplitter
    /// How many looks in a row found nothing at the path and nothing more to read.
    private var looksGone = 0
    /// How large the open file was at the last look.
    private var openSize = 0
    /// What reads the open file when it is compressed.
    private var packed: PackedReading?

    /// Names a file; nothing is opened yet.
    init(path: String, lineLimitBytes: Int) {
        self.path = path
        lines = LineSplitter(limitBytes: lineLimitBytes)
    }

    /// Closes what is open.
    func close() {
        if let descriptor { Glibc.close(descriptor) }
    }

    /// After so many looks a file whose name is gone is let go: whoever writes it may have it open for a while.
    static let patientLooks = 240

    /// What one look found.
    struct Reading {
        var items: [LogItem] = []
        var hasMore = false
        var isCompressed = false
        /// Whether it is gone for good: nothing more can come of it.
        var isGone = false
        var failure: LogSourceError?
    }

    /// Reads what has been added, up to a limit.
    mutating func poll(parser: LineParser, limitBytes: Int) -> Reading {
        var reading = Reading()
        do throws(LogSourceError) {
            reading.hasMore = try poll(parser: parser, limitBytes: limitBytes, into: &reading.items)
        } catch {
            reading.failure = error
        }
        reading.isCompressed = packed != nil
        reading.isGone = looksGone >= Self.patientLooks
        if reading.isGone { finish(parser: parser, into: &reading.items) }
        return reading
    }

    /// Says whether the limit came before the end.
    private mutating func poll(
        parser: LineParser, limitBytes: Int, into items: inout [LogItem]
    ) throws(LogSourceError) -> Bool {
        var taken = 0
        while taken < limitBytes {
            switch try step() {
            case .wait: return false
            case .read:
                if offset == 0, packed == nil, try isCompressed() { packed = PackedReading(path: path) }
                guard let packed else {
                    taken += try read(parser: parser, into: &items)
                    continue
                }
                guard let count = try readPacked(packed, parser: parser, into: &items) else { return false }
                taken += count
            case .restart: begin()
            case .rotate:
                finish(parser: parser, into: &items)
                try open()
            }
        }
        return true
    }

    private mutating func step() throws(LogSourceError) -> FollowStep {
        var atPath: FileIdentity?
        var status = stat()
        if unsafe stat(path, &status) == 0 {
            atPath = FileIdentity(status)
        } else if errno != ENOENT {
            throw LogSourceError(path: path, code: errno)
        }
        openSize = 0
        looksGone = atPath == nil ? looksGone + 1 : 0
        if let descriptor {
            guard unsafe fstat(descriptor, &status) == 0 else {
                throw LogSourceError(path: path, code: errno)
            }
            openSize = Int(status.st_size)
        }
        let step = FollowStep.next(openFile: identity, offset: offset, openSize: openSize, atPath: atPath)
        if step != .wait { looksGone = 0 }
        return step
    }

    private mutating func open() throws(LogSourceError) {
        var status = stat()
        // Looked at before it is opened: whoever writes to a pipe would take that for a reader.
        if unsafe stat(path, &status) == 0 { try requireFile(status) }
        // What stands there may change until it is opened, and a pipe must not be waited for.
        let opened = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        if opened < 0 {
            // It may be rotated away between two looks; the next poll finds what stands there then.
            if errno == ENOENT { return }
            throw LogSourceError(path: path, code: errno)
        }
        do throws(LogSourceError) {
            guard unsafe fstat(opened, &status) == 0 else { throw LogSourceError(path: path, code: errno) }
            try requireFile(status)
        } catch {
            Glibc.close(opened)
            throw error
        }
        close()
        descriptor = opened
        identity = FileIdentity(status)
        begin()
    }

    private func requireFile(_ status: stat) throws(LogSourceError) {
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw LogSourceError(
                path: path, reason: "only files can be followed; pipe anything else into verdict ingest -")
        }
    }

    private mutating func begin() {
        offset = 0
        packed = nil
        lines.reset()
    }

    /// Whether the open file begins as a compressed one does.
    private func isCompressed() throws(LogSourceError) -> Bool {
        guard let descriptor else { return false }
        var mark: [UInt8] = [0, 0]
        let count = unsafe mark.withUnsafeMutableBytes { bytes in
            unsafe pread(descriptor, bytes.baseAddress, bytes.count, 0)
        }
        guard count >= 0 else { throw LogSourceError(path: path, code: errno) }
        return GzipInflater.recognizes(mark.span.extracting(first: count))
    }

    /// Reads on in a compressed file and says how much came; nil while the file may still be written.
    private mutating func readPacked(
        _ packed: PackedReading, parser: LineParser, into items: inout [LogItem]
    ) throws(LogSourceError) -> Int? {
        guard let descriptor else { return nil }
        guard let count = try packed.read(descriptor, size: openSize, parser: parser, into: &items) else {
            return nil
        }
        if packed.isAtEnd { offset = packed.sizeBytes }
        return count
    }

    private mutating func read(parser: LineParser, into items: inout [LogItem]) throws(LogSourceError) -> Int
    {
        guard let descriptor else { return 0 }
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
}

extension FileIdentity {
    init(_ status: stat) {
        self.init(device: UInt(status.st_dev), inode: UInt(status.st_ino))
    }
}
