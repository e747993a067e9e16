import Configuration

#if canImport(Glibc)
    import Glibc
#endif

/// Reads what may be a secret from where the configuration says it is kept; never tells what it read.
enum SecretSource {
    private static let maximumBytes = 4_096

    /// The value, without a line break at its end.
    static func value(of source: Settings.ValueSource) throws(ReceiverProblem) -> String {
        switch source {
        case .text(let text): return text
        case .environment(let name):
            guard let value = EnvironmentVariables.value(name) else {
                throw ReceiverProblem(sentence: "$\(name) is not set; set it for this process")
            }
            return try line(value, from: "$\(name)")
        case .file(let path): return try line(try contents(of: path), from: path)
        }
    }

    private static func line(_ text: String, from place: String) throws(ReceiverProblem) -> String {
        let end = text.lastIndex { !$0.isNewline && $0 != " " }
        let value = end.map { String(text[...$0]) } ?? ""
        guard !value.isEmpty, value.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw ReceiverProblem(
                sentence: "\(place) must hold one line without blanks; write it there and nothing else")
        }
        return value
    }

    private static func contents(of path: String) throws(ReceiverProblem) -> String {
        func failed(_ problem: String) -> ReceiverProblem { ReceiverProblem(sentence: "\(path) \(problem)") }
        // Without blocking: a path may turn out to be a pipe that nobody writes to.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let reason = unsafe String(cString: strerror(errno))
            throw failed("cannot be read: \(reason)")
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw failed("is not a file")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw failed("can be read by others; run chmod 600 on it")
        }
        var bytes = [UInt8](repeating: 0, count: maximumBytes + 1)
        let count = unsafe read(descriptor, &bytes, bytes.count)
        guard count >= 0, count <= maximumBytes else {
            throw failed("is longer than \(maximumBytes) bytes or cannot be read")
        }
        guard let text = String(validating: bytes.prefix(count), as: UTF8.self) else {
            throw failed("is not UTF-8 text")
        }
        return text
    }
}
