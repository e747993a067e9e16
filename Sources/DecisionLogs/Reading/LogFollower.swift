internal import Decisions
internal import Glibc

/// Follows growing log files, or the files of directories, through truncation and rotation.
///
/// The caller polls when it likes; each poll reads what has been added. A line without its line break waits
/// for the rest. A compressed file is read once it has stopped growing, and again only when it has changed.
/// A file is itself under whatever name: one that was renamed is read on, and what was read of a file is known
/// in its copies, compressed or not.
public struct LogFollower: ~Copyable {
    private let parser: LineParser
    private var listing: FollowedListing
    private var files: [FileIdentity: FollowedFile] = [:]
    private var known = KnownPositions()
    /// What was kept of the files that are followed by name, until they are looked at first.
    private var kept: [String: [ReadPosition]]
    /// Where the next poll begins, when the last one had enough before its end.
    private var next: String?
    /// How many files were opened so far.
    private var begun = 0
    /// The files that went on where they were left, by followed path, until that was told.
    private var resumed: [String: [Int]] = [:]

    /// How many files are remembered.
    var fileCount: Int { files.count }
    /// How many files are open.
    var openCount: Int { files.values.count(where: \.isOpen) }

    /// The followed paths that never led to anything so far.
    public var awaited: Set<String> { listing.awaited }

    /// How much one poll reads of one file.
    public static let pollBytes = 4 << 20
    /// How much one poll reads in all.
    public static let turnBytes = 16 << 20
    /// So many files are kept open at rest.
    static let openLimit = 64

    /// Creates a follower of files and directories; nothing is opened yet, and they may not exist yet.
    ///
    /// - Parameters:
    ///   - paths: What is followed.
    ///   - parser: How lines are read.
    ///   - kept: How far files were read before, the latest last, by the followed path that they belonged to.
    public init(paths: [String], parser: LineParser, resuming kept: [String: [ReadPosition]] = [:]) {
        self.parser = parser
        self.kept = kept
        listing = FollowedListing(paths: paths)
        for positions in kept.values { for position in positions { known.keep(position) } }
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
        /// Which file, whatever its name; `nil` where none could be opened.
        public let file: FileIdentity?
        /// The items, in order; what was read before a failure is among them.
        public let items: [LogItem]
        /// How far the file is read with these items; `nil` where no reading can begin.
        public let position: ReadPosition?
        /// Whether more than one poll's worth was waiting, so that the next poll should come at once.
        public fileprivate(set) var hasMore: Bool
        /// Whether the file is compressed: it is read whole, and not as it grows.
        public let isCompressed: Bool
        /// Why it could not be read on; the next poll tries again.
        public let failure: LogSourceError?
    }

    /// Reads what has been added since the last poll, file by file; files in `paused` are left for later.
    ///
    /// One file that cannot be read keeps no other from being read.
    public mutating func poll(except paused: Set<String> = []) -> [Batch] {
        let failures = listing.look(except: paused)
        var batches = failures.map { failure in
            Batch(
                path: failure.error.path, source: failure.source, file: nil, items: [], position: nil,
                hasMore: false, isCompressed: false, failure: failure.error)
        }
        findRemains(except: paused)
        var left = Self.turnBytes
        /// Followed paths of which a file that comes first is not read to its end for the first time.
        var behind: Set<String> = []
        var open = openCount
        for turn in turns(except: paused) {
            guard left > 0 else {
                next = turn.path
                if !batches.isEmpty { batches[batches.count - 1].hasMore = true }
                break
            }
            if files[turn.identity] == nil {
                guard let sight = turn.sight, !behind.contains(sight.source) else { continue }
                guard begin(sight, failures: &batches) else { continue }
                open += 1
            }
            left -= look(turn, limitBytes: min(left, Self.pollBytes), &behind, into: &batches)
            if open >= 2 * Self.openLimit { open = rest() }
        }
        _ = rest()
        return batches
    }

    /// How many files of a followed path went on where they were left since this was asked last, and at which line
    /// the last of them did.
    public mutating func takeResumed() -> [(source: String, files: Int, line: Int)] {
        defer { resumed = [:] }
        return resumed.sorted { $0.key < $1.key }.compactMap { source, lines in
            lines.last.map { (source, lines.count, $0) }
        }
    }

    /// One file's turn in a poll.
    private struct Turn {
        var identity: FileIdentity
        var path: String
        var place: FollowedFile.Place
        var sight: FollowedListing.Sight?
    }

    /// The files in the order they are looked at: those that lost their names, those that are known, new ones by age.
    private mutating func turns(except paused: Set<String>) -> [Turn] {
        var turns: [Turn] = []
        var fresh: [FollowedListing.Sight] = []
        var names: [String: FileIdentity] = [:]
        var seen: Set<FileIdentity> = []
        for sight in listing.sights {
            names[sight.path] = sight.identity
            guard seen.insert(sight.identity).inserted else { continue }
            guard files[sight.identity] != nil else {
                fresh.append(sight)
                continue
            }
            turns.append(
                Turn(
                    identity: sight.identity, path: sight.path,
                    place: .at(path: sight.path, size: sight.size),
                    sight: sight))
        }
        var nameless: [Turn] = []
        for file in files.values where !seen.contains(file.identity) {
            let isReplaced = names[file.path].map { $0 != file.identity } ?? false
            nameless.append(
                Turn(identity: file.identity, path: file.path, place: isReplaced ? .replaced : .nowhere))
        }
        // What was found first is older.
        nameless.sort { number(of: $0) < number(of: $1) }
        // What was written first is read first, as far as that can be told.
        fresh.sort { ($0.modified, $0.path) < ($1.modified, $1.path) }
        turns = nameless + turns
        turns += fresh.map { sight in
            Turn(
                identity: sight.identity, path: sight.path, place: .at(path: sight.path, size: sight.size),
                sight: sight)
        }
        turns.removeAll { paused.contains($0.path) }
        if let path = next, let start = turns.firstIndex(where: { $0.path == path }) {
            turns = Array(turns[start...] + turns[..<start])
        }
        next = nil
        return turns
    }

    private func number(of turn: Turn) -> Int { files[turn.identity]?.number ?? 0 }

    /// Opens a file that was not seen before; false where there is nothing to read, or it cannot be.
    private mutating func begin(_ sight: FollowedListing.Sight, failures: inout [Batch]) -> Bool {
        do throws(LogSourceError) {
            guard let (opened, status) = try FileBytes.open(sight.path) else { return false }
            // Another file may have taken the name since the look; its turn comes with the next one.
            let identity = FileIdentity(status)
            let file = FollowedFile(
                path: sight.path, source: sight.source, number: begun, identity: identity, opened: opened,
                lineLimitBytes: parser.limits.bytes)
            guard identity == sight.identity else {
                file.close()
                return false
            }
            files[identity] = file
            begun += 1
            return true
        } catch {
            failures.append(
                Batch(
                    path: sight.path, source: sight.source, file: nil, items: [], position: nil,
                    hasMore: false, isCompressed: false, failure: error))
            return false
        }
    }

    /// Reads what was added to a file and says how much that was.
    private mutating func look(
        _ turn: Turn, limitBytes: Int, _ behind: inout Set<String>, into batches: inout [Batch]
    ) -> Int {
        guard var file = files.removeValue(forKey: turn.identity) else { return 0 }
        // One that was at rest has nothing that was not read when it lost its name.
        guard file.isOpen || turn.sight != nil else { return 0 }
        var taken = 0
        // Twice where the file was cut short: what a copy of it holds comes before what it holds now.
        for _ in 0..<2 {
            let before = file.resumedLine
            let reading = file.look(
                turn.place, known: known, parser: parser, limitBytes: max(1, limitBytes - taken))
            taken += reading.bytes
            if let line = file.resumedLine, before == nil { resumed[file.source, default: []].append(line) }
            if let position = reading.position { known.keep(position) }
            if reading.hasMore, file.isCatchingUp { behind.insert(file.source) }
            if !reading.items.isEmpty || reading.hasMore || reading.failure != nil || reading.position != nil
            {
                batches.append(
                    Batch(
                        path: file.path, source: file.source, file: file.identity,
                        items: reading.items, position: reading.position, hasMore: reading.hasMore,
                        isCompressed: reading.isCompressed, failure: reading.failure))
            }
            if reading.isGone {
                file.close()
                return taken
            }
            guard reading.hasTurned else { break }
            if let turned = reading.turned {
                known.turn(turned)
                if file.path == file.source { taken += readCopy(of: turned, source: file.source, &batches) }
            }
        }
        files[turn.identity] = file
        return taken
    }

    /// Reads what a copy of a file that was cut short holds beyond what was read of it.
    private mutating func readCopy(of turned: ReadPosition, source: String, _ batches: inout [Batch]) -> Int {
        guard let copy = SiblingFiles(of: source).copy(of: turned), open(copy, source: source, &batches)
        else {
            return 0
        }
        var behind: Set<String> = []
        let turn = Turn(identity: copy.identity, path: copy.path, place: .nowhere)
        return look(turn, limitBytes: Self.pollBytes, &behind, into: &batches)
    }

    /// Finds, at the first look at a file that is followed by name, what was not read of those that had its name.
    private mutating func findRemains(except paused: Set<String>) {
        guard !kept.isEmpty else { return }
        let paths = listing.filePaths
        for source in paths where !paused.contains(source) {
            guard let positions = kept.removeValue(forKey: source), let last = positions.last else {
                continue
            }
            let siblings = SiblingFiles(of: source)
            let current = listing.sights.first { $0.path == source }?.identity
            var isFound = last.identity == current
            var ignored: [Batch] = []
            var turnedInto: SiblingFiles.File?
            for position in positions where position.identity != current {
                guard let file = siblings.file(position.identity) else { continue }
                if position == last { (isFound, turnedInto) = (true, file) }
                if file.size != position.offset { _ = open(file, source: source, &ignored) }
            }
            // It may have another number by now: compressed, copied, or on a device that was counted anew.
            if !isFound, !isHeld(last, at: source), let copy = siblings.copy(of: last) {
                turnedInto = copy
                _ = open(copy, source: source, &ignored)
            }
            // What had the name since and lost it too.
            for file in turnedInto.map({ siblings.rotations(since: $0) }) ?? [] where file.identity != current
            {
                _ = open(file, source: source, &ignored)
            }
        }
        // A directory is listed with all that it holds.
        kept = kept.filter { paused.contains($0.key) }
    }

    /// Opens what a followed file was turned into; false where it is open already, or cannot be.
    private mutating func open(_ file: SiblingFiles.File, source: String, _ batches: inout [Batch]) -> Bool {
        let sight = FollowedListing.Sight(
            path: file.path, source: source, identity: file.identity, size: file.size, modified: file.modified
        )
        guard files[file.identity] == nil, begin(sight, failures: &batches) else { return false }
        files[file.identity]?.move(to: file.path)
        return true
    }

    private func isHeld(_ position: ReadPosition, at path: String) -> Bool {
        guard let (opened, status) = try? FileBytes.open(path) else { return false }
        defer { close(opened) }
        return position.holds(in: opened, size: Int(status.st_size))
    }

    /// Closes files at rest where many are open, and says how many are open then.
    private mutating func rest() -> Int {
        var open = openCount
        guard open > Self.openLimit else { return open }
        for (identity, file) in files {
            guard open > Self.openLimit else { break }
            // One that is followed by name may be renamed to what nobody lists.
            guard file.isOpen, file.isAtRest, file.path != file.source else { continue }
            files[identity]?.rest()
            open -= 1
        }
        return open
    }
}
