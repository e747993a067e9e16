import Locks

#if canImport(Glibc)
    import Glibc
#endif

/// The reader of standard output went away.
struct ClosedPipe: Error {}

/// Standard output, buffered; nothing but what a command answers goes here.
final class StandardOutput: Sendable {
    static let shared = StandardOutput()

    private static let flushSize = 64 * 1024
    private let buffer = Mutex<[UInt8]>([])

    /// Adds text; writes when enough has come together.
    ///
    /// Throws ``ClosedPipe`` when the reader is gone and ``CommandFailure`` when the device refuses.
    func write(_ text: String) throws {
        let full: [UInt8] = buffer.withLock { buffer in
            buffer.append(contentsOf: text.utf8)
            return buffer.count >= Self.flushSize ? Self.take(&buffer) : []
        }
        if !full.isEmpty { try writeBytes(full, to: STDOUT_FILENO) }
    }

    /// Writes what is buffered now, for output that is watched as it comes.
    func flushNow() throws {
        let rest: [UInt8] = buffer.withLock { Self.take(&$0) }
        if !rest.isEmpty { try writeBytes(rest, to: STDOUT_FILENO) }
    }

    /// Writes text of a help page.
    func writeIgnoringClosedPipe(_ text: String) {
        try? write(text)
    }

    private static func take(_ buffer: inout [UInt8]) -> [UInt8] {
        defer { buffer = [] }
        return buffer
    }
}

/// Standard error: progress, warnings, rejects.
enum StandardError {
    /// Writes text at once; a failure to do so is of no use to anybody.
    static func write(_ text: String) {
        try? writeBytes(Array(text.utf8), to: STDERR_FILENO)
    }

    /// Writes what went wrong; names of files and words of a log may be part of it.
    static func write(message: String) {
        write("verdict: \(printableLines(message))\n")
    }

    /// Whether a person reads it.
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }
}

private func writeBytes(_ bytes: [UInt8], to descriptor: Int32) throws {
    var written = 0
    while written < bytes.count {
        // Safe: the pointer and the count come from the same array.
        let size = unsafe bytes.withUnsafeBytes { raw in
            unsafe Glibc.write(
                descriptor, raw.baseAddress.map { unsafe $0 + written }, raw.count - written)
        }
        if size > 0 {
            written += size
        } else if errno == EPIPE {
            throw ClosedPipe()
        } else if errno != EINTR {
            let reason = unsafe String(cString: strerror(errno))
            throw CommandFailure.failed("cannot write the output: \(reason); free space or write elsewhere")
        }
    }
}
