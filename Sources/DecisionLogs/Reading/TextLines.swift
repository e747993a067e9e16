/// Reads a text file that is no log line by line, inflated when it is gzip, in constant memory.
public enum TextLines {
    /// How long a line may be.
    public static let limitBytes = 64 << 10

    /// Hands each line to `body` with its number, from 1; throws a `LogSourceError` where it cannot be read on.
    ///
    /// `check` is asked again and again, also while a pipe has nothing to give: what it throws ends the reading.
    public static func forEach(
        in path: String, check: () throws -> Void, _ body: (Int, String) throws -> Void
    ) throws {
        var stream = try ByteStream(LogSource(path: path))
        var splitter = LineSplitter(limitBytes: limitBytes)
        func take(_ number: Int, _ piece: Piece, _ line: Span<UInt8>) throws {
            guard piece == .whole else {
                throw LogSourceError(
                    path: path, reason: "line \(number) is longer than \(limitBytes / 1_024) KiB")
            }
            let text: String
            do {
                text = String(copying: try UTF8Span(validating: line))
            } catch {
                throw LogSourceError(path: path, reason: "line \(number) is not UTF-8 text")
            }
            try body(number, text)
        }
        while true {
            try check()
            let step = try stream.next { chunk in try splitter.feed(chunk, take) }
            if step == .end { break }
        }
        try splitter.finish(take)
    }
}
