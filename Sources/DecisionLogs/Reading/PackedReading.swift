/// Reads a compressed file among followed ones: whole, and once it has stopped growing.
///
/// What compresses a log writes it in pieces, and half a file is no gzip stream.
final class PackedReading {
    private let path: String
    private var reader: LogReader?
    /// How large the file was when it was looked at last, or when reading began.
    private(set) var sizeBytes = -1
    /// Whether all of it was read.
    private(set) var isAtEnd = false

    init(path: String) {
        self.path = path
    }

    /// Reads the next items of an open file and says how many bytes they took; nil until two looks have
    /// found the file equally large.
    func read(
        _ descriptor: Int32, size: Int, parser: LineParser, into items: inout [LogItem]
    ) throws(LogSourceError) -> Int? {
        if isAtEnd || reader == nil {
            isAtEnd = false
            guard size == sizeBytes else {
                sizeBytes = size
                return nil
            }
            reader = try LogReader(path: path, rereading: descriptor, parser: parser)
        }
        let before = reader?.bytesCut ?? 0
        if let batch = reader?.nextBatch() {
            items += batch
        } else {
            isAtEnd = true
        }
        let after = reader?.bytesCut ?? 0
        if isAtEnd { reader = nil }
        return after - before
    }
}
