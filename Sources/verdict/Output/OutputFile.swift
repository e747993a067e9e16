#if canImport(Glibc)
    import Glibc
#endif

/// A file that a command writes: private to the person, buffered.
final class OutputFile {
    private static let flushSize = 256 * 1024

    private let path: String
    private var descriptor: Int32
    private var buffer: [UInt8] = []

    /// Creates or empties a file.
    init(path: String) throws {
        self.path = path
        descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure(path) }
    }

    /// Adds text.
    func write(_ text: String) throws {
        size += text.utf8.count
        buffer.append(contentsOf: text.utf8)
        if buffer.count >= Self.flushSize { try flush() }
    }

    /// Adds bytes.
    func write(_ bytes: [UInt8]) throws {
        size += bytes.count
        buffer.append(contentsOf: bytes)
        if buffer.count >= Self.flushSize { try flush() }
    }

    /// Bytes added so far.
    private(set) var size = 0

    /// Writes the rest and closes the file.
    func close() throws {
        guard descriptor >= 0 else { return }
        defer { descriptor = -1 }
        do { try flush() } catch {
            _ = Glibc.close(descriptor)
            throw error
        }
        guard Glibc.close(descriptor) == 0 else { throw Self.failure(path) }
    }

    private func flush() throws {
        var written = 0
        while written < buffer.count {
            // Safe: the pointer and the count come from the same array.
            let size = unsafe buffer.withUnsafeBytes { raw in
                unsafe Glibc.write(
                    descriptor, raw.baseAddress.map { unsafe $0 + written }, raw.count - written)
            }
            if size < 0, errno == EINTR { continue }
            guard size >= 0 else { throw Self.failure(path) }
            written += size
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private static func failure(_ path: String) -> CommandFailure {
        let reason = unsafe String(cString: strerror(errno))
        return .failed("cannot write \(printable(path)): \(reason); choose another place or free space")
    }
}
