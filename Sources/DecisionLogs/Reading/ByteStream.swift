internal import Glibc
internal import Gzip

/// The bytes of a source in chunks, inflated when they are gzip, in constant memory.
struct ByteStream: ~Copyable {
    /// What asking for the next piece came to.
    enum Step {
        /// A piece may have been handed on, and there may be more.
        case more
        /// Nothing has come for a while; more may.
        case waiting
        /// The source has ended.
        case end
    }

    private let path: String
    private let descriptor: Int32
    /// Why there is nothing to read.
    private let failure: LogSourceError?
    /// Whether reading may have to wait for another process.
    private let mayWait: Bool
    private var inflater: GzipInflater?
    private var buffer = [UInt8](repeating: 0, count: ByteStream.chunkBytes)
    private var isFirst = true
    /// How much of the buffer was read, and how much of that the inflater took.
    private var filled = 0
    private var inflated = 0
    /// Whether more comes of what is in the buffer.
    private var isInflating = false
    /// How many bytes were read from the source, before inflating.
    private(set) var bytesRead = 0

    /// How much is read at once.
    static let chunkBytes = 256 << 10
    /// How long one step waits, in milliseconds: as long as Ctrl-C may go unheard.
    private static let patienceMilliseconds: Int32 = 100

    /// Opens a source.
    init(_ source: LogSource) throws(LogSourceError) {
        if let failure = source.failure { throw failure }
        // Opening a named pipe must not wait for its writer, where nothing could end the wait.
        let opened =
            source.isStandardInput
            ? dup(0) : unsafe open(source.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        try self.init(path: source.path, opened: opened)
    }

    /// Reads an open file again from its beginning, through a descriptor of its own.
    init(path: String, rereading descriptor: Int32) throws(LogSourceError) {
        let opened = dup(descriptor)
        if opened >= 0 { lseek(opened, 0, SEEK_SET) }
        try self.init(path: path, opened: opened)
    }

    /// Stands for a source that could not be opened: reading tells why.
    init(failure: LogSourceError) {
        self.init(path: failure.path, descriptor: -1, failure: failure)
    }

    private init(path: String, opened: Int32) throws(LogSourceError) {
        if opened < 0 { throw LogSourceError(path: path, code: errno) }
        self.init(path: path, descriptor: opened, failure: nil)
    }

    private init(path: String, descriptor: Int32, failure: LogSourceError?) {
        self.path = path
        self.descriptor = descriptor
        self.failure = failure
        inflater = nil
        var status = stat()
        mayWait = unsafe fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Whether nothing is there to be read now, although more may come.
    var isWaiting: Bool { mayWait && !isInflating && !isReadable(withinMilliseconds: 0) }

    /// Hands the next piece to `body`, if one came.
    ///
    /// A piece is as large as what is read at once, however much that inflates to.
    mutating func next(_ body: (Span<UInt8>) throws -> Void) throws -> Step {
        if let failure { throw failure }
        if !isInflating {
            switch try fill() {
            case .more: inflated = 0
            case .waiting: return .waiting
            case .end:
                do {
                    try inflater?.finish()
                } catch {
                    throw LogSourceError(path: path, reason: "\(error)")
                }
                return .end
            }
        }
        // The buffer is taken out while its bytes are handed on, as the rest of the stream changes meanwhile.
        var taken: [UInt8] = []
        swap(&taken, &buffer)
        defer { swap(&taken, &buffer) }
        let chunk = taken.span.extracting(first: filled)
        if isFirst {
            isFirst = false
            if GzipInflater.recognizes(chunk) { inflater = try GzipInflater() }
        }
        if inflater == nil {
            try body(chunk)
        } else {
            do {
                isInflating = try inflater?.inflatePiece(of: chunk, from: &inflated, body) ?? false
            } catch let error as GzipError {
                throw LogSourceError(path: path, reason: "\(error)")
            }
        }
        return .more
    }

    /// Reads into the buffer; the first time until the two bytes that tell gzip are there.
    private mutating func fill() throws(LogSourceError) -> Step {
        if !isFirst { filled = 0 }
        repeat {
            if mayWait, !isReadable(withinMilliseconds: Self.patienceMilliseconds) { return .waiting }
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe read(descriptor, bytes.baseAddress?.advanced(by: filled), bytes.count - filled)
            }
            if count < 0 {
                if errno == EINTR || errno == EAGAIN { return .waiting }
                throw LogSourceError(path: path, code: errno)
            }
            if count == 0 { break }
            filled += count
            bytesRead += count
        } while isFirst && filled < 2
        return filled == 0 ? .end : .more
    }

    private func isReadable(withinMilliseconds limit: Int32) -> Bool {
        var asked = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&asked, 1, limit) > 0
    }
}
