internal import Glibc

/// What stands at the followed paths now.
struct FollowedListing {
    /// A file at a look.
    struct Sight {
        var path: String
        /// The followed path that it was found under.
        var source: String
        var identity: FileIdentity
        var size: Int
        var modified: FileTime
    }

    /// What cannot be read, and the followed path that it was found under.
    struct Failure {
        var source: String
        var error: LogSourceError
    }

    /// The followed paths that never led to anything so far.
    private(set) var awaited: Set<String>
    /// The files, by path within each followed one.
    private(set) var sights: [Sight] = []
    /// The followed paths that are no directories.
    private(set) var filePaths: [String] = []
    private let paths: [String]
    private var looks = 0

    /// So many files are looked for at every look; more of them at as many fewer.
    static let filesPerLook = 2_000
    /// The most looks for which a listing holds.
    static let longestStride = 40

    init(paths: [String]) {
        self.paths = paths
        awaited = Set(paths)
    }

    /// Looks again, except at what is paused; what cannot be read is returned.
    mutating func look(except paused: Set<String>) -> [Failure] {
        defer { looks += 1 }
        let stride = min(Self.longestStride, 1 + sights.count / Self.filesPerLook)
        guard looks % stride == 0 else { return [] }
        sights = []
        filePaths = []
        var failures: [Failure] = []
        for source in paths where !paused.contains(source) { look(at: source, except: paused, &failures) }
        return failures
    }

    private mutating func look(at source: String, except paused: Set<String>, _ failures: inout [Failure]) {
        var status = stat()
        guard unsafe stat(source, &status) == 0 else {
            let code = errno
            filePaths.append(source)
            // What is not there yet is simply waited for.
            if code == ENOENT { return }
            awaited.remove(source)
            failures.append(Failure(source: source, error: LogSourceError(path: source, code: code)))
            return
        }
        awaited.remove(source)
        guard status.st_mode & S_IFMT == S_IFDIR else {
            filePaths.append(source)
            add(source, source, status)
            return
        }
        for file in LogSource.expand([source]) where !paused.contains(file.path) {
            if let failure = file.failure {
                failures.append(Failure(source: source, error: failure))
            } else if unsafe stat(file.path, &status) == 0 {
                add(file.path, source, status)
            }
        }
    }

    private mutating func add(_ path: String, _ source: String, _ status: stat) {
        sights.append(
            Sight(
                path: path, source: source, identity: FileIdentity(status), size: Int(status.st_size),
                modified: FileTime(status)))
    }
}
