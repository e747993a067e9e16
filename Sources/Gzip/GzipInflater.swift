internal import CZlib

/// Inflates a gzip stream piece by piece, in constant memory.
///
/// Concatenated members are one stream, as gzip defines; zeros after the last member are padding.
@safe
public struct GzipInflater: ~Copyable {
    private let stream: UnsafeMutablePointer<z_stream>
    private let buffer: UnsafeMutableBufferPointer<UInt8>
    private let limitBytes: Int
    private var inflatedBytes = 0
    /// Whether the bytes so far end exactly where a member ends.
    private var isAtMemberEnd = false
    private var hasBegun = false
    /// Whether what came out last is all that comes before the damage.
    private var isDamaged = false

    /// Whether bytes begin as a gzip stream does.
    public static func recognizes(_ bytes: Span<UInt8>) -> Bool {
        bytes.count >= 2 && bytes[0] == 0x1F && bytes[1] == 0x8B
    }

    /// Creates an inflater that gives out at most `limitBytes`.
    public init(limitBytes: Int = .max) throws(GzipError) {
        self.limitBytes = limitBytes
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        unsafe buffer = .allocate(capacity: 128 << 10)
        // 15 bits of window, plus 16 for the gzip wrapper.
        let code = unsafe inflateInit2_(stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard code == Z_OK else { throw .unavailable(code: code) }
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
        unsafe buffer.deallocate()
    }

    /// Inflates `input` and hands what comes out to `output`, in pieces.
    public mutating func inflate(_ input: Span<UInt8>, _ output: (Span<UInt8>) throws -> Void) throws {
        var offset = 0
        while try inflatePiece(of: input, from: &offset, output) {}
    }

    /// Inflates `input` from an offset on until one piece came out, and moves the offset past what was taken.
    ///
    /// False when nothing more comes of this input. What comes before damage is handed out first.
    public mutating func inflatePiece(
        of input: Span<UInt8>, from offset: inout Int, _ output: (Span<UInt8>) throws -> Void
    ) throws -> Bool {
        try unsafe input.withUnsafeBufferPointer { input in
            if isDamaged { throw GzipError.corrupt }
            guard let base = input.baseAddress, !input.isEmpty else { return false }
            hasBegun = true
            unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: base + offset)
            unsafe stream.pointee.avail_in = UInt32(input.count - offset)
            defer {
                unsafe offset = input.count - Int(stream.pointee.avail_in)
                unsafe stream.pointee.next_in = nil
                unsafe stream.pointee.avail_in = 0
            }
            if isAtMemberEnd {
                guard try nextMember() else { return false }
            }
            let produced = try step()
            if produced > 0 {
                let piece = unsafe Span(_unsafeElements: UnsafeBufferPointer(rebasing: buffer[..<produced]))
                try output(piece)
            }
            // A full buffer may hide more output even though all input is taken.
            return unsafe isDamaged || stream.pointee.avail_in > 0 || produced == buffer.count
        }
    }

    /// Moves to the member that follows; false when only padding or nothing is left.
    private mutating func nextMember() throws(GzipError) -> Bool {
        while unsafe stream.pointee.avail_in > 0, unsafe stream.pointee.next_in.pointee == 0 {
            unsafe stream.pointee.next_in += 1
            unsafe stream.pointee.avail_in -= 1
        }
        guard unsafe stream.pointee.avail_in > 0 else { return false }
        guard unsafe inflateReset(stream) == Z_OK else { throw .corrupt }
        isAtMemberEnd = false
        return true
    }

    /// Runs zlib once and returns how many bytes it produced.
    private mutating func step() throws(GzipError) -> Int {
        unsafe stream.pointee.next_out = buffer.baseAddress
        unsafe stream.pointee.avail_out = UInt32(buffer.count)
        let code = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
        switch code {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END: isAtMemberEnd = true
        default: isDamaged = true
        }
        let produced = unsafe buffer.count - Int(stream.pointee.avail_out)
        if isDamaged, produced == 0 { throw .corrupt }
        inflatedBytes += produced
        if inflatedBytes > limitBytes { throw .tooLarge(limitBytes: limitBytes) }
        return produced
    }

    /// Says that no input follows; throws when the stream is incomplete.
    public func finish() throws(GzipError) {
        if isDamaged { throw .corrupt }
        if hasBegun, !isAtMemberEnd { throw .truncated }
    }
}
