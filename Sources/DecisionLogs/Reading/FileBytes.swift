internal import Glibc

/// Single looks into open files.
enum FileBytes {
    /// The first bytes of an open file, as many as are marked at most.
    static func first(of descriptor: Int32, path: String = "") throws(LogSourceError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: BytesMark.longest)
        let count = unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe pread(descriptor, buffer.baseAddress, buffer.count, 0)
        }
        guard count >= 0 else { throw LogSourceError(path: path, code: errno) }
        return Array(bytes.prefix(count))
    }

    /// Opens a regular file; nil when nothing is there.
    ///
    /// A pipe is neither waited for nor taken for one: whoever writes to it would take that for a reader.
    static func open(_ path: String) throws(LogSourceError) -> (descriptor: Int32, status: stat)? {
        var status = stat()
        if unsafe stat(path, &status) == 0 { try requireFile(status, path) }
        // What stands there may change until it is opened.
        let opened = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        if opened < 0 {
            if errno == ENOENT { return nil }
            throw LogSourceError(path: path, code: errno)
        }
        do throws(LogSourceError) {
            guard unsafe fstat(opened, &status) == 0 else { throw LogSourceError(path: path, code: errno) }
            try requireFile(status, path)
        } catch {
            close(opened)
            throw error
        }
        return (opened, status)
    }

    private static func requireFile(_ status: stat, _ path: String) throws(LogSourceError) {
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw LogSourceError(
                path: path, reason: "only files can be followed; pipe anything else into verdict ingest -")
        }
    }
}
