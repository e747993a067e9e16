internal import Glibc
internal import Gzip

/// The bytes of a source in chunks, inflated when they are gzip, in constant memory.
struct ByteStream: ~Copyable {
    private let path: String
    private let descriptor: Int32
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

    /// Opens a source.
    init(_ source: LogSource) throws(LogSourceError) {
        path = source.path
        descriptor = source.isStandardInput ? dup(0) : unsafe open(source.path, O_RDONLY | O_CLOEXEC)
        inflater = nil
        if descriptor < 0 { throw LogSourceError(path: path, code: errno) }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Hands the next piece to `body`, if one came; false at the end.
    ///
    /// A piece is as large as what is read at once, however much that inflates to.
    mutating func next(_ body: (Span<UInt8>) throws -> Void) throws -> Bool {
        if !isInflating {
            filled = try fill()
            inflated = 0
            if filled == 0 {
                do {
                    try inflater?.finish()
                } catch {
                    throw LogSourceError(path: path, reason: "\(error)")
                }
                return false
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
        return true
    }

    /// Reads into the buffer; the first time until the two bytes that tell gzip are there.
    private mutating func fill() throws(LogSourceError) -> Int {
        var filled = 0
        repeat {
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe read(descriptor, bytes.baseAddress?.advanced(by: filled), bytes.count - filled)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw LogSourceError(path: path, code: errno)
            }
            if count == 0 { break }
            filled += count
        } while isFirst && filled < 2
        bytesRead += filled
        return filled
    }
}
