import AnomalyDetection
import Decisions
import Operations

@testable import Console

extension Fixture {
    /// Two rules, one of them over, and two lessons, one of them taken back.
    static var taught: [TaughtItem] {
        [
            TaughtItem(
                .rule(rule("R-7KQ2", "principal=svc-deploy,kind=secrets,action=get")), hits: hits(41, 0)),
            TaughtItem(.lesson(lesson("P4WZ", .expected)), hits: hits(7, 0)),
            TaughtItem(.lesson(lesson("J3QT", .truePositive, isUndone: true))),
            TaughtItem(
                .rule(rule("R-M8XC", "tenant=globex,kind=report", isOver: true)), hits: hits(1_204, 2)),
        ]
    }

    static func rule(_ id: String, _ fields: String, isOver: Bool = false) -> SuppressionRule {
        let made = now.advanced(bySeconds: isOver ? -20 * 86_400 : -2 * 86_400)
        return SuppressionRule(
            id: id, fields: (try? SuppressionFields(parsing: fields)) ?? SuppressionFields(), author: "ana",
            reason: "the migration of the vault until Friday", created: made,
            expires: made.advanced(bySeconds: 14 * 86_400), incident: "K7F2",
            end: isOver
                ? TaughtEnd(.expired, time: made.advanced(bySeconds: 14 * 86_400), who: "verdict") : nil)
    }

    static func lesson(
        _ incident: String, _ resolution: Resolution, isUndone: Bool = false
    ) -> Lesson {
        let shape = Lesson.Shape(
            principal: "q.costa", kind: "report", effect: .allow, actions: ["get"], scope: nil, address: nil,
            count: 3)
        return Lesson(
            incident: incident, kind: resolution.lesson, resolution: resolution, tenant: "acme",
            author: "sam", reason: "q.costa: 214 past decisions, none on report",
            created: now.advanced(bySeconds: -70_000), expires: nil,
            end: isUndone ? TaughtEnd(.undone, time: now.advanced(bySeconds: -600), who: "ben") : nil,
            shapes: [shape], members: resolution == .truePositive ? ["d-1", "d-2", "d-3"] : [], vectors: [])
    }

    private static func hits(_ count: Int, _ critical: Int) -> TaughtHits {
        var hits = TaughtHits()
        hits.count = count
        hits.critical = critical
        hits.last = now.advanced(bySeconds: -480)
        return hits
    }

    /// Twelve days in which three incidents were told and more nearly were.
    static var tuningHistory: TuningHistory {
        var items: [HistoryItem] = []
        func add(
            _ principal: String, _ kind: String, tails: [Double], daysAgo: Int64, incident: String? = nil,
            severity: Incident.Severity = .medium
        ) {
            for (place, tail) in tails.enumerated() {
                let decision = decision(
                    "h-\(items.count)", principal, "get", kind, "x",
                    secondsAgo: daysAgo * 86_400 - Int64(place))
                items.append(
                    HistoryItem(
                        id: decision.id, time: decision.time, facts: DecisionFacts(decision), score: 0.96,
                        tail: tail, severity: severity, isFlagged: tail <= 0.02,
                        incident: tail <= 0.02 ? incident : nil))
            }
        }
        add("q.costa", "report", tails: [0.012, 0.018], daysAgo: 12, incident: "P4WZ")
        add("y.khan", "role", tails: [0.017, 0.019], daysAgo: 6, incident: "R6NB", severity: .high)
        add("r.silva", "customer", tails: [0.026, 0.04], daysAgo: 4)
        add(
            "svc-deploy", "secrets", tails: [0.0004, 0.001, 0.004, 0.03], daysAgo: 0, incident: "K7F2",
            severity: .critical)
        var incidents = incidents.filter { ["P4WZ", "R6NB", "K7F2"].contains($0.id) }
        for place in incidents.indices where incidents[place].id == "R6NB" {
            incidents[place].state = .resolved
            incidents[place].resolution = .truePositive
        }
        return TuningHistory(
            items: items, incidents: incidents, alpha: 0.02, configuration: IncidentConfiguration())
    }
}
