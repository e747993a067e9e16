import Crypto

/// What it costs to hold a server's rows in memory, known before any is read.
public struct MirrorCost: Sendable, Hashable {
    /// About how many rows there are.
    public var rows: Int
    /// Whether they come from a file of this machine, and only what changed since from the server.
    public var isSaved: Bool

    /// Creates a cost of about so many rows.
    public init(rows: Int, isSaved: Bool = false) {
        self.rows = rows
        self.isSaved = isSaved
    }

    /// Bytes of memory that a row takes with its part of the index, for decisions most of which are distinct.
    private static let bytesPerRow = 600
    /// Rows read, embedded and held in a second, and rows opened from a file, about, on two processors.
    private static let rowsReadPerSecond = 25_000
    private static let rowsOpenedPerSecond = 100_000
    /// A mirror of more than this is asked for where somebody can answer.
    private static let bytesAskedFor = 200_000_000

    /// About how much memory it takes.
    public var bytes: Int { rows.multipliedReportingOverflow(by: Self.bytesPerRow).partialValue }

    /// About how long it takes until searches are answered.
    public var seconds: Int {
        let rate = isSaved ? Self.rowsOpenedPerSecond : Self.rowsReadPerSecond
        return max(1, (rows + rate - 1) / rate)
    }

    /// Whether it is so large that whoever waits for it should be asked; one that is saved was asked for before.
    public var needsConsent: Bool { !isSaved && bytes > Self.bytesAskedFor }

    /// The cost in one sentence.
    public var sentence: String {
        let source = isSaved ? "opening the saved mirror" : "reading the mirror"
        let size = "\(PrintedNumber.counted(rows, "row")), \(PrintedNumber.bytes(bytes)) of memory"
        return "\(source): about \(size), \(PrintedNumber.grouped(seconds)) s"
    }
}

/// Who is told of a mirror that is loaded: what it will cost, then how far it is.
public struct MirrorWatch: Sendable {
    /// Told before any row is read; throws where the mirror is not wanted.
    public var begin: @Sendable (MirrorCost) throws(StoreError) -> Void
    /// Told the rows that were read, and about how many there are; on the thread that reads, every few thousand rows.
    public var advance: @Sendable (_ rows: Int, _ total: Int) -> Void

    /// Creates a watch; without closures nobody is told.
    public init(
        begin: @escaping @Sendable (MirrorCost) throws(StoreError) -> Void = { _ in },
        advance: @escaping @Sendable (_ rows: Int, _ total: Int) -> Void = { _, _ in }
    ) {
        self.begin = begin
        self.advance = advance
    }
}

/// Where what a mirror holds is kept on this machine, and from what size on.
public struct MirrorFiles: Sendable, Hashable {
    /// The folder for the files of all servers, each in one of its own; made for its owner only.
    public var folder: String
    /// Mirrors of fewer rows are read anew each time: that is quick.
    public var leastRows = 10_000
    /// The longest queue for a server that is away, in bytes.
    public var queueBytes = 256 << 20

    /// Creates a place for files.
    public init(folder: String) { self.folder = folder }
}

extension MirrorFiles {
    /// The folder of one server's files, by its address as it is printed.
    package func folder(of address: String) -> String {
        var name = ""
        for byte in SHA256.hash(data: Array(address.utf8)) {
            name += String(byte >> 4, radix: 16)
            name += String(byte & 15, radix: 16)
        }
        return "\(folder)/\(name)"
    }
}
