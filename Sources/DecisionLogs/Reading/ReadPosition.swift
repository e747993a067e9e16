internal import Glibc

/// What makes a file itself, whatever its name, until it is gone and its number is given to another.
public struct FileIdentity: Sendable, Hashable {
    /// The device it lies on.
    public let device: UInt
    /// Its number there.
    public let inode: UInt

    /// Names a file.
    public init(device: UInt, inode: UInt) {
        self.device = device
        self.inode = inode
    }

    init(_ status: stat) {
        self.init(device: UInt(status.st_dev), inode: UInt(status.st_ino))
    }
}

/// A stretch of bytes, by its length and a hash.
public struct BytesMark: Sendable, Hashable {
    /// How many bytes.
    public let count: Int
    /// Their hash.
    public let hash: UInt64

    /// The longest stretch that is marked.
    public static let longest = 1 << 10

    /// Creates a mark that was made before.
    public init(count: Int, hash: UInt64) {
        self.count = count
        self.hash = hash
    }

    /// Marks bytes.
    init(_ bytes: Span<UInt8>) {
        var marks = RunningMark()
        for index in bytes.indices { marks.add(bytes[index]) }
        self = marks.mark
    }

    /// Marks a stretch of an open file; `nil` when it is not there as a whole.
    init?(_ descriptor: Int32, from start: Int, count: Int) {
        guard count >= 0, start >= 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe pread(
                    descriptor, buffer.baseAddress?.advanced(by: filled), count - filled,
                    off_t(start + filled))
            }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { return nil }
            filled += got
        }
        self.init(bytes.span)
    }
}

/// The mark of the bytes so far: FNV-1a, 64 bits.
struct RunningMark {
    private var count = 0
    private var hash: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ byte: UInt8) {
        hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        count += 1
    }

    var mark: BytesMark { BytesMark(count: count, hash: hash) }
}

/// How far a file was read, and by what it is known again whatever its name is by then.
///
/// The number of a file that is gone is given to another one, and a copy has a number of its own. So the first bytes
/// and the last ones that were read belong to a position too: a file that has both was read as far as that.
public struct ReadPosition: Sendable, Hashable {
    /// The path that it was read under.
    public var path: String
    /// The file.
    public var identity: FileIdentity
    /// How many bytes were read: whole lines, or all of a compressed file.
    public var offset: Int
    /// The number of the line that begins there.
    public var line: Int
    /// Whether it is a compressed file; it is known only once it was read to its end.
    public var isPacked: Bool
    /// The first bytes, as far as they were read.
    public var head: BytesMark
    /// The last bytes that were read.
    public var tail: BytesMark

    /// Creates a position that was kept.
    public init(
        path: String, identity: FileIdentity, offset: Int, line: Int, isPacked: Bool, head: BytesMark,
        tail: BytesMark
    ) {
        self.path = path
        self.identity = identity
        self.offset = offset
        self.line = line
        self.isPacked = isPacked
        self.head = head
        self.tail = tail
    }

    /// The position in an open file; `nil` where nothing was read or the file has been cut short since.
    init?(
        path: String, identity: FileIdentity, descriptor: Int32, offset: Int, line: Int, isPacked: Bool
    ) {
        let marked = min(offset, BytesMark.longest)
        guard marked > 0, let head = BytesMark(descriptor, from: 0, count: marked),
            let tail = BytesMark(descriptor, from: offset - marked, count: marked)
        else { return nil }
        self.init(
            path: path, identity: identity, offset: offset, line: line, isPacked: isPacked, head: head,
            tail: tail
        )
    }

    /// Whether an open file begins with what was read.
    func holds(in descriptor: Int32, size: Int) -> Bool {
        guard isPacked ? size == offset : size >= offset else { return false }
        return BytesMark(descriptor, from: 0, count: head.count) == head
            && BytesMark(descriptor, from: offset - tail.count, count: tail.count) == tail
    }
}

/// The positions by which files are known again, by their number or by what they hold.
///
/// Their number is bounded; what was kept longest ago is forgotten first.
struct KnownPositions {
    /// How many files are known.
    static let limit = 4_096
    /// How many contents are known whose files were cut short since.
    static let turnedLimit = 64

    private var positions: [FileIdentity: (position: ReadPosition, age: Int)] = [:]
    private var turned: [ReadPosition] = []
    private var clock = 0

    /// The position in a file, if it is known by its number.
    func position(of identity: FileIdentity) -> ReadPosition? { positions[identity]?.position }

    /// Keeps a position in place of an earlier one in the same file.
    mutating func keep(_ position: ReadPosition) {
        clock += 1
        positions[position.identity] = (position, clock)
        guard positions.count > Self.limit else { return }
        // Many at once, so that the search for the oldest is rare.
        let oldest = positions.sorted { $0.value.age < $1.value.age }.prefix(Self.limit / 8)
        for (identity, _) in oldest { positions[identity] = nil }
    }

    /// Notes that a file was cut short: what it held may be in a copy.
    mutating func turn(_ position: ReadPosition) {
        positions[position.identity] = nil
        turned.append(position)
        if turned.count > Self.turnedLimit { turned.removeFirst() }
    }

    /// The positions in files that begin as some bytes do, the farthest first.
    func candidates(beginning bytes: Span<UInt8>) -> [ReadPosition] {
        guard !positions.isEmpty || !turned.isEmpty else { return [] }
        var hashes: [UInt64] = []
        var marks = RunningMark()
        for index in 0..<min(bytes.count, BytesMark.longest) {
            marks.add(bytes[index])
            hashes.append(marks.mark.hash)
        }
        let begins = { (position: ReadPosition) in
            (1...max(1, hashes.count)).contains(position.head.count) && !hashes.isEmpty
                && hashes[position.head.count - 1] == position.head.hash
        }
        return (positions.values.map(\.position).filter(begins) + turned.filter(begins))
            .sorted { $0.offset > $1.offset }
    }
}
