import AnomalyDetection
import Decisions
import Operations
import TerminalUI
import Testing
import VectorStores

@testable import Console

/// What is told of old logs, of windows and of what is usual.
@Suite struct ClockTests {
    private func old() -> ConsoleSnapshot {
        var snapshot = Fixture.snapshot()
        let end = Timestamp(seconds: 1_674_844_320, fractionDigits: 0)
        snapshot.newestDecision = end
        snapshot.statistics.newestDecision = end
        for index in snapshot.incidents.indices {
            snapshot.incidents[index].first = end.advanced(bySeconds: -60)
            snapshot.incidents[index].last = end
        }
        return snapshot
    }

    @Test func `an old log is not told as if it were live`() {
        var console = Harness(.anomalies, width: 110, height: 30, snapshot: old())
        #expect(console.picture.contains("3 y"))
        #expect(!console.picture.contains("0 s│"))
        console.press("Enter")
        #expect(console.picture.contains("log ends here"))
        #expect(!console.picture.contains("still active"))
    }

    @Test(arguments: [(80, 24), (60, 18), (120, 36)])
    func `the wall clock stays beside the end of an old log`(_ width: Int, _ height: Int) {
        let picture = Harness(width: width, height: height, snapshot: old()).picture
        #expect(picture.contains("14:02:31 UTC"))
        #expect(picture.contains("as of 2023-01-27 18:32Z") || width < 80)
    }

    @Test func `a long address gives way before the end of an old log does`() {
        var snapshot = old()
        snapshot.storeName = "memory:/srv/verdict/prod-eu-west"
        snapshot.storeAddress = snapshot.storeName
        let picture = Harness(width: 80, height: 24, snapshot: snapshot).picture
        #expect(picture.contains("as of 2023-01-27"))
        #expect(picture.contains("memory:…eu-west") || picture.contains("memory:…u-west"))
        #expect(picture.contains("OPERATE"))
    }

    @Test func `a recall over few samples is no headline and says how few`() {
        var snapshot = Fixture.snapshot()
        snapshot.recall = RecallSummary(recall: 1, samples: 1, ageSeconds: 4)
        let picture = Harness(width: 80, height: 24, snapshot: snapshot).picture
        #expect(!picture.split(separator: "\n")[0].contains("recall"))
        #expect(picture.contains("100 %  n=1"))
        #expect(Harness(.index, width: 80, height: 24).picture.contains("live probe n=512"))
    }

    @Test func `the day tells what is usual an hour and what is now`() {
        var console = Harness(.anomalies, width: 80, height: 24)
        console.press("Enter")
        // Three days of past, at most 37 in an hour of the day.
        #expect(console.picture.contains("usual 0-13/h, now 27 in 2 m 3 s"))
    }

    @Test func `a taken incident does not shift its page`() {
        var console = Harness(.anomalies, width: 80, height: 24)
        console.press("Enter")
        func row(_ console: Harness) -> Int? {
            console.picture.split(separator: "\n").firstIndex { $0.contains("WHY") }
        }
        let before = row(console)
        console.press("a")
        #expect(console.state.selectedIncident?.state == .acknowledged)
        #expect(row(console) == before)
    }

    @Test func `a share of denies rests on enough decisions and says over how long`() throws {
        func series(_ name: MetricName, _ values: [Double?]) -> MetricSeries {
            MetricSeries(
                name: name, title: "", unit: "", isEventTime: true, end: Fixture.now, step: 5, values: values)
        }
        let many = series(.decisions, Array(repeating: 10, count: 60))
        let quiet = [Double?](repeating: 0, count: 48) + Array(repeating: 10, count: 12)
        let share = try #require(
            DenyShare(decisionsPerSecond: many, percents: series(.denyRate, quiet)))
        #expect(share.seconds == 60)
        #expect(share.percent == 10)
        #expect(share.change == 10)
        #expect(share.text == "10.0 % over 1 m")
        #expect(share.changeText == " ▲ 10.0")
        let few = series(.decisions, Array(repeating: 0.2, count: 60))
        #expect(DenyShare(decisionsPerSecond: few, percents: series(.denyRate, quiet))?.seconds == 300)
        let none = series(.decisions, [0, nil])
        #expect(DenyShare(decisionsPerSecond: none, percents: series(.denyRate, [nil, nil])) == nil)
    }

    @Test func `a chart moved back does not call its right edge now`() {
        var console = Harness(.metrics)
        #expect(console.picture.contains("/s now"))
        console.press("+ ,")
        #expect(!console.picture.contains("/s now"))
        #expect(console.picture.contains("/s at 13:"))
    }

    @Test func `a time of another day has its date on a narrow screen too`() {
        var console = Harness(.search, width: 80, height: 24)
        console.press("5")
        var answer = SearchOutcome(FixtureClient.answer(isLike: false, limit: 2))
        answer.results[1].stored.decision.time = Fixture.now.advanced(bySeconds: -86_400)
        console.answer(.search(answer), .search)
        #expect(console.picture.contains("2026-03-01 14:02Z"))
    }
}
