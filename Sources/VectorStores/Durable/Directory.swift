import Glibc

/// The directory of a durable store and the names in it.
struct Directory: Sendable {
    let path: String

    /// What a name in the directory is.
    enum Name: Hashable {
        case journal(UInt64)
        case snapshot(UInt64)
        case index(UInt64)
        /// Written aside and never finished.
        case unfinished(String)
        case other(String)

        init(_ name: String) {
            if name.hasSuffix(".new") || name.hasSuffix(".partial") {
                self = .unfinished(name)
            } else if let number = Name.number(name, after: "journal-") {
                self = .journal(number)
            } else if let number = Name.number(name, after: "snapshot-") {
                self = .snapshot(number)
            } else if let number = Name.number(name, after: "index-") {
                self = .index(number)
            } else {
                self = .other(name)
            }
        }

        private static func number(_ name: String, after prefix: String) -> UInt64? {
            guard name.hasPrefix(prefix) else { return nil }
            let digits = name.dropFirst(prefix.count)
            guard let number = UInt64(digits), String(number) == digits else { return nil }
            return number
        }
    }

    func journal(_ number: UInt64) -> String { "\(path)/journal-\(number)" }
    func snapshot(_ number: UInt64) -> String { "\(path)/snapshot-\(number)" }
    func index(_ number: UInt64) -> String { "\(path)/index-\(number)" }
    var lock: String { "\(path)/lock" }

    /// Whether there is a directory at the path.
    func exists() throws(StoreError) -> Bool {
        var status = stat()
        if unsafe stat(path, &status) != 0 {
            if errno == ENOENT || errno == ENOTDIR { return false }
            throw File.failure("opened", path)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw StoreError(
                .inputOutput,
                "\(PrintedText.escaped(path)) is a file, not a directory: name a directory for the store")
        }
        return true
    }

    /// Makes the directory and those above it, for its owner only.
    func create() throws(StoreError) {
        var prefix = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            prefix += part
            if unsafe mkdir(prefix, 0o700) != 0, errno != EEXIST, errno != EISDIR {
                throw File.failure("created", prefix)
            }
            prefix += "/"
        }
    }

    /// The names in the directory, in no order.
    func names() throws(StoreError) -> [Name] {
        guard let stream = unsafe opendir(path) else { throw File.failure("listed", path) }
        defer { unsafe closedir(stream) }
        var names: [Name] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                unsafe tuple.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(Name(name)) }
        }
        return names
    }

    /// Gives a finished file its name and makes that last.
    func rename(_ old: String, to new: String) throws(StoreError) {
        guard unsafe Glibc.rename(old, new) == 0 else { throw File.failure("renamed", old) }
        try synchronize()
    }

    /// Removes a file; one that is not there is fine.
    func remove(_ file: String) {
        unsafe _ = unlink(file)
    }

    /// Waits until the disk has the names.
    func synchronize() throws(StoreError) {
        let directory = try File.open(path, flags: O_RDONLY | O_DIRECTORY)
        guard fsync(directory.descriptor) == 0 else { throw File.failure("synchronized", path) }
    }

    /// Bytes free for this user on the directory's disk; `nil` when the system does not say.
    func freeBytes() -> Int? {
        var status = statvfs()
        guard unsafe statvfs(path, &status) == 0 else { return nil }
        return Int(status.f_bavail) * Int(status.f_frsize)
    }
}
