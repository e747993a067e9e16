import Glibc

/// The directory of a durable store and the names in it.
struct Directory: Sendable {
    let path: String
    /// Waits until the disk has the names in a directory; a property, so that a test can be a failing disk.
    private let synchronizeNames: @Sendable (String) throws(StoreError) -> Void

    init(
        path: String,
        synchronizeNames: @escaping @Sendable (String) throws(StoreError) -> Void = Directory.synchronize
    ) {
        self.path = path
        self.synchronizeNames = synchronizeNames
    }

    /// What a name in the directory is.
    enum Name: Hashable {
        case journal(UInt64)
        case snapshot(UInt64)
        case index(UInt64)
        /// One of the store's own files, written aside and never finished.
        case unfinished(String)
        /// Not the store's.
        case other(String)

        init(_ name: String) {
            if let own = Name(ofStore: name[...]) {
                self = own
            } else if let suffix = [".new", ".partial"].first(where: { name.hasSuffix($0) }),
                Name(ofStore: name.dropLast(suffix.count)) != nil
            {
                self = .unfinished(name)
            } else {
                self = .other(name)
            }
        }

        private init?(ofStore name: Substring) {
            if let number = Name.number(name, after: "journal-") {
                self = .journal(number)
            } else if let number = Name.number(name, after: "snapshot-") {
                self = .snapshot(number)
            } else if let number = Name.number(name, after: "index-") {
                self = .index(number)
            } else {
                return nil
            }
        }

        /// Far more than a store ever has, and one more is still a number.
        private static let maximumNumber = UInt64.max / 2

        private static func number(_ name: Substring, after prefix: String) -> UInt64? {
            guard name.hasPrefix(prefix) else { return nil }
            let digits = name.dropFirst(prefix.count)
            guard let number = UInt64(digits), String(number) == digits, number <= maximumNumber else {
                return nil
            }
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

    /// Gives a finished file its name, which lasts once the directory is synchronized.
    func rename(_ old: String, to new: String) throws(StoreError) {
        guard unsafe Glibc.rename(old, new) == 0 else { throw File.failure("renamed", old) }
    }

    /// Removes a file; one that is not there is fine.
    func remove(_ file: String) {
        unsafe _ = unlink(file)
    }

    /// Removes what a crash left of the store's own files: what was never finished, and other numbers' files.
    func removeLeavings(besides number: UInt64) throws(StoreError) {
        for name in try names() {
            switch name {
            case .unfinished(let name): remove("\(path)/\(name)")
            case .journal(let other) where other != number: remove(journal(other))
            case .snapshot(let other) where other != number: remove(snapshot(other))
            case .index(let other) where other != number: remove(index(other))
            case .journal, .snapshot, .index, .other: break
            }
        }
    }

    /// Waits until the disk has the names.
    func synchronize() throws(StoreError) { try synchronizeNames(path) }

    static func synchronize(_ path: String) throws(StoreError) {
        let directory = try File.open(path, flags: O_RDONLY | O_DIRECTORY)
        guard fsync(directory.descriptor) == 0 else { throw File.failure("synchronized", path) }
    }

    /// Bytes free for this user on the disk where the directory is or will be; `nil` when that is not known.
    func freeBytes() -> Int? {
        var status = statvfs()
        var place = path[...]
        while unsafe statvfs(String(place), &status) != 0 {
            guard errno == ENOENT, !place.isEmpty, place != "/", place != "." else { return nil }
            let parent = place.lastIndex(of: "/").map { place[..<$0] } ?? "."
            place = parent.isEmpty ? "/" : parent
        }
        return Int(status.f_bavail) * Int(status.f_frsize)
    }
}
