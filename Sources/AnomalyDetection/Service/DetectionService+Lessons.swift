import Decisions
import VectorStores

/// What resolutions teach, and neighbours without what they withhold.
extension DetectionService {
    /// The most members that are looked up for the lessons of one act.
    static let maximumLookups = 2_000

    /// Makes lessons of what was resolved, and takes back those of what is resolved no longer.
    ///
    /// They are saved with their incidents. A decision that reopens an incident takes back nothing.
    func learn(from acts: [IncidentBook.Acted], by who: String, at now: Timestamp) async {
        var lookups = Self.maximumLookups
        for act in acts where act.before.resolution != act.incident.resolution {
            let incident = act.incident
            if let resolution = incident.resolution, !incident.isOfNoDecision {
                let lesson = await lesson(
                    of: incident, as: resolution, by: who, at: now, lookups: &lookups)
                taught.set(lesson)
                taught.unsavedLessons.insert(lesson.id)
                tell("teach", lesson, at: now, by: who)
            } else if var lesson = taught.lessons[incident.id], lesson.end == nil {
                lesson.end = TaughtEnd(.undone, time: now, who: who)
                taught.set(lesson)
                taught.unsavedLessons.insert(lesson.id)
                tell("withdraw", lesson, at: now, by: who)
            }
        }
        applyLessons()
    }

    private func tell(_ act: String, _ lesson: Lesson, at now: Timestamp, by who: String) {
        unsavedActs.append(
            UnsavedAct(
                incident: lesson.incident,
                event: ActivityEvent(
                    time: now, who: who, act: act, subject: "lesson \(lesson.id)",
                    after: .object([
                        "kind": .string(lesson.kind.rawValue),
                        "what": .string(TaughtItem(.lesson(lesson)).words),
                    ]))))
    }

    /// The lesson of an incident.
    ///
    /// What is ordinary is told by the incident itself; where it is of many principals or kinds, and for what is
    /// withheld, its members are looked up, as many as there are lookups left.
    private func lesson(
        of incident: Incident, as resolution: Resolution, by who: String, at now: Timestamp,
        lookups: inout Int
    ) async -> Lesson {
        var lesson = Lesson(
            incident: incident.id, kind: resolution.lesson, resolution: resolution,
            tenant: DecisionFacts.kept(incident.key.tenant), author: who,
            reason: incident.why.first ?? "", created: now,
            expires: resolution == .falsePositive
                ? now.advanced(bySeconds: Lesson.falsePositiveSeconds) : nil,
            shapes: [], members: [], vectors: [])
        let key = incident.key
        let isOfOne = key.principal != IncidentBook.burstName && key.kind != IncidentBook.burstName
        if lesson.kind == .ordinary, isOfOne, !incident.actions.isEmpty,
            incident.actions.count < configuration.incidents.maximumActions
        {
            lesson.shapes = [
                Lesson.Shape(
                    principal: DecisionFacts.kept(key.principal), kind: DecisionFacts.kept(key.kind),
                    effect: key.effect, actions: incident.actions, count: incident.count)
            ]
            return lesson
        }
        let members = incident.members.prefix(max(0, lookups))
        lookups -= members.count
        var found: [StoredDecision] = []
        for id in members {
            // What cannot be read now is left out: the resolution counts all the same.
            let stored = (try? await store.entries(id: id, tenant: key.tenant)) ?? []
            found += stored.filter { ByteKey($0.storedID) == ByteKey(id) }
        }
        if found.count < incident.members.count {
            note(
                problem:
                    "lesson \(incident.id) rests on \(found.count) of \(incident.members.count) decisions: "
                    + "the others are gone or too many")
        }
        lesson.learn(from: found, orElse: incident.evidence.decision)
        if lesson.kind == .withheld { lesson.members = incident.members }
        return lesson
    }

    /// How an entry compares with its past without what lessons withhold; `nil` where that is the same.
    ///
    /// Costs a comparison with the vectors of the tenant's true positives, and a search where one may be near.
    func noveltyWithoutWithheld(
        _ entry: Entry, _ novelty: Novelty?, notYetPast: () -> Set<EntryIdentity>
    ) async -> Novelty? {
        guard let novelty, let lessons = detector.lessons.lessons(of: entry.decision.tenant),
            lessons.mayBeNear(entry.embedding, mean: novelty.meanSimilarity)
        else { return nil }
        do {
            return try await self.novelty(
                of: entry.embedding, tenant: entry.decision.tenant,
                leavingOut: notYetPast().union(detector.lessons.withheld(of: entry.decision.tenant)))
        } catch {
            note(
                problem: "neighbours of \(Reasons.short(entry.decision.id)) include true positives: \(error)")
            return nil
        }
    }
}

extension Lesson {
    /// Takes over what decisions have in common, the most frequent first; of none, what one of them had.
    mutating func learn(from decisions: [StoredDecision], orElse known: Decision) {
        var counts: [Shape: Int] = [:]
        for stored in decisions {
            counts[Shape(stored.decision, isWhole: kind == .withheld), default: 0] += 1
        }
        if counts.isEmpty { counts[Shape(known, isWhole: kind == .withheld)] = 1 }
        let sorted = counts.sorted { left, right in
            (right.value, left.key.sortingText) < (left.value, right.key.sortingText)
        }
        shapes = sorted.prefix(Self.maximumShapes).map { shape, count in
            var shape = shape
            shape.count = count
            return shape
        }
        guard kind == .withheld else { return }
        var seen: Set<Embedding> = []
        for stored in decisions where vectors.count < Self.maximumVectors {
            if seen.insert(stored.embedding).inserted { vectors.append(SparseVector(stored.embedding)) }
        }
    }
}

extension Lesson.Shape {
    /// The shape of one decision, with scope and address where it is to be whole.
    fileprivate init(_ decision: Decision, isWhole: Bool) {
        let facts = DecisionFacts(decision)
        self.init(
            principal: facts.principal, kind: facts.kind, effect: facts.effect, actions: facts.actions,
            scope: isWhole ? facts.scope : nil, address: isWhole ? facts.address : nil, count: 0)
    }

    fileprivate var sortingText: String {
        ([principal, kind, effect.rawValue, scope ?? "", address ?? ""] + actions).joined(separator: "\u{0}")
    }
}
