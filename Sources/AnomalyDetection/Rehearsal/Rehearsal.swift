public import Decisions

/// What other tuning would have made of the history: pure.
///
/// Both sides are told by the same rules: a story pages when it is flagged for the first time, and again when it was
/// quiet for as long as an incident lasts. What one principal or tenant opens past its limit in an hour joins a burst.
public struct Rehearsal: Sendable, Equatable {
    /// What it is rehearsed on.
    public let history: TuningHistory
    /// The story of each item, as a number.
    private let stories: [Int]
    /// The principal of each item and the tenant, as numbers.
    private let principals: [Int]
    private let tenants: [Int]
    private let storyCount: Int

    /// The values of alpha that are gone through by keys.
    public static let steps = [
        0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.0125, 0.015, 0.0175, 0.02, 0.025, 0.03, 0.04, 0.05, 0.06,
        0.08, 0.1,
    ]

    /// Prepares a history; costs a look at each item, later runs far less.
    public init(_ history: TuningHistory) {
        self.history = history
        var numbers: [Incident.Key: Int] = [:]
        var names: [[ByteKey]: Int] = [:]
        let grouping = history.configuration.grouping
        func number(_ name: [ByteKey]) -> Int {
            let next = names.count
            return names[name]
                ?? {
                    names[name] = next; return next
                }()
        }
        var (stories, principals, tenants): ([Int], [Int], [Int]) = ([], [], [])
        for item in history.items {
            let facts = item.facts
            let key = Incident.Key(
                tenant: facts.tenant,
                principal: grouping.byPrincipal ? facts.principal : IncidentBook.burstName,
                kind: grouping.byKind ? facts.kind : IncidentBook.burstName, effect: facts.effect)
            let story = numbers[key] ?? numbers.count
            numbers[key] = story
            stories.append(story)
            principals.append(number([ByteKey(facts.tenant), ByteKey(facts.principal)]))
            tenants.append(number([ByteKey(facts.tenant)]))
        }
        self.stories = stories
        self.principals = principals
        self.tenants = tenants
        storyCount = numbers.count
    }

    /// What is tried.
    public struct Tuning: Sendable, Hashable {
        /// The share of newest scores that is flagged.
        public var alpha: Double
        /// What is hidden, beside what rules hid already.
        public var fields: SuppressionFields?

        /// Creates a tuning.
        public init(alpha: Double, fields: SuppressionFields? = nil) {
            self.alpha = alpha
            self.fields = fields
        }
    }

    /// An alert: flagged decisions of one story that follow each other.
    public struct Alert: Sendable, Hashable {
        /// The incident it was; `nil` when it was none.
        public var incident: String?
        /// Whose, what and how decided.
        public var facts: DecisionFacts
        /// When it began.
        public var time: Timestamp
        /// How many of its decisions are known.
        public var count: Int
        /// The worst of them, or of its incident.
        public var severity: Incident.Severity
        /// What it turned out to be.
        public var resolution: Resolution?
    }

    /// What comes of a tuning, beside what is now.
    public struct Outcome: Sendable, Hashable {
        /// What was tried.
        public var tuning: Tuning
        /// Flagged decisions as it is, and as it would be.
        public var anomaliesBefore = 0
        /// Flagged decisions as it would be.
        public var anomaliesAfter = 0
        /// Pages as it is.
        public var pagesBefore = 0
        /// Pages as it would be.
        public var pagesAfter = 0
        /// Alerts that would not be, worst first.
        public var vanished: [Alert] = []
        /// Alerts that would come beside those that are, worst first.
        public var appeared: [Alert] = []
        /// Those that vanish and were resolved as true positives.
        public var lost: [Alert] { vanished.filter { $0.resolution == .truePositive } }
        /// Incidents from before there was a history: no alpha is rehearsed on them.
        public var unjudged = 0
        /// The oldest and the newest decision of the history.
        public var since: Timestamp?
        /// The newest decision of the history.
        public var until: Timestamp?

        /// How many days the history has; at least an hour.
        public var days: Double {
            guard let since, let until else { return 0 }
            return max(1.0 / 24, Double(until.seconds - since.seconds) / 86_400)
        }

        /// Pages a week as it is; 0 without a history.
        public var pagesPerWeekBefore: Double { perWeek(pagesBefore) }
        /// Pages a week as it would be.
        public var pagesPerWeekAfter: Double { perWeek(pagesAfter) }

        /// What came within less than a day is taken for a day's: a burst of a minute does not go on all week.
        private func perWeek(_ pages: Int) -> Double { Double(pages) * 7 / max(days, 1) }
    }

    /// What comes of a tuning; costs one pass over the items.
    public func outcome(of tuning: Tuning) -> Outcome {
        var outcome = Outcome(tuning: tuning)
        outcome.since = history.since
        outcome.until = history.until
        outcome.unjudged = history.items.count { $0.tail == nil }
        let before = flags(Tuning(alpha: history.alpha))
        let after = flags(tuning)
        outcome.anomaliesBefore = anomalies(before)
        outcome.anomaliesAfter = anomalies(after)
        let (old, new) = (alerts(before), alerts(after))
        outcome.pagesBefore = old.pages
        outcome.pagesAfter = new.pages
        outcome.vanished = told(old.alerts.filter { alert in !alert.contains { after[$0] } })
        outcome.appeared = told(new.alerts.filter { alert in !alert.contains { before[$0] } })
        return outcome
    }

    /// Which items are flagged and not hidden.
    private func flags(_ tuning: Tuning) -> [Bool] {
        history.items.map { item in
            guard item.isFlagged(alpha: tuning.alpha), item.rule == nil else { return false }
            return !(tuning.fields?.matches(item.facts) ?? false)
        }
    }

    private func anomalies(_ flags: [Bool]) -> Int {
        zip(history.items, flags).reduce(0) { $1.1 ? $0 + $1.0.count : $0 }
    }

    /// The alerts as places of items, and how many of them page.
    private func alerts(_ flags: [Bool]) -> (alerts: [[Int]], pages: Int) {
        var alerts: [[Int]] = []
        var pages = 0
        var open = [Int?](repeating: nil, count: storyCount)
        var last = [Int64](repeating: 0, count: storyCount)
        var opened: [Opening: Int] = [:]
        let configuration = history.configuration
        for (place, isFlagged) in flags.enumerated() where isFlagged {
            let seconds = history.items[place].time.seconds
            let story = stories[place]
            defer { last[story] = seconds }
            if let alert = open[story], seconds - last[story] <= configuration.windowSeconds {
                alerts[alert].append(place)
                continue
            }
            open[story] = alerts.count
            alerts.append([place])
            let hour = OpeningCounts.hour(of: history.items[place].time)
            let ofTenant = opened[Opening(name: tenants[place], hour: hour), default: 0]
            let ofPrincipal = opened[Opening(name: principals[place], hour: hour), default: 0]
            opened[Opening(name: tenants[place], hour: hour)] = ofTenant + 1
            opened[Opening(name: principals[place], hour: hour)] = ofPrincipal + 1
            // The first past a limit opens the burst, which is one page; the rest joins it.
            let isJoined =
                ofTenant > configuration.maximumOpenedPerTenant
                || configuration.grouping.byPrincipal && ofPrincipal > configuration.maximumOpenedPerPrincipal
            if !isJoined { pages += 1 }
        }
        return (alerts, pages)
    }

    private struct Opening: Hashable {
        var name: Int
        var hour: Int64
    }

    private func told(_ alerts: [[Int]]) -> [Alert] {
        alerts.compactMap { places -> Alert? in
            guard let first = places.first else { return nil }
            let items = places.map { history.items[$0] }
            let known = items.compactMap { history.told($0) }
            let worst = (items.map(\.severity) + known.map(\.severity)).max()
            // What turned out true somewhere in it must not be lost behind what else it was.
            let resolution =
                known.contains { $0.resolution == .truePositive }
                ? .truePositive : known.compactMap(\.resolution).first
            return Alert(
                incident: items.compactMap(\.incident).first, facts: items[0].facts,
                time: history.items[first].time, count: items.reduce(0) { $0 + $1.count },
                severity: worst ?? .low, resolution: resolution)
        }
        .sorted { ($1.severity, $0.time, $0.facts.principal) < ($0.severity, $1.time, $1.facts.principal) }
    }
}
