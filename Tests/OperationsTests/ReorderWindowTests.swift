import Decisions
import Testing

@testable import Operations

@Suite struct ReorderWindowTests {
    private let start = ContinuousClock.now
    private let noon = Timestamp(seconds: 1_700_000_000)

    private func decision(_ id: String, _ seconds: Double) -> Decision {
        let whole = Int64(seconds.rounded(.down))
        return Decision(
            id: id,
            time: Timestamp(
                seconds: 1_700_000_000 + whole,
                nanoseconds: Int32((seconds - Double(whole)) * 1_000) * 1_000_000),
            tenant: "acme", principal: Principal(id: "kim", roles: []),
            resource: Resource(kind: "invoice", id: "i", scope: ""), actions: ["read"], effect: .allow)
    }

    private func ids(_ held: [ReorderWindow.Held]) -> [String] { held.map(\.decision.id) }

    @Test func `what comes unordered goes on in the order of times, then of identifiers`() {
        var window = ReorderWindow(ReorderWindow.Limits(seconds: 2, count: 100))
        for (id, time) in [("d", 1.0), ("b", 0.5), ("c", 0.5), ("a", 0.0)] {
            window.take(decision(id, time), mark: 0, at: start, clock: nil)
        }
        #expect(window.release(at: start).isEmpty)
        #expect(ids(window.release(at: start.advanced(by: .seconds(2)))) == ["a", "b", "c", "d"])
        #expect(window.late == 0 && window.count == 0)
    }

    @Test func `what is older than the newest by the window goes on at once`() {
        var window = ReorderWindow(ReorderWindow.Limits(seconds: 2, count: 100))
        for second in 0..<10 {
            window.take(decision("\(second)", Double(second)), mark: 0, at: start, clock: nil)
        }
        #expect(ids(window.release(at: start)) == (0...7).map(String.init))
        #expect(ids(window.release(at: start, all: true)) == ["8", "9"])
    }

    @Test func `no more is held than the window counts`() {
        var window = ReorderWindow(ReorderWindow.Limits(seconds: 600, count: 3))
        for number in [4, 2, 0, 3, 1] {
            window.take(decision("\(number)", Double(number)), mark: 0, at: start, clock: nil)
        }
        #expect(ids(window.release(at: start)) == ["0", "1"])
        #expect(window.count == 3)
    }

    @Test func `what is older than what has gone on is late, counted, and held back no longer`() {
        var window = ReorderWindow(ReorderWindow.Limits(seconds: 1, count: 100))
        window.take(decision("new", 10), mark: 0, at: start, clock: nil)
        #expect(ids(window.release(at: start.advanced(by: .seconds(1)))) == ["new"])
        window.take(decision("late", 9), mark: 0, at: start, clock: nil)
        window.take(decision("same", 10), mark: 0, at: start, clock: nil)
        let released = window.release(at: start)
        #expect(ids(released) == ["late"] && released.allSatisfy(\.isBeside))
        #expect(window.late == 1)
        #expect(ids(window.release(at: start, all: true)) == ["same"])
    }

    @Test func `what is ahead of the clock makes nothing else late`() {
        var window = ReorderWindow(ReorderWindow.Limits(seconds: 2, count: 100))
        let now = noon.advanced(bySeconds: 5)
        window.take(decision("far", 1e9), mark: 0, at: start, clock: now)
        window.take(decision("tolerated", 60), mark: 0, at: start, clock: now)
        window.take(decision("now", 5), mark: 0, at: start, clock: now)
        #expect(ids(window.release(at: start)) == ["far"])
        #expect(window.ahead == 1 && window.aheadSeconds == 999_999_995)
        #expect(ids(window.release(at: start.advanced(by: .seconds(2)))) == ["now", "tolerated"])
        window.take(decision("next", 6), mark: 0, at: start, clock: now.advanced(bySeconds: 1))
        #expect(ids(window.release(at: start, all: true)) == ["next"])
        #expect(window.late == 0)
    }

    @Test func `times at the ends of what can be told are taken`() {
        var window = ReorderWindow(ReorderWindow.Limits(seconds: 2, count: 100))
        for (id, seconds) in [("first", Int64.min), ("last", .max)] {
            var one = decision(id, 0)
            one.time = Timestamp(seconds: seconds)
            window.take(one, mark: 0, at: start, clock: noon)
        }
        #expect(Set(ids(window.release(at: start, all: true))) == ["first", "last"])
        #expect(window.ahead == 1)
    }

    @Test(arguments: 1...20)
    func `what is late by less than the window comes out as a plain sort has it`(seed: UInt64) {
        var random = SplitMix(state: seed)
        let limits = ReorderWindow.Limits(seconds: 3, count: 10_000)
        var window = ReorderWindow(limits)
        // Each comes at most three seconds of the log after a later one.
        let all = (0..<2_000).map { number -> (decision: Decision, arrival: Double) in
            let time = Double(number / 3) * 0.1
            return (decision("id-\(random.next() % 1_000)-\(number)", time), time + random.share() * 2.9)
        }.sorted { $0.arrival < $1.arrival }
        var released: [Decision] = []
        var most = 0
        for (number, one) in all.enumerated() {
            window.take(one.decision, mark: 0, at: start, clock: nil)
            guard random.next() % 7 == 0 || number == all.count - 1 else { continue }
            // The clock goes on slower than the log: only the log's times count.
            released += window.release(at: start.advanced(by: .milliseconds(number / 10))).map(\.decision)
            most = max(most, window.count)
        }
        released += window.release(at: start, all: true).map(\.decision)
        let plain = all.map(\.decision).sorted { ($0.time, $0.id) < ($1.time, $1.id) }
        #expect(released.map(\.id) == plain.map(\.id))
        #expect(window.late == 0 && most < 200)
    }

    @Test(arguments: 1...20)
    func `whatever comes goes on once, and all that is not late in order`(seed: UInt64) {
        var random = SplitMix(state: seed)
        var window = ReorderWindow(ReorderWindow.Limits(seconds: Int64(random.next() % 4), count: 50))
        var released: [ReorderWindow.Held] = []
        for number in 0..<1_000 {
            let time = random.share() * 100 + Double(number) / 20
            window.take(
                decision("id-\(number)", time), mark: number,
                at: start.advanced(by: .milliseconds(number * 10)),
                clock: nil)
            if random.next() % 5 == 0 {
                released += window.release(at: start.advanced(by: .milliseconds(number * 10)))
                #expect(window.count <= 50)
            }
        }
        released += window.release(at: start, all: true)
        #expect(released.map(\.mark).sorted() == Array(0..<1_000))
        let ordered = released.filter { !$0.isBeside }.map(\.decision.time)
        #expect(ordered == ordered.sorted())
        #expect(window.late == released.count(where: \.isBeside))
    }
}

@Suite struct LogPaceTests {
    private func time(_ seconds: Int64) -> Timestamp { Timestamp(seconds: 1_700_000_000 + seconds) }

    @Test func `a gap that is much longer than usual is told, and the same one again is not`() {
        var pace = LogPace()
        for number in 0..<200 { #expect(pace.note(time(Int64(number) * 10)) == nil) }
        #expect(pace.note(time(1_990 + 3_600)) == LogGap(from: time(1_990), to: time(5_590)))
        for number in 1..<100 { #expect(pace.note(time(5_590 + Int64(number) * 10)) == nil) }
        #expect(pace.note(time(6_580 + 3_600)) == nil)
        #expect(pace.note(time(10_180 + 20_000)) != nil)
    }

    @Test func `nothing is a gap before it is known what is usual, or when it is short`() {
        var pace = LogPace()
        for number in 0..<50 { #expect(pace.note(time(Int64(number))) == nil) }
        #expect(pace.note(time(10_000)) == nil)
        var dense = LogPace()
        for number in 0..<1_000 { #expect(dense.note(time(Int64(number))) == nil) }
        #expect(dense.note(time(999 + LogPace.shortestGapSeconds)) == nil)
    }

    @Test func `times at the ends of what can be told do no harm`() {
        var pace = LogPace()
        for number in 0..<700 { _ = pace.note(time(Int64(number))) }
        #expect(pace.note(Timestamp(seconds: .max)) != nil)
        #expect(pace.note(Timestamp(seconds: .min)) == nil)
        #expect(pace.note(Timestamp(seconds: .max)) == nil)
    }
}

extension SplitMix {
    /// From 0 to less than 1.
    fileprivate mutating func share() -> Double { Double(next() >> 11) / Double(UInt64(1) << 53) }
}
