import Decisions
import Testing

@testable import AnomalyDetection

@Suite struct SignalTests {
    static let start = Timestamp(seconds: 1_800_000_000, fractionDigits: 0)

    static func silence(
        _ source: String = "web-1:/var/log/audit.log", raised after: Int64? = 0, ended: Int64? = nil
    ) -> Signal {
        Signal(
            kind: .silentSource, subject: source, raised: after.map { start.advanced(bySeconds: $0) },
            ended: ended.map { start.advanced(bySeconds: $0) },
            why: ["nothing came for 5 min, usually at most 30 s apart"])
    }

    @Test func `a signal opens an incident that is certain and of no decision`() throws {
        var book = IncidentBook()
        let change = try added(book.file(Self.silence()))
        let incident = change.incident
        #expect(change.isNew && change.removed.isEmpty)
        #expect(incident.state == .new && incident.severity == .high && incident.score == 1)
        #expect(incident.key.tenant.isEmpty && incident.key.principal == "web-1:/var/log/audit.log")
        #expect(incident.key.kind == "verdict:source" && incident.key.effect == .conditional)
        #expect(incident.why == ["nothing came for 5 min, usually at most 30 s apart"])
        #expect(incident.members.isEmpty && incident.isOfNoDecision && incident.count == 1)
        #expect(incident.first == Self.start && incident.last == Self.start)
        #expect(book[incident.id] == incident)
    }

    @Test func `a signal that is told twice counts once`() throws {
        var book = IncidentBook()
        let incident = try added(book.file(Self.silence())).incident
        #expect(book.file(Self.silence()) == nil)
        #expect(book.file(Self.silence(raised: -60)) == nil)
        _ = book.file(Self.silence(ended: 90))
        #expect(book.file(Self.silence(ended: 90)) == nil)
        #expect(book.count == 1 && book[incident.id]?.count == 1)
    }

    @Test func `its end is noted, and one that comes again joins it`() throws {
        var book = IncidentBook()
        let id = try added(book.file(Self.silence())).incident.id
        let ended = try added(book.file(Self.silence(ended: 600))).incident
        #expect(ended.id == id && ended.state == .new && ended.count == 1)
        #expect(ended.signal?.ended == Self.start.advanced(bySeconds: 600))
        #expect(ended.last == Self.start.advanced(bySeconds: 600))
        #expect(ended.why.first?.hasPrefix("heard again at 2027-01-15T08:10:00Z, 10 min after") == true)
        #expect(ended.why.last == "nothing came for 5 min, usually at most 30 s apart")
        let again = try added(book.file(Self.silence(raised: 4_000)))
        #expect(again.incident.id == id && again.incident.count == 2 && !again.isNew)
        #expect(again.incident.signal?.ended == nil)
        for second in 1...40 {
            _ = book.file(
                Self.silence(raised: 4_000 + Int64(second) * 100, ended: 4_050 + Int64(second) * 100))
        }
        #expect(try #require(book[id]).why.count <= Signal.maximumWords)
        #expect(book[id]?.count == 42)
    }

    @Test func `one that is put off until it comes again waits for a person then`() throws {
        var book = IncidentBook()
        let id = try added(book.file(Self.silence())).incident.id
        _ = try book.perform(.snooze(.events(1)), on: id, by: "ana", at: Self.start)
        let ended = try added(book.file(Self.silence(ended: 60)))
        #expect(!ended.isNew && !ended.incident.isOpen)
        let again = try added(book.file(Self.silence(raised: 4_000)))
        #expect(again.incident.id == id && again.isNew && again.incident.isOpen)
    }

    @Test func `one that comes again after its end is another story to whoever took the first`() throws {
        var book = IncidentBook()
        let id = try added(book.file(Self.silence())).incident.id
        _ = try book.perform(.acknowledge, on: id, by: "ana", at: Self.start)
        // Whoever watches notices it once more, and nothing was heard in between: that is the same silence.
        let same = try added(book.file(Self.silence(raised: 60)))
        #expect(same.incident.state == .acknowledged && !same.isNew)
        let ended = try added(book.file(Self.silence(raised: nil, ended: 600)))
        #expect(ended.incident.state == .acknowledged && !ended.isNew)
        let again = try added(book.file(Self.silence(raised: 4_000)))
        #expect(again.incident.id == id && again.incident.state == .reopened && again.isNew)
        #expect(again.incident.isOpen && again.incident.history.map(\.who) == ["ana"])
        // It is taken anew, and stays so while it lasts.
        _ = try book.perform(.acknowledge, on: id, by: "ben", at: Self.start)
        #expect(book[id]?.state == .acknowledged)
    }

    @Test func `once it is resolved the next one is an incident of its own`() throws {
        var book = IncidentBook()
        let first = try added(book.file(Self.silence(ended: 600))).incident
        _ = try book.setState(.resolved, of: first.id, by: "ana", at: Self.start)
        #expect(book.file(Self.silence()) == nil)
        let second = try added(book.file(Self.silence(raised: 9_000)))
        #expect(second.isNew && second.incident.id != first.id)
        let noted = try added(book.file(Self.silence(raised: nil, ended: 9_500))).incident
        #expect(noted.id == second.incident.id && noted.signal?.ended != nil)
        #expect(book[first.id]?.state == .resolved && book.count == 2)
    }

    @Test func `an end of what never began is nothing, and one from before it began neither`() throws {
        var book = IncidentBook()
        #expect(book.file(Self.silence(raised: nil, ended: 10)) == nil)
        let id = try added(book.file(Self.silence())).incident.id
        #expect(book.file(Self.silence(raised: nil, ended: -10)) == nil)
        #expect(book.file(Self.silence("other", raised: nil, ended: 10)) == nil)
        #expect(book[id]?.signal?.ended == nil && book.count == 1)
    }

    @Test func `no decision joins a signal's incident, whatever it is called`() throws {
        var book = IncidentBook()
        let signal = try added(book.file(Self.silence())).incident
        var copy = IncidentBook()
        copy.adopt(signal)
        for var book in [book, copy] {
            var decision = Decision(
                id: "spoof", time: Self.start, principal: Principal(id: signal.key.principal),
                resource: Resource(kind: signal.key.kind), actions: ["silence"], effect: .conditional)
            decision.source.format = "verdict"
            let scored = ScoredDecision(
                id: "spoof", time: Self.start, tenant: "", score: 0.99, state: .scored, anomalous: true,
                why: [], channels: ScoredDecision.Channels(distance: 1, rarity: 1, firstSeen: 1))
            #expect(book.continueStory(of: decision, scored) == nil)
            let change = try added(
                book.add(Anomaly(decision: decision, scored: scored, severity: .low), evidence: nil))
            #expect(change.isNew && change.incident.id != signal.id)
            #expect(change.incident.signal == nil && !change.incident.isOfNoDecision)
            // The signal goes on with its own, not with what looks like it.
            let ended = try added(book.file(Self.silence(ended: 60))).incident
            #expect(ended.id == signal.id)
        }
    }

    @Test func `a missed drill is as bad as can be`() throws {
        var book = IncidentBook()
        let signal = Signal.missedDrill(
            "hourly", tenant: "acme", sent: Self.start, noticed: Self.start.advanced(bySeconds: 60),
            withinSeconds: 60)
        let incident = try added(book.file(signal)).incident
        #expect(incident.severity == .critical && incident.key.kind == "verdict:drill")
        #expect(incident.key.tenant == "acme" && incident.why[0].contains("within 60 s"))
        #expect(incident.why.contains { $0.contains("2027-01-15T08:00:00Z") })
    }

    @Test(arguments: [silence(), silence(ended: 5), silence(raised: nil, ended: 5)])
    func `a signal is read as it was handed over`(signal: Signal) throws {
        #expect(try Signal(json: signal.json) == signal)
    }

    @Test func `a signal's incident is read as it was saved, and what came before signals too`() throws {
        var book = IncidentBook()
        let incident = try added(book.file(Self.silence(ended: 5))).incident
        #expect(try Incident(json: incident.json) == incident)
        guard case .object(var object) = incident.json else {
            Issue.record("an incident is saved as an object")
            return
        }
        object["signal"] = nil
        #expect(try Incident(json: .object(object)).signal == nil)
        object["signal"] = .object(["kind": .string("nonsense")])
        #expect(throws: IncidentError.self) { try Incident(json: .object(object)) }
    }

    @Test func `what cannot be a signal is refused`() {
        for value in [
            JSONValue.null, .string("x"), .object(["kind": .string("source")]),
            .object([
                "kind": .string("nonsense"), "tenant": .string(""), "subject": .string("a"),
                "why": .array([]),
            ]),
            .object([
                "kind": .string("source"), "tenant": .string(""), "subject": .string("a"),
                "raised": .string("noon"), "why": .array([]),
            ]),
        ] {
            #expect(throws: IncidentError.self, "\(value)") { try Signal(json: value) }
        }
    }

    @Test func `a subject is cut, and of many sentences the first are kept`() {
        let signal = Signal(
            kind: .silentSource, subject: String(repeating: "x", count: 10_000), raised: Self.start,
            why: (0..<100).map { "reason \($0)" })
        #expect(signal.subject.count <= Signal.maximumSubjectCharacters + 1)
        #expect(signal.why.count == Signal.maximumWords && signal.why[0] == "reason 0")
    }
}
