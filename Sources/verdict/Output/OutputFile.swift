#if canImport(Glibc)
    import Glibc
#endif

/// A file that a command writes: private to the person, buffered, at its place only when it is whole.
///
/// Until it is closed it is written beside its place, so that what a command could not finish costs nobody
/// the file that was there. A device, a pipe or a link is written where it is.
final class OutputFile {
    private static let flushSize = 256 * 1024

    private let path: String
    private let isBeside: Bool
    private var descriptor: Int32
    private var buffer: [UInt8] = []

    /// Begins a file.
    init(path: String) throws {
        self.path = path
        isBeside = Self.isFileOrAbsent(path)
        let place = isBeside ? Self.partial(path) : path
        descriptor = unsafe open(place, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure(path) }
    }

    deinit { discard() }

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

    /// Writes the rest and puts the file at its place.
    func close() throws {
        guard descriptor >= 0 else { return }
        try flush()
        let status = Glibc.close(descriptor)
        descriptor = -1
        guard status == 0 else {
            let failure = Self.failure(path)
            removePartial()
            throw failure
        }
        guard isBeside, unsafe rename(Self.partial(path), path) != 0 else { return }
        let failure = Self.failure(path)
        removePartial()
        throw failure
    }

    /// Gives up a file that was not closed, and leaves what was at its place.
    func discard() {
        guard descriptor >= 0 else { return }
        _ = Glibc.close(descriptor)
        descriptor = -1
        removePartial()
    }

    private func removePartial() {
        if isBeside { _ = unsafe unlink(Self.partial(path)) }
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

    private static func partial(_ path: String) -> String { path + ".partial" }

    private static func isFileOrAbsent(_ path: String) -> Bool {
        var information = stat()
        guard unsafe lstat(path, &information) == 0 else { return errno == ENOENT }
        return information.st_mode & S_IFMT == S_IFREG
    }

    private static func failure(_ path: String) -> CommandFailure {
        let reason = unsafe String(cString: strerror(errno))
        return .failed("cannot write \(printable(path)): \(reason); choose another place or free space")
    }
}
