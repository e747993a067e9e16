public import Decisions
public import VectorStores

/// The rules and lessons of a store, with how often they were of use.
struct TaughtBook: Sendable {
    private(set) var rules: [String: SuppressionRule] = [:]
    private(set) var lessons: [String: Lesson] = [:]
    private(set) var hits: [String: TaughtHits] = [:]
    /// Counters that changed since they were saved.
    private(set) var changedHits: Set<String> = []
    /// Lessons that are to be saved with their incidents.
    var unsavedLessons: Set<String> = []
    /// The revision of each record, by collection and key.
    private(set) var revisions: [String: UInt64] = [:]
    /// Rules that have not ended, in the order they were made.
    private var lasting: [SuppressionRule] = []

    /// The collections that it is made of.
    static let collections = [SuppressionRule.collection, Lesson.collection, TaughtHits.collection]

    init() {}

    /// The first rule that hides a decision at an instant.
    func rule(hiding decision: Decision, at now: Timestamp) -> SuppressionRule? {
        guard !lasting.isEmpty else { return nil }
        let facts = DecisionFacts(decision)
        return lasting.first { now < $0.expires && $0.fields.matches(facts) }
    }

    /// How many rules are in effect.
    func activeRules(at now: Timestamp) -> Int { lasting.count { now < $0.expires } }

    mutating func set(_ rule: SuppressionRule) {
        rules[rule.id] = rule
        lasting = rules.values.filter { $0.end == nil }.sorted { ($0.created, $0.id) < ($1.created, $1.id) }
    }

    mutating func set(_ lesson: Lesson) { lessons[lesson.id] = lesson }

    /// Counts that a rule or a lesson was of use.
    mutating func hit(_ id: String, at time: Timestamp, isCritical: Bool) {
        hits[id, default: TaughtHits()].add(at: time, isCritical: isCritical)
        changedHits.insert(id)
    }

    /// The writes of the counters that changed.
    var hitChanges: [RecordChange] {
        changedHits.sorted().map {
            RecordChange(collection: TaughtHits.collection, key: $0, value: hits[$0]?.json)
        }
    }

    /// Takes note that the counters are saved.
    mutating func savedHits() { changedHits = [] }

    /// The revision that a writer of a record has seen.
    func revision(_ collection: String, _ key: String) -> UInt64 { revisions["\(collection)/\(key)"] ?? 0 }

    /// A lesson that is to be saved.
    struct UnsavedLesson {
        var lesson: Lesson
        /// The revision of its record before.
        var seen: UInt64

        var change: RecordChange {
            RecordChange(collection: Lesson.collection, key: lesson.id, value: lesson.json)
        }
    }

    /// The lessons of some incidents that are to be saved.
    func unsaved(of incidents: Set<String>) -> [UnsavedLesson] {
        incidents.intersection(unsavedLessons).compactMap { lessons[$0] }.map {
            UnsavedLesson(lesson: $0, seen: revision(Lesson.collection, $0.id))
        }
    }

    /// Takes note that lessons are saved; the echo of that in the change feed is known, and may have come before.
    mutating func saved(_ lessons: [UnsavedLesson]) {
        for saved in lessons {
            unsavedLessons.remove(saved.lesson.id)
            let name = "\(Lesson.collection)/\(saved.lesson.id)"
            revisions[name] = max(revisions[name] ?? 0, saved.seen + 1)
        }
    }

    /// Takes a record as the store has it, whatever was believed of it; `nil` where it has none.
    mutating func adopt(
        _ record: Record?, as subject: TaughtItem.Subject, isDetecting: Bool
    ) throws(IncidentError) {
        revisions["\(subject.collection)/\(subject.key)"] = 0
        let gone = Record(collection: subject.collection, key: subject.key, value: nil, revision: 1)
        _ = try adopt(record ?? gone, isDetecting: isDetecting)
        if record == nil { revisions["\(subject.collection)/\(subject.key)"] = 0 }
    }

    /// Takes a record as it was read or as another process wrote it; says whether anything is new.
    mutating func adopt(_ record: Record, isDetecting: Bool) throws(IncidentError) -> Bool {
        let name = "\(record.collection)/\(record.key)"
        guard record.revision > revisions[name] ?? 0 else { return false }
        revisions[name] = record.revision
        switch record.collection {
        case SuppressionRule.collection:
            let rule = try record.value.map { (value) throws(IncidentError) in
                try SuppressionRule(json: value)
            }
            guard rules[record.key] != rule else { return false }
            rules[record.key] = rule
            lasting.removeAll { $0.id == record.key }
            if let rule { set(rule) } else { forgetHits(of: record.key) }
        case Lesson.collection:
            guard !unsavedLessons.contains(record.key) else { return false }
            let lesson = try record.value.map { (value) throws(IncidentError) in try Lesson(json: value) }
            guard lessons[record.key] != lesson else { return false }
            lessons[record.key] = lesson
            if lesson == nil { forgetHits(of: record.key) }
        case TaughtHits.collection:
            // Only the process that detects counts.
            guard !isDetecting, let value = record.value else { return false }
            hits[record.key] = try TaughtHits(json: value)
        default: return false
        }
        return true
    }

    private mutating func forgetHits(of id: String) {
        hits[id] = nil
        changedHits.remove(id)
    }

    /// What ended by its time and does not say so yet.
    func due(at now: Timestamp) -> (rules: [SuppressionRule], lessons: [Lesson]) {
        (
            lasting.filter { now >= $0.expires },
            lessons.values.filter { lesson in lesson.end == nil && lesson.expires.map { now >= $0 } ?? false }
                .sorted { $0.id < $1.id }
        )
    }

    /// Everything, what is in effect first, the newest first.
    func items(at now: Timestamp) -> [TaughtItem] {
        let all =
            rules.values.map { TaughtItem(.rule($0), hits: hits[$0.id] ?? TaughtHits()) }
            + lessons.values.map { TaughtItem(.lesson($0), hits: hits[$0.id] ?? TaughtHits()) }
        return all.sorted { left, right in
            let (first, second) = (left.standing(at: now) == .active, right.standing(at: now) == .active)
            return first != second ? first : (right.created, left.id) < (left.created, right.id)
        }
    }

    /// The oldest rules and lessons that ended where there are too many.
    func surplus() -> [(collection: String, id: String)] {
        var gone: [(collection: String, id: String)] = []
        guard rules.count > SuppressionRule.maximumKept || lessons.count > Lesson.maximumKept else {
            return gone
        }
        let ended = rules.values.filter { $0.end != nil }.sorted { ($0.created, $0.id) < ($1.created, $1.id) }
        for rule in ended.prefix(max(0, rules.count - SuppressionRule.maximumKept)) {
            gone.append((SuppressionRule.collection, rule.id))
        }
        let old = lessons.values.sorted { left, right in
            let (first, second) = (left.end != nil, right.end != nil)
            return first != second ? first : (left.created, left.id) < (right.created, right.id)
        }
        for lesson in old.prefix(max(0, lessons.count - Lesson.maximumKept)) {
            gone.append((Lesson.collection, lesson.id))
        }
        return gone
    }
}

extension TaughtItem {
    /// Reads the rules and lessons of a store, for whoever does not watch it; tells what could not be read.
    public static func read(
        from store: any RecordStore, now: Timestamp
    ) async throws -> (items: [TaughtItem], problems: [String]) {
        var book = TaughtBook()
        var problems: [String] = []
        for collection in TaughtBook.collections {
            for record in try await store.records(in: collection) {
                do throws(IncidentError) {
                    _ = try book.adopt(record, isDetecting: false)
                } catch {
                    problems.append("\(collection) \(Reasons.short(record.key)): \(error.description)")
                }
            }
        }
        return (book.items(at: now), problems)
    }
}
