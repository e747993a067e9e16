internal import Glibc

/// Where lines come from: standard input or a file.
public struct LogSource: Sendable, Hashable {
    /// The path, `-` for standard input.
    public let path: String
    /// The size in bytes when it was found, nil when it is not a regular file.
    public let sizeBytes: Int?
    /// Why it cannot be read, when that was found before opening it.
    public let failure: LogSourceError?

    /// Creates a source.
    public init(path: String, sizeBytes: Int? = nil, failure: LogSourceError? = nil) {
        self.path = path
        self.sizeBytes = sizeBytes
        self.failure = failure
    }

    /// Whether it is standard input.
    public var isStandardInput: Bool { path == "-" }

    /// How deep directories are followed.
    public static let depthLimit = 32

    /// The files that paths denote: `-`, files, and the logs below directories in ascending order.
    ///
    /// Below directories, names that begin with a dot are passed over and symbolic links to directories are
    /// not followed. What is not there or may not be read is a source with a `failure`, in its place.
    public static func expand(_ paths: [String]) -> [LogSource] {
        var leftOut = LeftOutFiles()
        return expand(paths, leftOut: &leftOut)
    }

    /// The files that paths denote, as ``expand(_:)`` finds them; what directories hold besides is told.
    public static func expand(_ paths: [String], leftOut: inout LeftOutFiles) -> [LogSource] {
        var sources: [LogSource] = []
        for path in paths {
            if path == "-" {
                sources.append(LogSource(path: path))
                continue
            }
            var status = stat()
            guard unsafe stat(path, &status) == 0, unsafe access(path, R_OK) == 0 else {
                sources.append(LogSource(LogSourceError(path: path, code: errno)))
                continue
            }
            if status.st_mode & S_IFMT == S_IFDIR {
                collect(directory: path, depth: 0, into: &sources, &leftOut)
            } else {
                sources.append(LogSource(path: path, status: status))
            }
        }
        return sources
    }

    /// Why none of the sources can be read, from the first of them; `nil` when one may be, or there are none.
    public static func commonFailure(of sources: [LogSource]) -> LogSourceError? {
        sources.allSatisfy { $0.failure != nil } ? sources.first?.failure : nil
    }

    private init(path: String, status: stat) {
        self.init(path: path, sizeBytes: status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil)
    }

    private init(_ failure: LogSourceError) {
        self.init(path: failure.path, failure: failure)
    }

    private static func collect(
        directory path: String, depth: Int, into sources: inout [LogSource], _ leftOut: inout LeftOutFiles
    ) {
        let found: Names
        do throws(LogSourceError) {
            guard depth < depthLimit else {
                throw LogSourceError(path: path, reason: "directories nest deeper than \(depthLimit)")
            }
            found = try names(in: path)
        } catch {
            sources.append(LogSource(error))
            return
        }
        let prefix = path.hasSuffix("/") ? path : path + "/"
        for name in found.unreadable {
            sources.append(
                LogSource(LogSourceError(path: prefix + name, reason: "its name is not UTF-8: rename it")))
        }
        for name in found.readable {
            let inner = prefix + name
            var status = stat()
            // A file that vanished since its directory was listed is no error.
            guard unsafe lstat(inner, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                collect(directory: inner, depth: depth + 1, into: &sources, &leftOut)
                continue
            }
            if status.st_mode & S_IFMT == S_IFLNK {
                guard unsafe stat(inner, &status) == 0 else { continue }
            }
            guard status.st_mode & S_IFMT == S_IFREG else { continue }
            if LogFileName.isLog(name) {
                sources.append(LogSource(path: inner, status: status))
            } else {
                leftOut.add(name)
            }
        }
    }

    /// The names in a directory, in ascending order.
    private struct Names {
        var readable: [String] = []
        /// Those of logs that are no text, as far as they are: nothing can be opened by them.
        var unreadable: [String] = []
    }

    private static func names(in path: String) throws(LogSourceError) -> Names {
        guard let directory = unsafe opendir(path) else { throw LogSourceError(path: path, code: errno) }
        defer { unsafe closedir(directory) }
        var names = Names()
        while let entry = unsafe readdir(directory) {
            let (name, isText) = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe (String(cString: $0), String(validatingCString: $0) != nil)
                }
            }
            if name.hasPrefix(".") { continue }
            if isText {
                names.readable.append(name)
            } else if LogFileName.isLog(name) {
                names.unreadable.append(name)
            }
        }
        names.readable.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        names.unreadable.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return names
    }
}
