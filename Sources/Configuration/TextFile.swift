import Glibc

/// Reads small text files whole.
enum TextFile {
    /// The text of a file of at most so many bytes; a byte order mark is left out.
    static func read(_ path: String, maximumBytes: Int) throws(ConfigurationError) -> String {
        func failed(_ problem: String) -> ConfigurationError {
            ConfigurationError(file: path, problem: problem)
        }
        // Without blocking: a path may turn out to be a pipe that nobody writes to.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failed("cannot be read: \(reason(errno))") }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw failed("is not a file")
        }
        guard Int(status.st_size) <= maximumBytes else {
            throw failed("is larger than \(maximumBytes / 1024) KiB")
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while bytes.count <= maximumBytes {
            let count = unsafe Glibc.read(descriptor, &chunk, 64 * 1024)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failed("cannot be read: \(reason(errno))") }
            if count == 0 { break }
            bytes += chunk.prefix(count)
        }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw failed("is not UTF-8 text") }
        return text
    }

    /// The names in a directory, sorted and without hidden ones; nil when it cannot be read.
    static func names(in directory: String) -> [String]? {
        guard let stream = unsafe opendir(directory) else { return nil }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    /// Whether the path is a directory.
    static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func reason(_ number: Int32) -> String {
        unsafe String(cString: strerror(number))
    }
}
