internal import CZlib

/// Deflates bytes into one gzip member piece by piece, in constant memory.
@safe
public struct GzipDeflater: ~Copyable {
    private let stream: UnsafeMutablePointer<z_stream>
    private let buffer: UnsafeMutableBufferPointer<UInt8>

    /// Creates a deflater; levels go from 1, fast, to 9, small.
    public init(level: Int = 6) throws(GzipError) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        unsafe buffer = .allocate(capacity: 64 << 10)
        let code = unsafe deflateInit2_(
            stream, Int32(max(1, min(9, level))), Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard code == Z_OK else { throw .unavailable(code: code) }
    }

    deinit {
        unsafe deflateEnd(stream)
        unsafe stream.deallocate()
        unsafe buffer.deallocate()
    }

    /// Deflates `input` and hands what comes out to `output`, in pieces.
    public mutating func deflate(_ input: Span<UInt8>, _ output: (Span<UInt8>) throws -> Void) throws {
        try unsafe input.withUnsafeBufferPointer { input in
            guard let base = input.baseAddress, !input.isEmpty else { return }
            unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: base)
            unsafe stream.pointee.avail_in = UInt32(input.count)
            defer { unsafe stream.pointee.next_in = nil }
            try run(Z_NO_FLUSH, output)
        }
    }

    /// Writes the end of the member; nothing may be deflated after it.
    public mutating func finish(_ output: (Span<UInt8>) throws -> Void) throws {
        try run(Z_FINISH, output)
    }

    private mutating func run(_ flush: Int32, _ output: (Span<UInt8>) throws -> Void) throws {
        while true {
            unsafe stream.pointee.next_out = buffer.baseAddress
            unsafe stream.pointee.avail_out = UInt32(buffer.count)
            let code = unsafe CZlib.deflate(stream, flush)
            guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else {
                throw GzipError.unavailable(code: code)
            }
            let produced = unsafe buffer.count - Int(stream.pointee.avail_out)
            if produced > 0 {
                let piece = unsafe Span(_unsafeElements: UnsafeBufferPointer(rebasing: buffer[..<produced]))
                try output(piece)
            }
            if unsafe produced < buffer.count { return }
        }
    }
}
