public import Decisions

/// What a drill is made of: an ordinary past that is made up, the same each time, and what is strange beside it.
///
/// The past is so short and so much alike that it costs next to nothing, and long enough to judge by.
public struct DrillScript: Sendable {
    /// The tenant of all of it, which no store holds.
    public static let tenant = "verdict:drill"
    /// Decisions of the past.
    public static let pastDecisions = 600

    private static let habits: [(principal: String, kind: String, action: String)] = [
        ("drill-clerk", "invoice", "read"), ("drill-clerk", "invoice", "update"),
        ("drill-builder", "build", "create"), ("drill-builder", "artifact", "read"),
        ("drill-reporter", "report", "read"), ("drill-reporter", "invoice", "read"),
    ]

    /// When the drill is sent; its past ends then.
    public var now: Timestamp

    /// A script that ends at a time.
    public init(now: Timestamp) {
        self.now = now
    }

    /// The ordinary past, oldest first.
    public var past: [Decision] {
        (0..<Self.pastDecisions).map { number in
            let habit = Self.habits[number % Self.habits.count]
            return decision(
                "past-\(number)", secondsAgo: Int64(Self.pastDecisions - number),
                habit.principal, habit.action, habit.kind)
        }
    }

    /// What nobody in that past ever did: it must be found.
    public var anomaly: Decision {
        var decision = decision(
            "drill-\(now.seconds)", secondsAgo: 0, "drill-clerk", "escalate", "clusterrole")
        decision.resource.id = "drill-target"
        return decision
    }

    private func decision(
        _ id: String, secondsAgo: Int64, _ principal: String, _ action: String, _ kind: String
    ) -> Decision {
        var decision = Decision(
            id: id, time: now.advanced(bySeconds: -secondsAgo), tenant: Self.tenant,
            principal: Principal(id: principal, roles: ["drill"]),
            resource: Resource(kind: kind, id: "\(kind)-1", scope: "drill"), actions: [action], effect: .allow
        )
        decision.source.format = "verdict"
        return decision
    }
}
