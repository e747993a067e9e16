import Decisions
import Testing

@testable import AnomalyDetection

@Suite struct FlipSearchTests {
    static var decision: Decision {
        var traffic = Traffic(seed: 1)
        var decision = traffic.make("svc-deploy", "get", "secrets", id: "db")
        decision.time = Timestamp(seconds: 1_767_600_000 - 1_767_600_000 % 86_400 + 3 * 3_600 + 125)
        return decision
    }

    static func score(_ value: Double) -> FlipScore {
        FlipScore(
            score: value, channels: ScoredDecision.Channels(distance: value, rarity: value, firstSeen: value),
            isFlagged: value >= 0.9)
    }

    @Test func `a change is of one field, and typed values are read as they are shown`() {
        let decision = Self.decision
        #expect(FlipChange.principal("ana").applied(to: decision).principal.id == "ana")
        let moved = FlipChange.hour(22).applied(to: decision)
        #expect(moved.time.hourOfDay == 22 && moved.time.dayNumber == decision.time.dayNumber)
        #expect(moved.time.seconds % 3_600 == decision.time.seconds % 3_600)
        let resource = FlipChange.resource(kind: "report", id: nil).applied(to: decision)
        #expect(resource.resource.kind == "report" && resource.resource.id == nil)
        #expect(resource.resource.scope == "eu" && resource.principal == decision.principal)
        #expect(FlipChange.typed(" secrets/a/b ", for: .resource) == .resource(kind: "secrets", id: "a/b"))
        #expect(FlipChange.typed("secrets", for: .resource) == .resource(kind: "secrets", id: nil))
        #expect(
            FlipChange.typed("07", for: .hour) == .hour(7) && FlipChange.typed("7 h", for: .hour) == .hour(7))
        for wrong in ["24", "-1", "x", "", "1e1"] { #expect(FlipChange.typed(wrong, for: .hour) == nil) }
        #expect(FlipChange.typed("/db", for: .resource) == nil)
        #expect(FlipChange.typed(String(repeating: "a", count: 1_025), for: .principal) == nil)
        for field in FlipChange.Field.allCases {
            let own = FlipChange.own(field, of: decision)
            #expect(FlipChange.typed(own.value, for: field) == own)
            #expect(own.applied(to: decision) == decision)
        }
    }

    @Test func `the hours to try are the nearest of every other part of the day`() {
        // 03 h: the parts 4-7, 0-3 is its own, 8-11, 12-15, 16-19, 20-23.
        #expect(FlipSearch(Self.decision).hours == [.hour(4), .hour(23), .hour(8), .hour(19), .hour(12)])
    }

    @Test func `the smallest change comes first: fewer fields, less of the vector, fewer hours`() {
        var search = FlipSearch(Self.decision)
        let changes: [(FlipChange, Double)] = [
            (.principal("vault-agent"), 0.2), (.resource(kind: "secrets", id: "other"), 0.5),
            (.action("list"), 0.95), (.hour(8), 0.7), (.hour(4), 0.7), (.hour(12), 0.7),
        ]
        for (change, score) in changes { search.note([change], Self.score(score)) }
        #expect(search.together.isEmpty)
        let report = search.report(score: Self.score(0.99), isLive: true)
        // An hour weighs least in the vector, then one resource of the same kind, then who it was.
        #expect(
            report.offers.map(\.changes)
                == [[.hour(4)], [.resource(kind: "secrets", id: "other")], [.principal("vault-agent")]])
        for (left, right) in zip(report.offers, report.offers.dropFirst()) {
            #expect(left.size <= right.size + 1e-6)
        }
        #expect(report.closest.isEmpty && report.tried == 6)
        #expect(report.values(of: .hour) == [.hour(4), .hour(8), .hour(12)])
        #expect(report.singles.count == 6)
    }

    @Test func `two fields are tried where one is not enough, and nothing is offered of which less would do`()
    {
        var search = FlipSearch(Self.decision)
        let singles: [(FlipChange, Double)] = [
            (.principal("ana"), 0.94), (.principal("ben"), 0.93), (.principal("cem"), 0.99),
            (.action("list"), 0.92), (.hour(4), 0.98),
        ]
        for (change, score) in singles { search.note([change], Self.score(score)) }
        let together = search.together
        #expect(together.first == [.principal("ben"), .action("list")])
        #expect(together.allSatisfy { $0.count == 2 && $0[0].field != $0[1].field })
        #expect(!together.joined().contains(.principal("cem")))
        #expect(together.count == 2 * 1 + 2 * 1 + 1)
        for pair in together { search.note(pair, Self.score(pair.contains(.hour(4)) ? 0.95 : 0.4)) }
        let report = search.report(score: Self.score(0.99), isLive: true)
        #expect(report.offers.map(\.changes.count) == [2] && report.closest.isEmpty)
        // Of both principals the one that leaves less strange: the vector changes as much.
        #expect(report.offers.first?.changes.map(\.field) == [.principal, .action])
        for offer in report.offers {
            for change in offer.changes {
                #expect(report.singles.first { $0.changes == [change] }?.score.isFlagged == true)
            }
        }
    }

    @Test func `where nothing is enough the closest are told, and what is ordinary needs no change`() {
        var search = FlipSearch(Self.decision)
        for (place, score) in [0.97, 0.92, 0.99, 0.95].enumerated() {
            search.note([.principal("p-\(place)")], Self.score(score))
        }
        let report = search.report(score: Self.score(0.99), isLive: false)
        #expect(report.offers.isEmpty && !report.isLive)
        #expect(report.closest.map(\.score.score) == [0.92, 0.95, 0.97])
        search.note([.action("list")], Self.score(0.1))
        let ordinary = search.report(score: Self.score(0.5), isLive: true)
        #expect(ordinary.offers.isEmpty && ordinary.closest.isEmpty && ordinary.singles.count == 5)
    }
}
