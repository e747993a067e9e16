import VectorStores

/// What the server knows of the tables and of itself, read once.
struct ServerMeasurement: Sendable {
    /// When it was read.
    var time = ContinuousClock.now
    /// How the rows lie.
    var layout = TableLayout.plain
    /// The tables, the user's first.
    var tables: [ServerReport.Table] = []
    /// The indexes of the user's table and of the inbox, the largest first.
    var indexes: [MeasuredIndex] = []
    var settings = ServerSettings()
    var locks: [HeldLock] = []
    /// Whether a process migrates this schema or builds its index.
    var isBeingWorkedOn = false
    /// Where rows lie by tenant: what a rebuild that was cut left behind.
    var leftovers: [String] = []
    /// The partitions of the table of decisions; empty where it has none.
    var parts: [IndexedPart] = []

    /// An index, with what its size is judged by.
    struct MeasuredIndex: Sendable, Hashable {
        var index: ServerReport.Index
        /// The operator class of its first column.
        var operatorClass: String
        /// Whether it covers only some rows.
        var isPartial = false
    }

    /// The table of decisions: the user's, or that by tenant with all its partitions.
    var vectors: ServerReport.Table? { tables.first { $0.name == layout.table } }
    /// About how many rows the server links at once when it builds the index of neighbours: partitions come one after
    /// the other.
    var rowsAtOnce: Int { parts.map(\.rows).max() ?? vectors?.liveRows ?? 0 }
    /// The index of neighbours that serves, or one that is not whole where there is no other; one of halves goes
    /// first, as it does in searches.
    var neighbors: ServerReport.Index? {
        func all(_ definition: IndexDefinition) -> [ServerReport.Index] {
            indexes.filter { one in
                one.index.method == "hnsw" && one.index.table == layout.table && !one.isPartial
                    && one.operatorClass == definition.operatorClass
            }.map(\.index)
        }
        let known = all(.halfNeighbors) + all(.neighbors)
        return known.first { $0.isValid && !LeftoverIndexes.isOurs($0.name) } ?? known.first(where: \.isValid)
            ?? known.first
    }

    /// The indexes, that of neighbours which serves before others of its kind.
    ///
    /// Those of neighbours get an estimate of how many times larger they are than they need be, where it is known how
    /// many different vectors there are.
    func indexes(distinct: Int?) -> [ServerReport.Index] {
        var all = indexes.map { measured in
            var index = measured.index
            guard let distinct, index.method == "hnsw" else { return index }
            index.bloat = IndexBloat.factor(
                of: index, operatorClass: measured.operatorClass, rows: vectors?.liveRows ?? 0,
                distinct: distinct)
            return index
        }
        let serving = neighbors.map(\.name)
        if let first = all.firstIndex(where: { $0.method == "hnsw" }),
            let place = all.firstIndex(where: { $0.name == serving }), first < place
        {
            all.insert(all.remove(at: place), at: first)
        }
        return all
    }
}

/// A lock on one of the tables that others feel.
struct HeldLock: Sendable, Hashable {
    /// The table.
    var table: String
    /// The server's word for its kind: `AccessExclusiveLock`.
    var mode: String
    /// Whether it is held; it is waited for otherwise.
    var isGranted: Bool
    /// The number of the server's process.
    var process: Int
    /// What the program calls itself; empty where it does not say.
    var program: String
    /// Seconds since its transaction began, or since it waits.
    var seconds: Double
}

/// How much larger an HNSW index of pgvector is than it need be, by the layout of its pages.
///
/// Source: pgvector's `hnsw.h`. An element takes a head of 72 bytes and its vector, and a list of its neighbours with
/// 6 bytes each, 2 m of them on the ground layer. Rows of one vector share an element, up to ten.
enum IndexBloat {
    /// Bytes of a page that elements can have: the rest is its header and pgvector's own note.
    private static let usableBytes = 8_160
    private static let pageBytes = 8_192
    private static let rowsOfAnElement = 10
    /// Under this many elements a page more or less decides.
    private static let leastElements = 1_000

    /// Bytes that an element takes in the mean; `nil` where the layout is not known.
    static func elementBytes(m: Int, operatorClass: String, dimension: Int = Schema.dimension) -> Double? {
        let width: Int
        switch operatorClass.prefix(while: { $0 != "_" }) {
        case "vector": width = 8 + 4 * dimension
        case "halfvec": width = 8 + 2 * dimension
        case "bit": width = 8 + (dimension + 7) / 8
        default: return nil
        }
        let element = aligned(72 + width) + aligned(4 + 2 * m * 6) + 8
        return Double(pageBytes) / Double(max(1, usableBytes / element))
    }

    /// How many times larger it is than one built anew; `nil` where that is not to be told.
    static func factor(
        of index: ServerReport.Index, operatorClass: String, rows: Int, distinct: Int
    ) -> Double? {
        guard let m = index.m, let bytes = elementBytes(m: m, operatorClass: operatorClass) else {
            return nil
        }
        let elements = max(distinct, rows / rowsOfAnElement)
        guard elements >= leastElements else { return nil }
        return Double(index.bytes) / (Double(elements) * bytes)
    }

    private static func aligned(_ bytes: Int) -> Int { (bytes + 7) / 8 * 8 }
}
