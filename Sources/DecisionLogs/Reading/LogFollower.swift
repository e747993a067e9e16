internal import Decisions
internal import Glibc

/// Follows a growing log file, or the files of a directory, through truncation and rotation.
///
/// The caller polls when it likes; each poll reads what has been added. A line without its line break waits
/// for the rest.
public struct LogFollower: ~Copyable {
    private let paths: [String]
    private let parser: LineParser
    private var files: [String: FollowedFile] = [:]

    /// How much one poll reads of one file.
    public static let pollBytes = 4 << 20

    /// Creates a follower of files and directories; nothing is opened yet, and they may not exist yet.
    public init(paths: [String], parser: LineParser) {
        self.paths = paths
        self.parser = parser
    }

    deinit {
        for file in files.values { file.close() }
    }

    /// What one poll found in one file.
    public struct Batch: Sendable {
        /// The file.
        public let path: String
        /// The items, in order.
        public let items: [LogItem]
        /// Whether more than one poll's worth was waiting, so that the next poll should come at once.
        public let hasMore: Bool
    }

    /// Reads what has been added since the last poll, file by file.
    ///
    /// Throws a `LogSourceError`.
    public mutating func poll() throws(LogSourceError) -> [Batch] {
        var batches: [Batch] = []
        for path in try currentPaths() {
            var file =
                files.removeValue(forKey: path)
                ?? FollowedFile(path: path, lineLimitBytes: parser.limits.bytes)
            defer { files[path] = file }
            let batch = try file.poll(parser: parser, limitBytes: Self.pollBytes)
            if !batch.items.isEmpty || batch.hasMore { batches.append(batch) }
        }
        return batches
    }

    /// The files to look at now; a path that is not there yet is simply waited for.
    private func currentPaths() throws(LogSourceError) -> [String] {
        var current: [String] = []
        for path in paths {
            if unsafe access(path, F_OK) != 0 {
                current.append(path)
            } else {
                current += try LogSource.expand([path]).map(\.path)
            }
        }
        // A file that vanished from a directory is still read to its end.
        for path in files.keys.sorted() where !current.contains(path) { current.append(path) }
        return current
    }
}

/// What a look at a followed path calls for.
enum FollowStep: Equatable {
    /// There is nothing to read.
    case wait
    /// The open file has grown.
    case read
    /// The file was cut short: begin again.
    case restart
    /// Another file has taken the path: read this one to its end, then open the new one.
    case rotate

    /// Decides by what is open and what stands at the path; `nil` where there is nothing.
    static func next(openFile: FileIdentity?, offset: Int, openSize: Int, atPath: FileIdentity?) -> FollowStep
    {
        guard let openFile else { return atPath == nil ? .wait : .rotate }
        if openSize < offset { return .restart }
        if openSize > offset { return .read }
        if let atPath, atPath != openFile { return .rotate }
        return .wait
    }
}

/// What makes a file itself, whatever its name.
struct FileIdentity: Equatable {
    let device: UInt
    let inode: UInt
}
