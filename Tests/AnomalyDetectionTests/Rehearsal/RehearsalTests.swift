import Decisions
import Testing
import VectorStores

@testable import AnomalyDetection

@Suite struct RehearsalTests {
    private static let start: Int64 = 1_767_600_000

    private func item(
        _ number: Int, _ principal: String, _ kind: String = "secrets", tail: Double? = 0.01,
        hours: Int64 = 0, severity: Incident.Severity = .medium, incident: String? = nil,
        rule: String? = nil, alpha: Double = 0.02
    ) -> HistoryItem {
        let decision = Decision(
            id: "d-\(number)", time: Timestamp(seconds: Self.start + hours * 3_600 + Int64(number)),
            tenant: "acme", principal: Principal(id: principal, roles: []),
            resource: Resource(kind: kind, id: nil, scope: nil), actions: ["get"], effect: .allow)
        return HistoryItem(
            id: decision.id, time: decision.time, facts: DecisionFacts(decision), score: 0.95, tail: tail,
            severity: severity, isFlagged: (tail ?? 0) <= alpha, incident: incident, rule: rule)
    }

    private func incident(
        _ id: String, _ principal: String, _ resolution: Resolution?, severity: Incident.Severity = .high
    ) -> Incident {
        let decision = Decision(
            id: "m-\(id)", time: Timestamp(seconds: Self.start), tenant: "acme",
            principal: Principal(id: principal, roles: []),
            resource: Resource(kind: "secrets", id: nil, scope: nil), actions: ["get"], effect: .allow)
        var incident = Incident(
            id: id,
            key: Incident.Key(tenant: "acme", principal: principal, kind: "secrets", effect: .allow),
            severity: severity, time: decision.time, score: 0.95, why: [], member: decision.id,
            evidence: Evidence(
                decision: decision,
                channels: ScoredDecision.Channels(distance: 1, rarity: 1, firstSeen: 1)))
        incident.resolution = resolution
        if resolution != nil { incident.state = .resolved }
        return incident
    }

    private func history(_ items: [HistoryItem], _ incidents: [Incident] = []) -> TuningHistory {
        TuningHistory(
            items: items, incidents: incidents, alpha: 0.02, configuration: IncidentConfiguration())
    }

    /// Two that were told, one of them an attack, and one that nearly was, a week apart.
    private var told: TuningHistory {
        history(
            [
                item(1, "a", tail: 0.001, incident: "AAAA"), item(2, "a", tail: 0.018, incident: "AAAA"),
                item(3, "b", tail: 0.015, hours: 24, incident: "BBBB"),
                item(4, "c", tail: 0.04, hours: 168),
            ], [incident("AAAA", "a", .expected), incident("BBBB", "b", .truePositive)])
    }

    @Test func `the same tuning changes nothing`() {
        let outcome = Rehearsal(told).outcome(of: Rehearsal.Tuning(alpha: 0.02))
        #expect(outcome.pagesBefore == 2 && outcome.pagesAfter == 2)
        #expect(outcome.anomaliesBefore == 3 && outcome.anomaliesAfter == 3)
        #expect(outcome.vanished.isEmpty && outcome.appeared.isEmpty && outcome.lost.isEmpty)
        #expect(abs(outcome.days - 7) < 0.01 && abs(outcome.pagesPerWeekBefore - 2) < 0.01)
    }

    @Test func `a smaller alpha loses alerts, and says which were true`() {
        let outcome = Rehearsal(told).outcome(of: Rehearsal.Tuning(alpha: 0.01))
        #expect(outcome.vanished.map(\.incident) == ["BBBB"])
        #expect(outcome.lost.map(\.incident) == ["BBBB"] && outcome.appeared.isEmpty)
        // The first keeps one of its decisions, and with it its alert.
        #expect(outcome.pagesAfter == 1 && outcome.anomaliesAfter == 1)
        #expect(outcome.vanished.first?.severity == .high)
    }

    @Test func `a larger alpha brings what nearly was told`() {
        let outcome = Rehearsal(told).outcome(of: Rehearsal.Tuning(alpha: 0.05))
        #expect(outcome.appeared.map(\.facts.principal) == ["c"] && outcome.appeared.first?.incident == nil)
        #expect(outcome.vanished.isEmpty && outcome.pagesAfter == 3)
    }

    @Test func `a rule takes what it hides, and nothing else`() throws {
        let fields = try SuppressionFields(parsing: "principal=a")
        let outcome = Rehearsal(told).outcome(of: Rehearsal.Tuning(alpha: 0.02, fields: fields))
        #expect(outcome.vanished.map(\.incident) == ["AAAA"] && outcome.lost.isEmpty)
        #expect(outcome.pagesAfter == 1)
        let preview = told.hidden(by: fields)
        #expect(preview.anomalies == 2 && preview.incidents == ["AAAA"] && preview.high == 1)
        #expect(
            preview.sentence
                == "30 days: would have hidden 2 anomalies in 1 incident, 0 critical, 1 high")
        #expect(told.hidden(by: try SuppressionFields(parsing: "principal=b")).truePositives == ["BBBB"])
        #expect(told.hidden(by: try SuppressionFields(parsing: "principal=c")).anomalies == 0)
    }

    @Test func `a rule that is too wide tells all that it would have hidden`() throws {
        let all = told.hidden(by: SuppressionFields())
        #expect(all.anomalies == 3 && all.incidents == ["AAAA", "BBBB"] && all.truePositives == ["BBBB"])
        #expect(all.sentence.hasPrefix("30 days: would have hidden 3 anomalies in 2 incidents, "))
        let tenant = try SuppressionFields(parsing: "tenant=acme,effect=allow")
        #expect(told.hidden(by: tenant) == all)
        #expect(told.hidden(by: try SuppressionFields(parsing: "tenant=globex")).anomalies == 0)
        let draft = SuppressionDraft(fields: tenant, reason: "known")
        #expect(draft.problem(hiding: told.hidden(by: tenant)) == SuppressionDraft.tooWide)
    }

    @Test func `what a rule hid already is told on neither side`() {
        let hidden = history([item(1, "a", rule: "R-AAAA"), item(2, "b", hours: 30)])
        let outcome = Rehearsal(hidden).outcome(of: Rehearsal.Tuning(alpha: 0.1))
        #expect(outcome.pagesBefore == 1 && outcome.pagesAfter == 1 && outcome.appeared.isEmpty)
        // The preview of another rule counts it all the same.
        var fields = SuppressionFields()
        fields[.principal] = "a"
        #expect(hidden.hidden(by: fields).anomalies == 1)
    }

    @Test func `a story pages again after it was quiet for as long as an incident lasts`() {
        let quiet = history([item(1, "a"), item(2, "a", hours: 23), item(3, "a", hours: 48)])
        #expect(Rehearsal(quiet).outcome(of: Rehearsal.Tuning(alpha: 0.02)).pagesBefore == 2)
    }

    @Test func `a flood of stories pages as often as it would have`() {
        let flood = history((0..<40).map { item($0, "a", "kind-\($0)") })
        let outcome = Rehearsal(flood).outcome(of: Rehearsal.Tuning(alpha: 0.02))
        // Ten, and the burst.
        #expect(outcome.pagesBefore == 11)
    }

    @Test func `an incident from before the history is lost by rules only`() throws {
        let old = history([], [incident("AAAA", "a", .truePositive, severity: .critical)])
        #expect(old.items.count == 1)
        let smaller = Rehearsal(old).outcome(of: Rehearsal.Tuning(alpha: 0.0001))
        #expect(smaller.vanished.isEmpty && smaller.unjudged == 1)
        let fields = try SuppressionFields(parsing: "principal=a")
        #expect(
            Rehearsal(old).outcome(of: Rehearsal.Tuning(alpha: 0.02, fields: fields)).lost.count == 1)
        #expect(old.hidden(by: fields).critical == 1)
    }

    @Test func `without a history there is nothing to tell`() {
        let outcome = Rehearsal(history([])).outcome(of: Rehearsal.Tuning(alpha: 0.01))
        #expect(outcome.days == 0 && outcome.pagesPerWeekAfter == 0 && outcome.since == nil)
    }

    @Test func `only the newest days are looked at for a rule`() throws {
        let long = history([item(1, "a"), item(2, "b", hours: 31 * 24)])
        #expect(long.hidden(by: try SuppressionFields(parsing: "kind=secrets")).anomalies == 1)
        #expect(long.newest(days: 7).items.map(\.facts.principal) == ["b"])
    }

    // MARK: The history

    @Test func `the history is read as it was saved, and bounded`() throws {
        let now = Timestamp(seconds: Self.start + 900_000)
        var history = DetectionHistory()
        for number in 0..<300 { history.add(item(number, "p-\(number % 3)", hours: 0), now: now) }
        #expect(history.count == 150 && history.leftOut == 150)
        var records: [String: Record] = [:]
        for change in history.changes {
            let value = try #require(change.value)
            records[change.key] = Record(
                collection: change.collection, key: change.key,
                value: try JSONParser().parse(value.json), revision: 1)
        }
        let read = DetectionHistory.restored(from: Array(records.values), now: now)
        #expect(read.unreadable == 0 && read.history.items == history.items)
        #expect(read.history.leftOut == 150)
        history.saved()
        #expect(!history.isChanged && history.changes.isEmpty)
    }

    @Test func `what is old goes, and a date far ahead makes nothing old`() {
        let now = Timestamp(seconds: Self.start)
        var history = DetectionHistory()
        for number in 0..<70 { history.add(item(number, "p-\(number)"), now: now) }
        history.saved()
        history.add(item(0, "future", hours: 24 * 400), now: now)
        for number in 0..<70 { history.add(item(number, "q-\(number)"), now: now) }
        #expect(history.items.contains { $0.facts.principal == "p-0" })
        let later = Timestamp(seconds: Self.start + 40 * 86_400)
        for number in 0..<140 { history.add(item(number, "r-\(number)", hours: 24 * 40), now: later) }
        #expect(!history.items.contains { $0.facts.principal == "p-0" })
        #expect(history.changes.contains { $0.value == nil && $0.key == "0000000001" })
    }

    @Test func `a great many items are bounded`() {
        let now = Timestamp(seconds: Self.start)
        var history = DetectionHistory()
        for number in 0..<25_000 { history.add(item(number, "p-\(number)"), now: now) }
        #expect(history.count <= DetectionHistory.maximumItems)
        #expect(history.items.last?.facts.principal == "p-24999")
    }

    @Test func `of what is older the strangest of each story and hour stays for all of them`() throws {
        var history = DetectionHistory()
        var records: [String: JSONValue] = [:]
        // Twenty stories, forty decisions of each in an hour: four days are more than is kept.
        for hour in 0..<96 as Range<Int64> {
            let now = Timestamp(seconds: Self.start + hour * 3_600)
            for number in 0..<800 {
                let tail = 0.02 - Double(number) / 100_000
                history.add(item(number, "p-\(number % 20)", tail: tail, hours: hour), now: now)
            }
            for change in history.changes { records[change.key] = change.value }
            history.saved()
        }
        #expect(history.count <= DetectionHistory.maximumItems)
        let items = history.items
        let hours = Set(items.map { ($0.time.seconds - Self.start) / 3_600 })
        #expect(hours == Set(0..<96))
        #expect(items.reduce(0) { $0 + $1.count } == 96 * 800)
        let first = items.filter { $0.time.seconds < Self.start + 3_600 && $0.facts.principal == "p-3" }
        #expect(first.map(\.count) == [40] && first[0].tail == 0.02 - 783.0 / 100_000)
        #expect(zip(items, items.dropFirst()).allSatisfy { $0.time.seconds <= $1.time.seconds + 3_600 })
        let read = DetectionHistory.restored(
            from: try records.map { key, value in
                Record(
                    collection: DetectionHistory.collection, key: key,
                    value: try JSONParser().parse(value.json), revision: 1)
            }, now: Timestamp(seconds: Self.start + 96 * 3_600))
        #expect(read.unreadable == 0 && read.history.items == items)
    }

    @Test func `long names take no more room than many items do`() {
        let now = Timestamp(seconds: Self.start)
        let long = String(repeating: "p", count: DecisionFacts.maximumNameBytes)
        let policies = Array(repeating: long, count: DecisionFacts.maximumElements)
        var history = DetectionHistory()
        for number in 0..<30_000 {
            var item = item(number, "p-\(number)")
            item.facts.policies = policies
            history.add(item, now: now)
        }
        let pieces = DetectionHistory.maximumItems / DetectionHistory.pieceItems
        let bytes = history.items.reduce(0) { $0 + $1.facts.bytes }
        #expect(bytes < (pieces + 1) * (DetectionHistory.pieceBytes + 32 * DecisionFacts.maximumNameBytes))
        #expect(history.items.last?.id == "d-29999")
    }

    @Test func `the tail tells the least alpha that flags`() {
        var random = SplitMix64(seed: 11)
        var window = ThresholdWindow(capacity: 500)
        for _ in 0..<700 { window.add(Double.random(in: 0...1, using: &random)) }
        for _ in 0..<200 {
            let score = Double.random(in: 0.8...1, using: &random)
            let tail = window.tail(of: score) ?? 1
            for alpha in [0.01, 0.02, 0.05, 0.1] {
                let isFlagged = window.exceeds(score, alpha: alpha)
                #expect(isFlagged == (tail <= alpha + 1e-9), "\(score) \(tail) \(alpha)")
            }
        }
    }
}
