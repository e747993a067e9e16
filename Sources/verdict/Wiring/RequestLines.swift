#if canImport(Glibc)
    import Glibc
#endif

/// The lines of a file or of standard input, one at a time, each with a limit.
enum RequestLines {
    /// The most bytes of a line, as of any log.
    static let maximumBytes = 16 << 20

    /// A line that is not blank.
    enum Line {
        case text(String)
        /// None that can be read, and why.
        case unreadable(String)
    }

    /// Hands each line that is not blank to `body` with its number.
    static func forEach(of path: String, _ body: (Int, Line) async throws -> Void) async throws {
        // Safe: the text is made a C string for the time of the call.
        let descriptor = unsafe path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let reason = unsafe String(cString: strerror(errno))
            throw CommandFailure.failed("\(path): \(reason); name a file of requests, one a line, or -")
        }
        defer { if path != "-" { close(descriptor) } }
        var (line, number, isTooLong) = ([UInt8](), 1, false)
        func take() async throws {
            if isTooLong {
                try await body(number, .unreadable("longer than \(maximumBytes >> 20) MiB"))
            } else if let text = String(validating: line, as: UTF8.self) {
                if !text.allSatisfy(\.isWhitespace) { try await body(number, .text(text)) }
            } else {
                try await body(number, .unreadable("not UTF-8 text"))
            }
            (line, number, isTooLong) = ([], number + 1, false)
        }
        while let chunk = try chunk(of: descriptor, path) {
            for byte in chunk {
                if byte == UInt8(ascii: "\n") {
                    try await take()
                } else if line.count < maximumBytes {
                    line.append(byte)
                } else {
                    isTooLong = true
                }
            }
        }
        if !line.isEmpty { try await take() }
    }

    /// The next bytes; `nil` at the end.
    private static func chunk(of descriptor: Int32, _ path: String) throws -> [UInt8]? {
        while true {
            var bytes = [UInt8](repeating: 0, count: 64 * 1_024)
            // Safe: the pointer and the count come from the same array.
            let count = unsafe bytes.withUnsafeMutableBytes { raw in
                unsafe read(descriptor, raw.baseAddress, raw.count)
            }
            if count > 0 { return Array(bytes[..<count]) }
            if count == 0 { return nil }
            guard errno == EINTR else {
                let reason = unsafe String(cString: strerror(errno))
                throw CommandFailure.failed("\(path): \(reason); the requests before it are judged")
            }
            try Interruption.check()
        }
    }
}
