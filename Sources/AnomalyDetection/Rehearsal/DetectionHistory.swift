import Decisions
import VectorStores

/// What was flagged or nearly was, newest last, in pieces that are records of the store.
///
/// Bounded: by age, by number, and for each story and hour, so that a flood takes no room from the rest. Pure.
struct DetectionHistory: Sendable {
    /// The collection that its pieces are kept in, by number.
    static let collection = "history"
    /// How many items one piece has.
    static let pieceItems = 64
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
    }

    private struct StoryHour: Hashable, Sendable {
        var key: Incident.Key
        var hour: Int64
    }

    private var pieces: [Piece] = []
    private var changed: Set<Int> = []
    private var removed: Set<Int> = []
    private var perHour: [StoryHour: Int] = [:]
    private var newest: Timestamp?

    /// An empty history.
    init() {}

    /// The items, in the order they came.
    var items: [HistoryItem] { pieces.flatMap(\.items) }

    /// How many items there are.
    var count: Int { pieces.reduce(0) { $0 + $1.items.count } }

    /// How many were left out of floods.
    var leftOut: Int { pieces.reduce(0) { $0 + $1.leftOut } }

    /// Whether something is not saved.
    var isChanged: Bool { !changed.isEmpty || !removed.isEmpty }

    /// Adds an item; what is more than a day after `now` never makes others old.
    mutating func add(_ item: HistoryItem, now: Timestamp) {
        let key = Incident.Key(
            tenant: item.facts.tenant, principal: item.facts.principal, kind: item.facts.kind,
            effect: item.facts.effect)
        let place = StoryHour(key: key, hour: OpeningCounts.hour(of: item.time))
        if (pieces.last?.items.count ?? Self.pieceItems) >= Self.pieceItems {
            pieces.append(Piece(number: (pieces.last?.number ?? 0) + 1))
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
        pieces[last].items.append(item)
        if item.time.seconds <= now.seconds + 86_400 { newest = max(newest ?? item.time, item.time) }
    }

    /// Removes the oldest pieces where there are too many items or all of a piece are too old.
    private mutating func trim() {
        while let first = pieces.first, pieces.count > 1 {
            let isOld = newest.map { newest in
                first.items.allSatisfy { newest.seconds - $0.time.seconds > Self.keptSeconds }
            }
            guard pieces.count > Self.maximumItems / Self.pieceItems || isOld == true else { return }
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
            var piece = Piece(number: number, items: items)
            piece.leftOut = (try? fields.integer("left_out")) ?? 0
            history.pieces.append(piece)
            for item in items where item.time.seconds <= now.seconds + 86_400 {
                history.newest = max(history.newest ?? item.time, item.time)
            }
        }
        history.pieces.sort { $0.number < $1.number }
        return (history, unreadable)
    }
}
