internal import Decisions

/// What stands on a line before its record: a time, and with container runtimes where the line came from.
///
/// CloudWatch Logs writes `2025-03-04T10:15:01.104Z {…}` into exports to S3. The logging format of the
/// Kubernetes container runtime interface (CRI) is `2025-03-04T10:15:01.104250123Z stdout F {…}`.
struct LinePrefix: Equatable {
    /// How many bytes of the line it takes.
    let length: Int
    /// Whether a container runtime wrote it, so that anything that a program prints may follow.
    let isOfContainer: Bool

    /// Longer than any time that RFC 3339 can spell with nine digits.
    private static let wordLimitBytes = 40
    private static let streams = ["stdout", "stderr"].map { Array($0.utf8) }

    /// Finds the prefix of a line; nil when it begins otherwise.
    init?(of line: Span<UInt8>) {
        guard let time = Self.word(of: line, from: 0), Timestamp(rfc3339: time.span) != nil else {
            return nil
        }
        let timeLength = time.count + 1
        // A line's tags begin with F where it is whole, and with P where the runtime cut it.
        guard let stream = Self.word(of: line, from: timeLength), Self.streams.contains(stream),
            let tags = Self.word(of: line, from: timeLength + stream.count + 1),
            tags.first == UInt8(ascii: "F") || tags.first == UInt8(ascii: "P")
        else {
            length = timeLength
            isOfContainer = false
            return
        }
        length = timeLength + stream.count + tags.count + 2
        isOfContainer = true
    }

    /// The bytes before the next blank; nil when none follows soon.
    private static func word(of line: Span<UInt8>, from start: Int) -> [UInt8]? {
        var word: [UInt8] = []
        var place = start
        while place < line.count, word.count <= wordLimitBytes {
            if line[place] == UInt8(ascii: " ") { return word }
            word.append(line[place])
            place += 1
        }
        return nil
    }
}
