import Decisions
import Testing

@testable import AnomalyDetection

/// When a snooze ends, and what is told apart as a story.
@Suite struct SnoozeTests {
    private func snoozed(_ term: Snooze.Term) throws -> (book: IncidentBook, id: String) {
        var book = IncidentBook()
        let id = try added(book.add(IncidentBookTests.anomaly(id: "1"), evidence: nil)).incident.id
        _ = try book.perform(.snooze(term), on: id, by: "ana", at: TriageActTests.now)
        return (book, id)
    }

    @Test func `a snoozed incident waits for nobody until its time has come`() throws {
        var (book, id) = try snoozed(.until(TriageActTests.now.advanced(bySeconds: 60)))
        #expect(book[id]?.isOpen == false && book[id]?.state == .new)
        #expect(book[id]?.isSnoozed(at: TriageActTests.now) == true)
        let early = book.wakeDue(at: TriageActTests.now.advanced(bySeconds: 59))
        #expect(early.isEmpty)
        let woken = book.wakeDue(at: TriageActTests.now.advanced(bySeconds: 60))
        #expect(woken.map(\.incident.id) == [id] && woken.first?.before.snooze != nil)
        #expect(book[id]?.isOpen == true)
        let again = book.wakeDue(at: TriageActTests.now.advanced(bySeconds: 61))
        #expect(again.isEmpty)
    }

    @Test func `a snooze for further events ends with the last of them`() throws {
        var (book, id) = try snoozed(.events(3))
        for number in 2...4 {
            let anomaly = IncidentBookTests.anomaly(id: "\(number)", second: Int64(number))
            let change = try added(book.add(anomaly, evidence: nil))
            #expect(change.incident.id == id && change.isNew == (number == 4))
            #expect(change.incident.isOpen == (number == 4))
        }
    }

    @Test func `what follows unflagged counts too`() throws {
        var (book, id) = try snoozed(.events(1))
        let anomaly = IncidentBookTests.anomaly(id: "2", second: 5, score: 0.3)
        let continued = book.continueStory(of: anomaly.decision, anomaly.scored)
        let change = try #require(continued)
        #expect(change.isNew && book[id]?.isOpen == true)
    }

    @Test func `an incident that becomes worse is woken`() throws {
        var (book, id) = try snoozed(.until(TriageActTests.now.advanced(bySeconds: 86_400)))
        let worse = IncidentBookTests.anomaly(id: "2", second: 1, severity: .critical)
        let change = try added(book.add(worse, evidence: nil))
        #expect(change.isNew)
        #expect(book[id]?.isOpen == true && book[id]?.severity == .critical)
    }

    @Test(arguments: [
        (IncidentGrouping(), 4), (IncidentGrouping(byPrincipal: false), 2),
        (IncidentGrouping(byKind: false), 2),
        (IncidentGrouping(byPrincipal: false, byKind: false), 1),
    ])
    func `stories are told apart by what the grouping names`(_ grouping: IncidentGrouping, _ count: Int)
        throws
    {
        var configuration = IncidentConfiguration()
        configuration.grouping = grouping
        var book = IncidentBook(configuration: configuration)
        for (number, pair) in [("ana", "secrets"), ("ana", "role"), ("ben", "secrets"), ("ben", "role")]
            .enumerated()
        {
            for round in 0..<2 {
                _ = book.add(
                    IncidentBookTests.anomaly(pair.0, pair.1, id: "\(number)-\(round)"), evidence: nil)
            }
        }
        #expect(book.count == count)
        #expect(book.all.reduce(0) { $0 + $1.count } == 8)
        // The effect tells apart in every grouping.
        _ = book.add(IncidentBookTests.anomaly("ana", "secrets", id: "d", effect: .deny), evidence: nil)
        #expect(book.count == count + 1)
    }
}
