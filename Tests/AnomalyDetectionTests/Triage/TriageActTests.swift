import Decisions
import Testing

@testable import AnomalyDetection

/// What acts do to an incident, and that each can be taken back.
@Suite struct TriageActTests {
    static let now = Timestamp(seconds: 1_800_000_000, fractionDigits: 0)

    static func incident() throws -> Incident {
        var book = IncidentBook()
        return try added(book.add(IncidentBookTests.anomaly(id: "d-1"), evidence: nil)).incident
    }

    static let acts: [TriageAct] =
        [
            .acknowledge, .snooze(.until(now.advanced(bySeconds: 3_600))), .snooze(.events(10)),
            .assign("ben"),
            .note("seen before"),
        ] + Resolution.allCases.map { .resolve($0) }

    @Test(arguments: acts)
    func `every act is kept with who did it and can be taken back`(_ act: TriageAct) throws {
        let before = try Self.incident()
        var incident = before
        let isChanged = try incident.perform(act, by: "ana", at: Self.now)
        #expect(isChanged)
        let entry = try #require(incident.history.last)
        #expect(entry.who == "ana" && entry.time == Self.now && entry.act == act.kind)
        #expect(entry.before == before.standing && entry.after == incident.standing)
        #expect(incident.standing != before.standing || incident.notes != before.notes)
        #expect(incident.revision == before.revision + 1)
        try incident.undo(by: "ben", at: Self.now.advanced(bySeconds: 5))
        #expect(incident.standing == before.standing && incident.notes == before.notes)
        #expect(incident.history.map(\.who) == ["ana", "ben"])
        #expect(incident.history.last?.act == .undo)
        #expect(throws: IncidentError.self) { try incident.undo(by: "ben", at: Self.now) }
    }

    @Test func `acts are taken back one after the other, the newest first`() throws {
        var incident = try Self.incident()
        let times = (0..<4).map { Self.now.advanced(bySeconds: $0) }
        let acts: [TriageAct] = [.acknowledge, .assign("ben"), .note("n"), .resolve(.expected)]
        for (act, time) in zip(acts, times) {
            _ = try incident.perform(act, by: "ana", at: time)
        }
        try incident.undo(by: "ana", at: Self.now)
        #expect(incident.state == .acknowledged && incident.resolution == nil && incident.assignee == "ben")
        try incident.undo(by: "ana", at: Self.now)
        #expect(incident.notes.isEmpty && incident.assignee == "ben")
        try incident.undo(by: "ana", at: Self.now)
        #expect(incident.assignee == nil && incident.state == .acknowledged)
        _ = try incident.perform(.resolve(.truePositive), by: "ana", at: Self.now.advanced(bySeconds: 9))
        try incident.undo(by: "ana", at: Self.now)
        try incident.undo(by: "ana", at: Self.now)
        #expect(incident.state == .new)
    }

    @Test func `who takes back their own leaves what others did`() throws {
        var incident = try Self.incident()
        _ = try incident.perform(.acknowledge, by: "ana", at: Self.now)
        _ = try incident.perform(.assign("cem"), by: "ben", at: Self.now.advanced(bySeconds: 1))
        try incident.undo(by: "ana", of: "ana", at: Self.now.advanced(bySeconds: 2))
        #expect(incident.state == .new && incident.assignee == "cem")
        #expect(throws: IncidentError.self) { try incident.undo(by: "ana", of: "ana", at: Self.now) }
    }

    @Test func `what somebody changed since is not taken back`() throws {
        var incident = try Self.incident()
        _ = try incident.perform(.acknowledge, by: "ana", at: Self.now)
        _ = try incident.perform(.resolve(.expected), by: "ben", at: Self.now.advanced(bySeconds: 1))
        let error = #expect(throws: IncidentError.self) {
            try incident.undo(by: "ana", of: "ana", at: Self.now.advanced(bySeconds: 2))
        }
        #expect(error?.description.contains("changed since") == true)
        #expect(incident.state == .resolved && incident.resolution == .expected)
    }

    @Test func `what is so already changes nothing`() throws {
        var incident = try Self.incident()
        for act in [TriageAct.reopen, .wake, .assign(nil)] {
            let isChanged = try incident.perform(act, by: "ana", at: Self.now)
            #expect(!isChanged)
        }
        _ = try incident.perform(.acknowledge, by: "ana", at: Self.now)
        let isChanged = try incident.perform(.acknowledge, by: "ben", at: Self.now)
        #expect(!isChanged)
        #expect(incident.history.count == 1)
    }

    @Test func `what makes no sense is refused`() throws {
        var incident = try Self.incident()
        let refused: [TriageAct] = [
            .note(" \n "), .note(String(repeating: "n", count: 2_001)), .assign(""), .assign("a\u{1b}[31m"),
            .assign(String(repeating: "n", count: 101)), .snooze(.until(Self.now)), .snooze(.events(0)),
            .snooze(.until(Self.now.advanced(bySeconds: 91 * 86_400))),
        ]
        for act in refused {
            #expect(throws: IncidentError.self) { try incident.perform(act, by: "ana", at: Self.now) }
        }
        _ = try incident.perform(.resolve(.falsePositive), by: "ana", at: Self.now)
        for act in [TriageAct.acknowledge, .snooze(.events(3))] {
            #expect(throws: IncidentError.self) { try incident.perform(act, by: "ana", at: Self.now) }
        }
        #expect(incident.history.count == 1)
    }

    @Test func `reopening ends a resolution and a snooze`() throws {
        var incident = try Self.incident()
        _ = try incident.perform(.resolve(.expected), by: "ana", at: Self.now)
        _ = try incident.perform(.reopen, by: "ben", at: Self.now)
        #expect(incident.standing == Incident.Standing(state: .reopened) && incident.isOpen)
    }

    @Test func `notes are kept without what cannot be shown, and the oldest make room`() throws {
        var incident = try Self.incident()
        _ = try incident.perform(.note("a\tb\u{7}\r\nc "), by: "ana", at: Self.now)
        #expect(incident.notes.map(\.text) == ["a b\u{FFFD}\nc"])
        for number in 0..<60 {
            _ = try incident.perform(
                .note("n\(number)"), by: "ana", at: Self.now.advanced(bySeconds: Int64(number)))
        }
        #expect(incident.notes.count == Incident.maximumNotes && incident.notes.last?.text == "n59")
    }

    @Test(arguments: [
        ("2h", Snooze.Term.until(now.advanced(bySeconds: 7_200))), ("10x", .events(10)),
        ("2027-01-15T09:00:00Z", .until(Timestamp(seconds: 1_800_003_600))),
    ])
    func `how long is read as people type it`(_ text: String, _ term: Snooze.Term) {
        #expect(Snooze.Term(text, now: Self.now) == term)
    }

    @Test(arguments: [
        "", "x", "0x", "-3x", "0h", "-2h", "91d", "soon", "2027-01-15T07:00:00Z", "1000001x", "2 h",
    ])
    func `what is no span is none`(_ text: String) {
        #expect(Snooze.Term(text, now: Self.now) == nil)
    }

    @Test func `an incident with everything comes back as it was saved, and an old one is read`() throws {
        var incident = try IncidentJSONTests.incident()
        for act in [TriageAct.note("one"), .assign("ben"), .snooze(.events(4)), .resolve(.expected)] {
            _ = try incident.perform(act, by: "ana", at: Self.now)
        }
        try incident.undo(by: "ana", at: Self.now.advanced(bySeconds: 1))
        #expect(incident.snooze == .members(incident.count + 4))
        #expect(try Incident(json: JSONParser().parse(incident.json.json)) == incident)
        var old = try #require(try IncidentJSONTests.incident().json.object)
        old["history"] = .array([
            .object([
                "time": .string("2027-01-15T08:00:00Z"), "who": .string("ana"), "from": .string("new"),
                "to": .string("acknowledged"),
            ])
        ])
        let read = try Incident(json: .object(old))
        #expect(read.resolution == nil && read.snooze == nil && read.assignee == nil && read.notes.isEmpty)
        #expect(read.history.first?.act == .change && read.history.first?.to == .acknowledged)
    }
}
