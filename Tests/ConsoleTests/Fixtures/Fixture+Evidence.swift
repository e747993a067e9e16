import AnomalyDetection
import Decisions
import Operations
import VectorStores

@testable import Console

/// What is asked about an incident beside its evidence.
extension Fixture {
    static func reach(of incident: Incident) -> IncidentReach {
        var reach = IncidentReach(incident: incident.id, since: incident.first)
        let tenant = Query.tenant(incident.key.tenant)
        func counted(_ name: String, _ count: Int, _ query: String) -> IncidentReach.Counted {
            IncidentReach.Counted(name: name, count: count, query: "\(tenant) \(query)")
        }
        reach.allowed = 41
        reach.denied = 2
        reach.actions = [
            counted("get secrets", 27, "kind:secrets action:get"),
            counted("get configmap", 14, "kind:configmap action:get"),
        ]
        reach.resources = [
            counted("secrets/db", 9, "kind:secrets resource:db"),
            counted("secrets/jwt", 3, "kind:secrets resource:jwt"),
        ]
        reach.resourceCount = 19
        reach.addresses = [counted("203.0.113.7", 43, "ip:203.0.113.7")]
        reach.others = [
            IncidentReach.Other(principal: "ana", count: 4, last: now.advanced(bySeconds: -7_300))
        ]
        reach.otherCount = 1
        reach.lastSeen = now.advanced(bySeconds: -33)
        reach.usualDay = IncidentReach.UsualDay(
            resource: "secrets/db", hours: (0..<24).map { $0 == 2 ? 40 : $0 % 3 }, decisions: 61,
            since: now.advanced(bySeconds: -400_000))
        reach.scanned = 1_204
        reach.elapsedMicroseconds = 412
        return reach
    }

    static func score(_ value: Double, isFlagged: Bool) -> FlipScore {
        FlipScore(
            score: value,
            channels: ScoredDecision.Channels(distance: value, rarity: value / 2, firstSeen: value / 4),
            isFlagged: isFlagged)
    }

    static func flips(of incident: Incident) -> FlipReport {
        func flip(_ changes: [FlipChange], _ value: Double, size: Double) -> Flip {
            Flip(changes: changes, score: score(value, isFlagged: value >= 0.9), size: size)
        }
        let offers = [
            flip([.resource(kind: "configmap", id: "app")], 0.412, size: 0.2),
            flip([.principal("vault-agent")], 0.55, size: 0.4),
        ]
        let singles = [
            flip([.hour(8)], 0.991, size: 0.001), flip([.action("list")], 0.95, size: 0.1), offers[0],
            flip([.principal("ana")], 0.97, size: 0.39), offers[1],
        ]
        return FlipReport(
            decision: incident.evidence.decision, score: score(incident.score, isFlagged: true),
            offers: offers, singles: singles, tried: 31)
    }

    static var hunt: HuntReport {
        var report = HuntReport()
        var first = HuntReport.Find(
            nearest: decision("d-50", "vault-agent", "get", "secrets", "db"), similarity: 1)
        first.count = 1_204
        first.first = now.advanced(bySeconds: -500_000)
        let second = HuntReport.Find(
            nearest: decision("d-51", "ana", "get", "secrets", "jwt", tenant: "globex", secondsAgo: 8_000),
            similarity: 0.935)
        report.finds = [first, second]
        report.searches = 4
        report.scanned = 12_400
        report.elapsedMicroseconds = 920
        report.isExact = true
        return report
    }

    static var hunts: [HuntStatus] {
        var tally = HuntTally()
        tally.hits = 3
        tally.recent = [
            HuntTally.Hit(
                time: now.advanced(bySeconds: -120), tenant: "globex", principal: "ana", id: "d-77",
                similarity: 0.93)
        ]
        return [
            HuntStatus(
                hunt: Hunt(
                    id: "4TQZ", decision: decision("d-K7F2", "svc-deploy", "get", "secrets", "db"),
                    author: "sam", created: now.advanced(bySeconds: -90_000), incident: "K7F2"),
                tally: tally),
            HuntStatus(
                hunt: Hunt(
                    id: "9XRC",
                    decision: decision("d-J3QT", "j.ortiz", "get", "payroll", "p", effect: .deny),
                    author: "ana", created: now.advanced(bySeconds: -600))),
        ]
    }
}
