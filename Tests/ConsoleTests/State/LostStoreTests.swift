import Decisions
import Operations
import TerminalUI
import Testing

@testable import Console

/// What is said of a store that does not answer.
@Suite struct LostStoreTests {
    private static let reason =
        "memory:/srv/verdict/store: the snapshot snapshot-00000012.verdict is damaged at byte 4,096: "
        + "its checksum does not match; restore it from a backup"

    private func unopened(retry: Timestamp? = nil) -> ConsoleSnapshot {
        var snapshot = ConsoleSnapshot()
        snapshot.storeName = "memory:/srv/verdict/store"
        snapshot.wallTime = Fixture.now
        snapshot.connection = .unopened(since: Fixture.now, retry: retry, reason: Self.reason)
        return snapshot
    }

    /// The picture as one line without its layout.
    private func words(_ picture: String) -> String {
        picture.split(whereSeparator: { $0 == " " || $0 == "\n" }).joined(separator: " ")
    }

    @Test(arguments: ConsoleView.allCases, ["80x24", "120x36", "60x18"])
    func `a store that could not be opened is told whole on every view`(
        _ view: ConsoleView, _ size: String
    ) {
        let size = PictureTests.size(size)
        let console = Harness(view, width: size.width, height: size.height, snapshot: unopened())
        #expect(words(console.picture).contains("could not be opened: " + Self.reason))
        for untrue in ["This store is empty", "all is well", "no check has run", "again in"] {
            #expect(!console.picture.contains(untrue))
        }
        #expect(words(console.picture).contains("it is not tried again; q leaves"))
        #expect(console.state.headerLine.leading.contains { $0.line.text.contains("not opened") })
    }

    @Test(arguments: ConsoleView.allCases, ["80x24", "120x36"])
    func `a store that is opened by itself is told with the seconds until then`(
        _ view: ConsoleView, _ size: String
    ) {
        let size = PictureTests.size(size)
        let console = Harness(
            view, width: size.width, height: size.height,
            snapshot: unopened(retry: Fixture.now.advanced(bySeconds: 4)))
        let told = words(console.picture)
        #expect(told.contains("could not be opened: " + Self.reason))
        #expect(told.contains("it is opened by itself, retry in 4 s; q leaves, :connect opens another store"))
        #expect(
            console.state.headerLine.leading.contains { $0.line.text.contains("not opened · retry in 4 s") })
        #expect(console.state.whyNotTriage == "the store is not opened")
    }

    @Test func `help and command line open over it, and q leaves`() {
        var console = Harness(width: 80, height: 24, snapshot: unopened())
        console.press("?")
        #expect(console.picture.contains("What can be done here"))
        console.press("Escape")
        #expect(console.press("d").isEmpty)
        #expect(console.press("q") == [.quit])
    }

    @Test(arguments: [ConsoleView.overview, .anomalies, .health, .log])
    func `a store that was lost says why above what was seen last`(_ view: ConsoleView) {
        var snapshot = Fixture.snapshot()
        snapshot.connection = .lost(
            since: Fixture.now, retry: Fixture.now.advanced(bySeconds: 3), reason: Self.reason)
        let console = Harness(view, width: 80, height: 24, snapshot: snapshot)
        #expect(words(console.picture).contains("does not answer: " + Self.reason))
        #expect(!words(Harness(view, width: 80, height: 24).picture).contains("does not answer"))
    }
}
