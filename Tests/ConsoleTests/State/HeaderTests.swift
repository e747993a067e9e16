import AnomalyDetection
import Decisions
import Operations
import TerminalUI
import Testing

@testable import Console

@Suite struct HeaderTests {
    private static func snapshot(_ outcome: DrillRecord.Outcome?, sentAgo seconds: Int64 = 200)
        -> ConsoleSnapshot
    {
        var snapshot = Fixture.snapshot()
        if let outcome {
            let sent = Fixture.now.advanced(bySeconds: -seconds)
            let drill = DrillRecord(
                sent: sent, outcome: outcome, next: sent.advanced(bySeconds: 600), session: "s")
            snapshot.care = DetectionCare(drill: drill, pass: nil)
        }
        return snapshot
    }

    /// The first line, at a width.
    private static func header(_ snapshot: ConsoleSnapshot, width: Int) -> String {
        let console = Harness(width: width, height: width < 100 ? 24 : 36, snapshot: snapshot)
        return String(console.picture.prefix { $0 != "\n" })
    }

    @Test func `the header says when the last drill was caught and how fast`() {
        let wide = Self.header(Self.snapshot(.caught(seconds: 0.18)), width: 200)
        #expect(wide.contains("drill 3 m ago, 0.2 s"))
        // With little, in fewer words, beside the recall; the address goes before either.
        var narrow = Self.snapshot(.caught(seconds: 0.18))
        for user in [nil, "ada"] {
            narrow.user = user
            let header = Self.header(narrow, width: 80)
            #expect(header.contains("drill 3m 0.2s") && header.contains("recall 99.2 %"))
            #expect(header.contains("ada") == (user != nil))
            #expect(header.contains("memory:") == (user == nil))
        }
        // Also there where something else leaves room.
        var still = Self.snapshot(.caught(seconds: 0.18))
        still.recall = nil
        #expect(Self.header(still, width: 80).contains("drill 3 m ago, 0.2 s"))
        #expect(!Self.header(Self.snapshot(nil), width: 200).contains("drill"))
        #expect(!Self.header(Self.snapshot(.off), width: 200).contains("drill"))
    }

    @Test func `a missed drill stays when others go`() {
        let missed = DrillRecord.Outcome.missed(noticed: Fixture.now, reason: "what is scored stood still")
        var snapshot = Self.snapshot(missed)
        #expect(Self.header(snapshot, width: 200).contains("drill missed 3 m ago"))
        snapshot.storeName = String(repeating: "production-", count: 6)
        snapshot.user = "ada"
        let narrow = Self.header(snapshot, width: 80)
        #expect(narrow.contains("drill missed") && narrow.contains("ada") && !narrow.contains("recall"))
    }

    @Test(arguments: [40, 60, 80, 120, 200]) func `a missed drill is seen however little room there is`(
        width: Int
    ) {
        let missed = DrillRecord.Outcome.missed(noticed: Fixture.now, reason: "what is scored stood still")
        var snapshot = Self.snapshot(missed)
        snapshot.storeName = String(repeating: "production-", count: 6)
        snapshot.user = String(repeating: "u", count: 40)
        snapshot.unscored = 12_345
        snapshot.unsavedActs = 40
        snapshot.recording.set(RecordingMode(percent: 25), tenant: "acme")
        #expect(Self.header(snapshot, width: width).contains("drill missed"))
    }

    @Test func `who acts stays beside a long store name, which is cut instead`() {
        var snapshot = Self.snapshot(.caught(seconds: 0.2))
        snapshot.user = "grace.hopper"
        snapshot.storeName = "eu-central-production-authorization"
        let header = Self.header(snapshot, width: 80)
        #expect(header.contains("grace.hopper") && !header.contains("eu-central-production-authorization"))
        #expect(header.contains("eu-cen"))
    }

    @Test(arguments: [40, 60, 79, 80, 81, 100, 119, 120, 160, 200], [1, 9, 40])
    func `the header never runs over, whatever it has to say`(width: Int, length: Int) {
        for outcome in [
            DrillRecord.Outcome.caught(seconds: 12.3), .missed(noticed: Fixture.now, reason: "why"), .off,
        ] {
            var snapshot = Self.snapshot(outcome)
            snapshot.storeName = String(repeating: "s", count: length)
            snapshot.storeAddress = "postgres://db.example/\(snapshot.storeName)"
            snapshot.user = String(repeating: "u", count: length)
            snapshot.unscored = 12_345
            let header = Self.header(snapshot, width: width)
            #expect(header.count == width)
            // The clock is whole, or not there.
            if width >= 80 { #expect(header.contains("14:02:31 UTC")) }
        }
    }

    @Test func `a drill from after the time of a picture is not told, and one that is overdue is a warning`()
    {
        let later = Self.snapshot(.caught(seconds: 0.2), sentAgo: -7_200)
        #expect(!Self.header(later, width: 200).contains("drill"))
        let drill = DrillRecord(
            sent: Fixture.now.advanced(bySeconds: -900), outcome: .caught(seconds: 0.2),
            next: Fixture.now.advanced(bySeconds: -300), session: "s")
        #expect(DrillText(drill, now: Fixture.now)?.role == .warning)
        #expect(DrillText(drill, now: Fixture.now.advanced(bySeconds: -400))?.role == .text)
    }
}
