import AnomalyDetection
import Decisions
import Operations
import TerminalUI
import Testing

@testable import Console

@Suite struct SignalPageTests {
    /// A picture whose newest incident is of a source that fell silent.
    static func console(ended: Bool = false, width: Int = 80, height: Int = 24) throws -> Harness {
        var book = IncidentBook()
        let raised = Fixture.now.advanced(bySeconds: -300)
        let signal = Signal(
            kind: .silentSource, subject: "web-1:/var/log/audit.log", raised: raised,
            ended: ended ? raised.advanced(bySeconds: 120) : nil,
            why: ["nothing came for 5 min, usually at most 30 s apart"])
        let change = book.file(signal)
        let incident = try #require(change).incident
        var snapshot = Fixture.snapshot()
        snapshot.incidents.append(incident)
        return Harness(.anomalies, width: width, height: height, snapshot: snapshot, incident: incident.id)
    }

    @Test func `the evidence of a silent source tells of it and of no decisions`() throws {
        let console = try Self.console()
        #expect(console.state.anomalies.page == .evidence)
        let picture = console.picture
        #expect(picture.contains("▲ HIGH") && picture.contains("1 time ") && picture.contains("goes on, 5 m"))
        #expect(picture.contains("web-1:/var/log/audit.log  source fell silent"))
        #expect(picture.contains("WHY      nothing came for 5 min, usually at most 30 s apart"))
        for heading in ["NEAREST", "ITS OWN", "GOT", "DAY", "SCORE"] { #expect(!picture.contains(heading)) }
        let rows = picture.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(rows.dropLast().allSatisfy { String($0).displayWidth == 80 })
    }

    @Test func `once it is heard again the page says that it is over`() throws {
        let picture = try Self.console(ended: true, width: 120, height: 36).picture
        #expect(picture.contains("it is over") && !picture.contains("goes on"))
        #expect(picture.contains("heard again at 2026-03-02T13:59:31Z, 2 min after it was found silent"))
    }

    @Test func `it is acknowledged like any other, and has neither members nor what is like it`() throws {
        var console = try Self.console()
        console.press("Enter")
        #expect(console.state.anomalies.page == .evidence)
        #expect(console.picture.contains("of the watching itself"))
        console.press("m")
        #expect(console.state.view == .anomalies)
        let requests = console.press("a")
        #expect(requests.count == 1)
        #expect(console.picture.contains("acknowledged"))
    }
}
