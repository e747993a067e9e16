import Glibc

/// An open file that knows its path and closes itself; every failing call becomes a ``StoreError``.
final class File: Sendable {
    let path: String
    let descriptor: Int32

    private init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Opens a file; a new one is readable by its owner only.
    static func open(_ path: String, flags: Int32) throws(StoreError) -> File {
        let descriptor = unsafe path.withCString { unsafe Glibc.open($0, flags | O_CLOEXEC, 0o600) }
        guard descriptor >= 0 else { throw failure("opened", path) }
        return File(path: path, descriptor: descriptor)
    }

    /// Opens a file for reading; `nil` when it is not there.
    static func openIfThere(_ path: String) throws(StoreError) -> File? {
        let descriptor = unsafe path.withCString { unsafe Glibc.open($0, O_RDONLY | O_CLOEXEC) }
        if descriptor < 0, errno == ENOENT { return nil }
        guard descriptor >= 0 else { throw failure("opened", path) }
        return File(path: path, descriptor: descriptor)
    }

    /// The file's length in bytes.
    func length() throws(StoreError) -> Int {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw File.failure("measured", path) }
        return Int(status.st_size)
    }

    /// Whether the file has no name any more.
    func isRemoved() throws(StoreError) -> Bool {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw File.failure("measured", path) }
        return status.st_nlink == 0
    }

    /// Writes all bytes at the end of what was written.
    func write(_ bytes: [UInt8]) throws(StoreError) {
        try unsafe bytes.span.withUnsafeBytes { (buffer) throws(StoreError) in try unsafe write(buffer) }
    }

    /// Writes all bytes at the end of what was written.
    @unsafe func write(_ bytes: UnsafeRawBufferPointer) throws(StoreError) {
        var rest = unsafe bytes[...]
        while unsafe !rest.isEmpty {
            let slice = unsafe UnsafeRawBufferPointer(rebasing: rest)
            let count = unsafe Glibc.write(descriptor, slice.baseAddress, slice.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw File.failure("written", path)
            }
            unsafe rest = rest.dropFirst(count)
        }
    }

    /// Reads up to `count` bytes from an offset; fewer only at the end of the file.
    func read(_ count: Int, at offset: Int) throws(StoreError) -> [UInt8] {
        // The storage of all empty arrays is one, and an empty one made below would be written to.
        guard count > 0 else { return [] }
        var failed = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = 0
            while filled < count {
                guard let start = buffer.baseAddress else { return }
                let got = unsafe pread(descriptor, start + filled, count - filled, off_t(offset + filled))
                if got < 0 && errno == EINTR { continue }
                if got < 0 { failed = true }
                if got <= 0 { return }
                filled += got
            }
        }
        if failed { throw File.failure("read", path) }
        return bytes
    }

    /// Moves the place of the next write.
    func seek(to offset: Int) throws(StoreError) {
        guard lseek(descriptor, off_t(offset), SEEK_SET) == off_t(offset) else {
            throw File.failure("positioned", path)
        }
    }

    /// Cuts the file to a length.
    func truncate(to length: Int) throws(StoreError) {
        guard ftruncate(descriptor, off_t(length)) == 0 else { throw File.failure("cut", path) }
        try seek(to: length)
    }

    /// Waits until the disk has the content.
    func synchronize() throws(StoreError) {
        guard fdatasync(descriptor) == 0 else { throw File.failure("synchronized", path) }
    }

    /// The error of the last system call, in one sentence.
    static func failure(_ action: String, _ path: String) -> StoreError {
        let code = errno
        let reason = unsafe String(cString: strerror(code))
        let advice =
            switch code {
            case ENOSPC, EDQUOT, EFBIG: "free some space and try again"
            case EACCES, EPERM, EROFS: "check the permissions"
            default: "check the disk"
            }
        return StoreError(
            .inputOutput, "\(PrintedText.escaped(path)) could not be \(action) (\(reason)): \(advice)")
    }
}
