import Decisions
import VectorStores

/// Rules and lessons: made and taken back by whichever process a person sits at, minded by the one that detects.
extension DetectionService {
    /// How often a write is tried again when another process changed the same rule or lesson.
    private static let taughtAttempts = 5

    /// Reads the rules and lessons that are saved; what was counted and not saved here is given up, what people did
    /// is not.
    func loadTaught() async throws {
        // Taken up one by one: what the change feed tells meanwhile is newer.
        let kept = taught.unsavedLessons.compactMap { taught.lessons[$0] }
        taught = TaughtBook()
        for lesson in kept {
            taught.set(lesson)
            taught.unsavedLessons.insert(lesson.id)
        }
        for collection in TaughtBook.collections {
            for record in try await store.records(in: collection) {
                do throws(IncidentError) {
                    _ = try taught.adopt(record, isDetecting: false)
                } catch {
                    note(problem: "\(collection) \(Reasons.short(record.key)): \(error.description)")
                }
            }
        }
        applyLessons()
    }

    /// Takes a rule, a lesson or a counter as another process wrote it.
    func adopt(taught record: Record) {
        guard role != .idle else { return }
        do throws(IncidentError) {
            guard try taught.adopt(record, isDetecting: role == .detecting) else { return }
        } catch {
            note(problem: "\(record.collection) \(Reasons.short(record.key)): \(error.description)")
            return
        }
        if record.collection == Lesson.collection { applyLessons() }
        published()
    }

    /// Has the detector mind the lessons in effect.
    func applyLessons() {
        let table = LessonTable(taught.lessons.values, at: clock())
        detector.lessons = table
        restored?.detector.lessons = table
    }

    /// Makes a rule; what it would have hidden is looked at first.
    ///
    /// It counts in this process at once, in every other one as soon as the store tells it.
    public func suppress(_ draft: SuppressionDraft, by who: String) async throws -> TaughtItem {
        await takeTurn()
        defer { turns.pass() }
        try await mayTeach("a rule")
        let now = clock()
        guard taught.activeRules(at: now) < SuppressionRule.maximumActive else {
            throw refusal("there are \(SuppressionRule.maximumActive) rules already: undo some first")
        }
        let preview = try await currentHistory().hidden(by: draft.fields)
        if let problem = draft.problem(hiding: preview) { throw refusal(problem) }
        guard
            let id = SuppressionRule.identifier(
                for: draft, by: who, at: now, isTaken: { taught.rules[$0] != nil })
        else { throw refusal("no name is free for a rule") }
        let rule = SuppressionRule(
            id: id, fields: draft.fields, author: who, reason: draft.keptReason ?? "", created: now,
            expires: now.advanced(bySeconds: draft.seconds), incident: draft.incident)
        let event = ActivityEvent(
            time: now, who: who, act: "suppress", subject: "rule \(id)",
            after: .object([
                "fields": .string(rule.fields.description), "reason": .string(rule.reason),
                "expires": .string(rule.expires.description),
                "would_have_hidden": .integer(preview.anomalies), "critical": .integer(preview.critical),
            ]))
        try await write(.rule(rule), event)
        return item(.rule(rule))
    }

    /// Takes a rule or a lesson back.
    public func withdraw(_ id: String, by who: String) async throws -> TaughtItem {
        try await change(id, by: who, act: "withdraw") { end, now throws(IncidentError) in
            guard end == nil else { return nil }
            return TaughtEnd(.undone, time: now, who: who)
        }
    }

    /// Brings back what somebody took back.
    public func restore(_ id: String, by who: String) async throws -> TaughtItem {
        try await change(id, by: who, act: "restore") { end, now throws(IncidentError) in
            guard let end else { return nil }
            guard end.cause == .undone else {
                throw IncidentError(.invalidTransition, "\(id) has expired: make a new rule")
            }
            return .some(nil)
        }
    }

    /// Changes how a rule or a lesson ended; `decide` gives nothing where it is so already.
    private func change(
        _ id: String, by who: String, act: String,
        _ decide: (TaughtEnd?, Timestamp) throws(IncidentError) -> TaughtEnd??
    ) async throws -> TaughtItem {
        await takeTurn()
        defer { turns.pass() }
        try await mayTeach(id)
        var tries = 0
        while true {
            guard let known = subject(id) else {
                throw IncidentError(
                    .unknown, "no rule or lesson is named \(id): list them with verdict taught")
            }
            let now = clock()
            let before = item(known)
            if act == "restore", before.standing(at: now) == .expired {
                throw refusal("\(id) has expired: make a new rule")
            }
            guard let end = try decide(before.end, now) else { return before }
            let after = known.ended(end)
            do {
                try await write(after, event(act, of: before, now, by: who))
                return item(after)
            } catch let error as StoreError where error.code == .revisionConflict {
                tries += 1
                guard tries < Self.taughtAttempts else { throw error }
                try await readAgain(known)
            }
        }
    }

    private func readAgain(_ subject: TaughtItem.Subject) async throws {
        let record = try await store.record(in: subject.collection, key: subject.key)
        try taught.adopt(record, as: subject, isDetecting: role == .detecting)
        applyLessons()
        outdated()
    }

    private func event(
        _ act: String, of item: TaughtItem, _ now: Timestamp, by who: String
    ) -> ActivityEvent {
        ActivityEvent(
            time: now, who: who, act: act, subject: "\(item.subject.noun) \(item.id)",
            before: .object([
                "standing": .string(item.standing(at: now).rawValue), "what": .string(item.words),
                "hits": .integer(item.hits.count),
            ]))
    }

    /// Ends what is due and tells the activity log, and deletes what is more than is kept; for whoever detects, since
    /// one process must do it.
    func expireTaught() async throws {
        try await removeSurplus()
        guard role == .detecting else { return }
        let now = clock()
        let due = taught.due(at: now)
        let subjects = due.rules.map { TaughtItem.Subject.rule($0) } + due.lessons.map { .lesson($0) }
        for subject in subjects {
            let end = TaughtEnd(.expired, time: now, who: Self.ownName)
            do {
                try await write(
                    subject.ended(end), event("expire", of: item(subject), now, by: Self.ownName))
            } catch let error as StoreError where error.code == .revisionConflict {
                try await readAgain(subject)
            }
        }
    }

    /// Writes a rule or a lesson with its entry of the activity log, and minds it.
    private func write(_ subject: TaughtItem.Subject, _ event: ActivityEvent) async throws {
        let revision = taught.revision(subject.collection, subject.key)
        let change = RecordChange(
            collection: subject.collection, key: subject.key, value: subject.json, expected: revision)
        try await ActivityLog.append([event], to: store, with: [change])
        let record = Record(
            collection: subject.collection, key: subject.key, value: subject.json, revision: revision + 1)
        _ = try taught.adopt(record, isDetecting: role == .detecting)
        applyLessons()
        published()
    }

    /// Deletes the oldest that ended, where there are too many; what somebody brought back meanwhile stays.
    private func removeSurplus() async throws {
        let surplus = taught.surplus().prefix(configuration.maximumRecordsPerWrite / 4)
        if surplus.isEmpty { return }
        var changes: [RecordChange] = []
        for (collection, id) in surplus {
            changes.append(
                RecordChange(
                    collection: collection, key: id, value: nil, expected: taught.revision(collection, id)))
            changes.append(RecordChange(collection: TaughtHits.collection, key: id, value: nil))
        }
        do {
            _ = try await writeHolding(changes)
        } catch let error as StoreError where error.code == .revisionConflict {
            // The next look goes by what is there.
            for subject in surplus.compactMap({ subject($0.id) }) { try await readAgain(subject) }
        }
    }

    private func subject(_ id: String) -> TaughtItem.Subject? {
        if let rule = taught.rules[id] { return .rule(rule) }
        return taught.lessons[id].map { .lesson($0) }
    }

    private func item(_ subject: TaughtItem.Subject) -> TaughtItem {
        TaughtItem(subject, hits: taught.hits[subject.key] ?? TaughtHits())
    }

    private func mayTeach(_ what: String) async throws {
        try Task.checkCancellation()
        guard role != .idle else {
            throw IncidentError(.readOnly, "\(what) cannot be changed: the store is not watched")
        }
        if let reason = await store.capabilities.readOnlyReason {
            throw IncidentError(.readOnly, "\(what) cannot be changed here: \(reason)")
        }
    }

    private func refusal(_ sentence: String) -> IncidentError {
        IncidentError(.invalidTransition, sentence)
    }
}

extension TaughtItem.Subject {
    /// Where it is kept.
    var collection: String {
        switch self {
        case .rule: SuppressionRule.collection
        case .lesson: Lesson.collection
        }
    }

    /// What it is kept under.
    var key: String {
        switch self {
        case .rule(let rule): rule.id
        case .lesson(let lesson): lesson.id
        }
    }

    /// What it is called.
    var noun: String {
        switch self {
        case .rule: "rule"
        case .lesson: "lesson"
        }
    }

    var json: JSONValue {
        switch self {
        case .rule(let rule): rule.json
        case .lesson(let lesson): lesson.json
        }
    }

    /// The same, ended so, or in effect again.
    func ended(_ end: TaughtEnd?) -> TaughtItem.Subject {
        switch self {
        case .rule(var rule):
            rule.end = end
            return .rule(rule)
        case .lesson(var lesson):
            lesson.end = end
            return .lesson(lesson)
        }
    }
}
