import Decisions
import Testing

@testable import AnomalyDetection

/// What becomes of an incident that two processes changed at the same moment.
@Suite struct JoiningTests {
    private static let now = TriageActTests.now

    /// A resolved incident, as somebody noted something about it and as a new member reopened it.
    private static func copies() throws -> (noted: Incident, reopened: Incident) {
        var book = IncidentBook()
        let id = try added(book.add(IncidentBookTests.anomaly(id: "1"), evidence: nil)).incident.id
        _ = try book.perform(.resolve(.expected), on: id, by: "ana", at: now)
        var noted = try #require(book[id])
        _ = try noted.perform(.note("seen"), by: "ben", at: now.advanced(bySeconds: 1))
        let change = try added(book.add(IncidentBookTests.anomaly(id: "2", second: 5), evidence: nil))
        return (noted: noted, reopened: change.incident)
    }

    @Test func `what a new member reopened stays so, whoever writes last`() throws {
        let (noted, reopened) = try Self.copies()
        #expect(noted.state == .resolved && reopened.state == .reopened)
        for joined in [
            reopened.joined(with: noted, keeping: 100), noted.joined(with: reopened, keeping: 100),
        ] {
            #expect(joined.standing == Incident.Standing(state: .reopened) && joined.count == 2)
            #expect(joined.notes.map(\.text) == ["seen"])
            #expect(joined.history.map(\.who) == ["ana", "ben"])
        }
    }

    @Test func `what was taken on is not resolved as anything`() throws {
        var book = IncidentBook()
        let id = try added(book.add(IncidentBookTests.anomaly(id: "1"), evidence: nil)).incident.id
        var (taken, resolved) = (try #require(book[id]), try #require(book[id]))
        _ = try resolved.perform(.resolve(.expected), by: "ben", at: Self.now)
        _ = try taken.perform(.acknowledge, by: "ana", at: Self.now.advanced(bySeconds: 1))
        let joined = taken.joined(with: resolved, keeping: 100)
        #expect(joined.standing == Incident.Standing(state: .acknowledged))
        #expect(joined.history.map(\.who) == ["ben", "ana"])
    }
}
