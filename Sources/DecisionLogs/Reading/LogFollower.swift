internal import Decisions
internal import Glibc

/// Follows a growing log file, or the files of a directory, through truncation and rotation.
///
/// The caller polls when it likes; each poll reads what has been added. A line without its line break waits
/// for the rest. A compressed file is read once it has stopped growing, and again only when it has changed.
public struct LogFollower: ~Copyable {
    private let paths: [String]
    private let parser: LineParser
    private var files: [String: FollowedFile] = [:]
    /// The followed path that each file was found under.
    private var sources: [String: String] = [:]
    /// The followed paths that never led to anything so far.
    public private(set) var awaited: Set<String>

    /// How many files are remembered.
    var fileCount: Int { files.count }

    /// How much one poll reads of one file.
    public static let pollBytes = 4 << 20

    /// Creates a follower of files and directories; nothing is opened yet, and they may not exist yet.
    public init(paths: [String], parser: LineParser) {
        self.paths = paths
        self.parser = parser
        awaited = Set(paths)
    }

    deinit {
        for file in files.values { file.close() }
    }

    /// What one poll found in one file.
    public struct Batch: Sendable {
        /// The file, or a directory that could not be read.
        public let path: String
        /// The followed path that it was found under.
        public let source: String
        /// The items, in order; what was read before a failure is among them.
        public let items: [LogItem]
        /// Whether more than one poll's worth was waiting, so that the next poll should come at once.
        public let hasMore: Bool
        /// Whether the file is compressed: it is read whole, and not as it grows.
        public let isCompressed: Bool
        /// Why it could not be read on; the next poll tries again.
        public let failure: LogSourceError?
    }

    /// Reads what has been added since the last poll, file by file; files in `paused` are left for later.
    ///
    /// One file that cannot be read keeps no other from being read.
    public mutating func poll(except paused: Set<String> = []) -> [Batch] {
        var batches: [Batch] = []
        for path in findFiles(except: paused, failures: &batches) where !paused.contains(path) {
            var file =
                files.removeValue(forKey: path)
                ?? FollowedFile(path: path, lineLimitBytes: parser.limits.bytes)
            let reading = file.poll(parser: parser, limitBytes: Self.pollBytes)
            let source = sources[path] ?? path
            if reading.isGone {
                file.close()
                sources[path] = nil
            } else {
                files[path] = file
            }
            guard !reading.items.isEmpty || reading.hasMore || reading.failure != nil else { continue }
            batches.append(
                Batch(
                    path: path, source: source, items: reading.items, hasMore: reading.hasMore,
                    isCompressed: reading.isCompressed, failure: reading.failure))
        }
        return batches
    }

    /// The files to look at now; a path that is not there yet is simply waited for.
    private mutating func findFiles(except paused: Set<String>, failures: inout [Batch]) -> [String] {
        var found: [String] = []
        for source in paths where !paused.contains(source) {
            // A path that leads to nothing may do so later; a file is opened to see why it cannot be.
            let exists = unsafe access(source, F_OK) == 0
            if exists || errno != ENOENT { awaited.remove(source) }
            for file in exists ? LogSource.expand([source]) : [LogSource(path: source)]
            where !paused.contains(file.path) {
                sources[file.path] = source
                guard let failure = file.failure else {
                    found.append(file.path)
                    continue
                }
                failures.append(
                    Batch(
                        path: file.path, source: source, items: [], hasMore: false, isCompressed: false,
                        failure: failure))
            }
        }
        // A file that vanished from a directory is still read to its end.
        let current = Set(found)
        return found + files.keys.sorted().filter { !current.contains($0) }
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
