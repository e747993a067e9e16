internal import Glibc

/// The files beside a followed one, among which are those that it was turned into.
struct SiblingFiles {
    /// One of them.
    struct File {
        var path: String
        var identity: FileIdentity
        var size: Int
        var modified: FileTime
    }

    /// How many names of a directory are looked at.
    static let namesLimit = 20_000
    /// How many files are opened to see what they hold.
    static let openedLimit = 32

    private let path: String
    private let files: [File]

    /// Looks at the directory of a path.
    init(of path: String) {
        self.path = path
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "./"
        let prefix = path.contains("/") ? folder : ""
        files = Self.names(in: folder).compactMap { name in
            let inner = prefix + name
            var status = stat()
            guard inner != path, unsafe lstat(inner, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
                return nil
            }
            return File(
                path: inner, identity: FileIdentity(status), size: Int(status.st_size),
                modified: FileTime(status))
        }
    }

    /// The file with a number.
    func file(_ identity: FileIdentity) -> File? { files.first { $0.identity == identity } }

    /// A copy of what was read to a position, compressed or not: of those that are named after the followed file.
    func copy(of position: ReadPosition) -> File? {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let stem = name.prefix { $0 != "." }
        let named = files.filter { file in
            (file.path.split(separator: "/").last ?? "").hasPrefix(stem)
        }
        var known = KnownPositions()
        known.keep(position)
        return named.sorted { $0.modified > $1.modified }.prefix(Self.openedLimit).first { file in
            guard let (opened, status) = try? FileBytes.open(file.path) else { return false }
            defer { close(opened) }
            if position.holds(in: opened, size: Int(status.st_size)) { return true }
            guard let stream = try? ByteStream(path: file.path, rereading: opened) else { return false }
            var rest = PackedRest(stream: stream)
            return rest.skip(known) != nil
        }
    }

    /// The files that are named as if they had been the followed one, and were changed after one of them, the oldest
    /// first.
    func rotations(since one: File) -> [File] {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return files.filter { file in
            let other = file.path.split(separator: "/").last.map(String.init) ?? file.path
            return file.identity != one.identity && file.modified >= one.modified
                && Self.isRotation(other, of: name)
        }.sorted { ($0.modified, $0.path) < ($1.modified, $1.path) }
    }

    /// Whether a name is another one with a number or a time: `audit.log.1`, `audit-2026-01-05T09-00-00.log.gz`.
    static func isRotation(_ other: String, of name: String) -> Bool {
        let begins = { (text: Substring) in
            guard let mark = text.first, "._-".contains(mark) else { return false }
            return text.dropFirst().first?.isNumber ?? false
        }
        if other.hasPrefix(name) { return begins(other.dropFirst(name.count)) }
        guard let point = name.lastIndex(of: "."), other.hasPrefix(name[..<point]) else { return false }
        let rest = other.dropFirst(name[..<point].count)
        return begins(rest) && rest.contains(name[point...])
    }

    private static func names(in folder: String) -> [String] {
        guard let directory = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while names.count < namesLimit, let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(validatingCString: $0)
                }
            }
            if let name, !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }
}

/// When a file was changed.
struct FileTime: Hashable, Comparable {
    let seconds: Int
    let nanoseconds: Int

    init(_ status: stat) {
        seconds = Int(status.st_mtim.tv_sec)
        nanoseconds = Int(status.st_mtim.tv_nsec)
    }

    static func < (lhs: FileTime, rhs: FileTime) -> Bool {
        (lhs.seconds, lhs.nanoseconds) < (rhs.seconds, rhs.nanoseconds)
    }
}
