import Decisions
import VectorStores

/// How far a store was looked at, in a few marks, so that it can be told although entries were removed.
///
/// The last entry's name would do if nothing ever went. Retention removes the oldest entries by their own
/// time and people remove some by name: so the newest few are marked, and of those before them each that
/// nothing looked at later is newer than. Of these the last one still stored is the boundary. What stands
/// behind it was looked at when it is not newer than what was looked at behind it and is gone.
struct ScoringTrail: Sendable, Hashable {
    /// An entry that was looked at.
    struct Mark: Sendable, Hashable {
        var entry: EntryIdentity
        var time: Timestamp
        /// The newest time among it and what was looked at since the mark before.
        var newest: Timestamp
    }

    /// In the order they were looked at.
    private(set) var marks: [Mark] = []

    /// The last marks, kept whatever their time.
    static let recentMarks = 8
    /// The most marks kept.
    static let maximumMarks = 32
    /// The most bytes of the marks' names; the last mark is kept however long its name is.
    static let maximumBytes = 1 << 16

    /// Goes on to an entry.
    mutating func append(_ decision: Decision, storedID: String) {
        let entry = EntryIdentity(tenant: decision.tenant, id: storedID)
        marks.append(Mark(entry: entry, time: decision.time, newest: decision.time))
        let isLong = entry.bytes > Self.maximumBytes / Self.maximumMarks
        if isLong || marks.count >= 8 * Self.maximumMarks { thin() }
    }

    /// Forgets marks that would hardly ever be the boundary; the next one takes over their newest time.
    private mutating func thin() {
        var isKept = [Bool](repeating: false, count: marks.count)
        var newestAfter: Timestamp?
        for place in marks.indices.reversed() {
            let isRecent = place >= marks.count - Self.recentMarks
            isKept[place] = isRecent || newestAfter.map { marks[place].time > $0 } ?? true
            newestAfter = max(newestAfter ?? marks[place].newest, marks[place].newest)
        }
        var kept: [Mark] = []
        var newest: Timestamp?
        for (place, mark) in marks.enumerated() {
            var mark = mark
            mark.newest = max(newest ?? mark.newest, mark.newest)
            let isRecent = place >= marks.count - Self.recentMarks
            if isKept[place], isRecent || kept.count < Self.maximumMarks - Self.recentMarks {
                kept.append(mark)
                newest = nil
            } else {
                newest = mark.newest
            }
        }
        marks = kept
        forgetWhatIsTooLong()
    }

    /// Forgets the oldest marks where the names of all are too long; the first kept one takes over their
    /// newest time.
    private mutating func forgetWhatIsTooLong() {
        var bytes = 0
        var first = marks.endIndex
        while first > 0 {
            bytes += marks[first - 1].entry.bytes
            if bytes > Self.maximumBytes, first < marks.endIndex { break }
            first -= 1
        }
        guard first > 0, let newest = marks[...first].map(\.newest).max() else { return }
        marks[first].newest = newest
        marks.removeFirst(first)
    }
}

extension ScoringTrail {
    /// The trail as it is saved.
    var json: JSONValue {
        var trail = self
        if trail.marks.count > Self.maximumMarks { trail.thin() }
        return .array(
            trail.marks.map { mark in
                .object([
                    "tenant": .string(mark.entry.tenant), "id": .string(mark.entry.id),
                    "time": .string(mark.time.description), "newest": .string(mark.newest.description),
                ])
            })
    }

    /// Reads what was saved under `marks`.
    init(_ fields: JSONFields) throws(IncidentError) {
        marks = try fields.elements("marks") { value in
            guard let mark = try? JSONFields(value, name: "mark"), let tenant = try? mark.text("tenant"),
                let id = try? mark.text("id"), let time = try? mark.time("time"),
                let newest = try? mark.time("newest")
            else { return nil }
            return Mark(entry: EntryIdentity(tenant: tenant, id: id), time: time, newest: newest)
        }
    }
}

extension ScoringTrail {
    /// Tells, while a store's entries stream by in the order they were inserted, those past a trail.
    struct Cursor: Sendable {
        /// The last mark that is still stored.
        private let boundary: Mark?
        /// The newest time that was looked at past the boundary, when anything was.
        private let newestGone: Timestamp?
        private var hasPassed: Bool
        /// Entries past the boundary that may have been looked at and are taken for it.
        private(set) var doubtful = 0

        init(boundary: Mark?, newestGone: Timestamp?) {
            self.boundary = boundary
            self.newestGone = newestGone
            hasPassed = boundary == nil
        }

        /// Whether the next entry was never looked at.
        mutating func isNew(_ decision: Decision, storedID: String) -> Bool {
            guard hasPassed else {
                hasPassed = EntryIdentity(tenant: decision.tenant, id: storedID) == boundary?.entry
                return false
            }
            guard let newestGone, decision.time <= newestGone else { return true }
            doubtful += 1
            return false
        }
    }

    /// A cursor at the beginning of a store that says which marks it still has.
    func cursor(isStored: (EntryIdentity) async throws -> Bool) async throws -> Cursor {
        var newestGone: Timestamp?
        for mark in marks.reversed() {
            if try await isStored(mark.entry) { return Cursor(boundary: mark, newestGone: newestGone) }
            newestGone = max(newestGone ?? mark.newest, mark.newest)
        }
        return Cursor(boundary: nil, newestGone: newestGone)
    }
}

extension EntryIdentity {
    /// How long its names are.
    fileprivate var bytes: Int { tenant.utf8.count + id.utf8.count }
}
