import Decisions
import Operations
import TerminalUI
import Testing

@testable import Console

/// What Health tells of sources.
@Suite struct SourceTimesTests {
    @Test func `health tells what is wrong with the times of a source, and what to do`() {
        var snapshot = Fixture.snapshot()
        snapshot.health = []
        snapshot.sources = [SourceSummary(id: "audit.log", state: .following, accepted: 5_000)]
        #expect(!Harness(.health, width: 80, height: 24, snapshot: snapshot).picture.contains("late"))
        snapshot.sources[0].late = 1_204
        var picture = Harness(.health, width: 80, height: 24, snapshot: snapshot).picture
        #expect(picture.contains("1,204 came late"))
        #expect(!picture.contains("timedatectl"))
        snapshot.sources[0].ahead = 3
        snapshot.sources[0].aheadSeconds = 7_260
        snapshot.sources[0].lastGap = LogGap(
            from: Fixture.now.advanced(bySeconds: -7_200), to: Fixture.now.advanced(bySeconds: -3_600))
        picture = Harness(.health, width: 160, height: 48, snapshot: snapshot).picture
        #expect(picture.contains("3 ahead of this machine's clock, by 2 h 1 m at most"))
        #expect(picture.contains("nothing between 2026-03-02 12:02Z and"))
        #expect(picture.contains("timedatectl"))
    }
}
