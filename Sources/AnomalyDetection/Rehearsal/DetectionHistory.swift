import Decisions
import VectorStores

/// What was flagged or nearly was, newest last, in pieces that are records of the store.
///
/// Bounded: by age, by number, and for each story and hour, so that a flood takes no room from the rest; of what is
/// older only the strangest of each story and hour stays, so that weeks are left. Pure.
struct DetectionHistory: Sendable {
    /// The collection that its pieces are kept in, by number.
    static let collection = "history"
    /// How many items one piece has at most.
    static let pieceItems = 64
    /// A piece with as many bytes of names takes no more items: long names must not take more room than many items.
    static let pieceBytes = 1 << 16
    /// The most items kept.
    static let maximumItems = 20_000
    /// How long items are kept, counted from the newest.
    static let keptSeconds: Int64 = 35 * 86_400
    /// The most items kept of one story in one hour; of a flood the rest is counted.
    static let maximumPerStoryHour = 50

    /// A piece.
    private struct Piece: Sendable {
        var number: Int
        var items: [HistoryItem] = []
        /// Items that were left out because their story had so many in that hour.
        var leftOut = 0
        /// The bytes of its items' names.
        var bytes = 0

        var isFull: Bool {
            items.count >= DetectionHistory.pieceItems || bytes >= DetectionHistory.pieceBytes
        }

        mutating func add(_ item: HistoryItem) {
            items.append(item)
            bytes += item.facts.bytes + item.id.utf8.count
        }
    }

    private struct StoryHour: Hashable, Sendable {
        var key: Incident.Key
        var hour: Int64

        init(_ item: HistoryItem) {
            let facts = item.facts
            key = Incident.Key(
                tenant: facts.tenant, principal: facts.principal, kind: facts.kind, effect: facts.effect)
            hour = OpeningCounts.hour(of: item.time)
        }
    }

    private var pieces: [Piece] = []
    private var changed: Set<Int> = []
    private var removed: Set<Int> = []
    private var perHour: [StoryHour: Int] = [:]
    private var newest: Timestamp?
    /// The newest piece when old ones were last thinned out.
    private var thinnedAt = 0

    /// An empty history.
    init() {}

    /// The items, in the order they came.
    var items: [HistoryItem] { pieces.flatMap(\.items) }

    /// How many items there are.
    var count: Int { pieces.reduce(0) { $0 + $1.items.count } }

    /// How many were left out of floods.
    var leftOut: Int { pieces.reduce(0) { $0 + $1.leftOut } }

    /// How many pieces are to be written or deleted.
    var unsavedPieces: Int { changed.count + removed.count }

    /// Whether something is not saved.
    var isChanged: Bool { !changed.isEmpty || !removed.isEmpty }

    /// Adds an item; what is more than a day after `now` never makes others old.
    mutating func add(_ item: HistoryItem, now: Timestamp) {
        let place = StoryHour(item)
        if pieces.last?.isFull ?? true {
            pieces.append(Piece(number: (pieces.last?.number ?? 0) + 1))
            thin()
            trim()
        }
        let last = pieces.count - 1
        changed.insert(pieces[last].number)
        guard perHour[place, default: 0] < Self.maximumPerStoryHour else {
            pieces[last].leftOut += 1
            return
        }
        if perHour.count > OpeningCounts.maximumKept { perHour = [:] }
        perHour[place, default: 0] += 1
        pieces[last].add(item)
        if item.time.seconds <= now.seconds + 86_400 { newest = max(newest ?? item.time, item.time) }
    }

    /// Where there are too many items, leaves of the older half one for each story, hour and what became of it: the
    /// strangest, standing for all of them, so that whether that hour pages is still told for every alpha.
    private mutating func thin() {
        guard pieces.count > Self.maximumPieces, let newest = pieces.last?.number,
            newest - thinnedAt >= Self.maximumPieces / 4
        else { return }
        thinnedAt = newest
        let old = pieces.prefix(pieces.count / 2)
        var places: [Fate: Int] = [:]
        var kept: [HistoryItem] = []
        for item in old.lazy.flatMap(\.items) {
            let fate = Fate(item)
            guard let place = places[fate] else {
                places[fate] = kept.count
                kept.append(item)
                continue
            }
            let count = kept[place].count + item.count
            if item.tail ?? 0 < kept[place].tail ?? 0 { kept[place] = item }
            kept[place].count = count
        }
        var thinned: [Piece] = []
        for item in kept {
            if thinned.last?.isFull ?? true {
                // There are never more than before.
                guard thinned.count < old.count else { break }
                thinned.append(Piece(number: old[thinned.count].number))
            }
            thinned[thinned.count - 1].add(item)
        }
        guard thinned.count < old.count, !thinned.isEmpty else { return }
        thinned[0].leftOut = old.reduce(0) { $0 + $1.leftOut }
        changed.formUnion(thinned.map(\.number))
        for piece in old.dropFirst(thinned.count) {
            changed.remove(piece.number)
            removed.insert(piece.number)
        }
        pieces.replaceSubrange(0..<old.count, with: thinned)
    }

    /// What became of a story in an hour.
    private struct Fate: Hashable {
        var story: StoryHour
        var isFlagged: Bool
        var incident: String?
        var rule: String?

        init(_ item: HistoryItem) {
            story = StoryHour(item)
            (isFlagged, incident, rule) = (item.isFlagged, item.incident, item.rule)
        }
    }

    private static var maximumPieces: Int { maximumItems / pieceItems }

    /// Removes the oldest pieces where there are too many items or all of a piece are too old.
    private mutating func trim() {
        while let first = pieces.first, pieces.count > 1 {
            let isOld = newest.map { newest in
                first.items.allSatisfy { newest.seconds - $0.time.seconds > Self.keptSeconds }
            }
            guard pieces.count > Self.maximumPieces || isOld == true else { return }
            changed.remove(first.number)
            removed.insert(first.number)
            pieces.removeFirst()
        }
    }

    /// The writes of what is not saved.
    var changes: [RecordChange] {
        let kept = pieces.filter { changed.contains($0.number) }.map { piece in
            RecordChange(
                collection: Self.collection, key: Self.key(piece.number),
                value: .object([
                    "items": .array(piece.items.map(\.json)), "left_out": .integer(piece.leftOut),
                ]))
        }
        return kept
            + removed.sorted().map {
                RecordChange(collection: Self.collection, key: Self.key($0), value: nil)
            }
    }

    /// Takes note that all of it is saved.
    mutating func saved() {
        changed = []
        removed = []
    }

    private static func key(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 10 - digits.count)) + digits
    }

    /// Reads what records hold; a piece that cannot be read is left out, and how many were is told.
    static func restored(
        from records: [Record], now: Timestamp
    ) -> (history: DetectionHistory, unreadable: Int) {
        var history = DetectionHistory()
        var unreadable = 0
        for record in records {
            guard let number = Int(record.key), number > 0, number < Int(Int32.max),
                let fields = try? JSONFields(record.value, name: "history"),
                let items = try? fields.elements("items", { try? HistoryItem(json: $0) })
            else {
                unreadable += 1
                continue
            }
            var piece = Piece(number: number)
            piece.leftOut = (try? fields.integer("left_out")) ?? 0
            for item in items {
                piece.add(item)
                history.perHour[StoryHour(item), default: 0] += 1
                guard item.time.seconds <= now.seconds + 86_400 else { continue }
                history.newest = max(history.newest ?? item.time, item.time)
            }
            history.pieces.append(piece)
        }
        history.pieces.sort { $0.number < $1.number }
        return (history, unreadable)
    }
}
