public import Decisions
public import VectorStores

/// What tuning is rehearsed on: what was flagged or nearly was, the incidents it led to and what they turned out to be.
public struct TuningHistory: Sendable, Hashable {
    /// The items, oldest first.
    public var items: [HistoryItem]
    /// What became of each incident, by name.
    public var incidents: [String: Told]
    /// The share of newest scores that is flagged now.
    public var alpha: Double
    /// What tells stories apart, and how many are opened at most.
    public var configuration: IncidentConfiguration

    /// An incident, as far as tuning is concerned.
    public struct Told: Sendable, Hashable {
        /// How bad it is.
        public var severity: Incident.Severity
        /// Where its triage stands.
        public var state: Incident.State
        /// What it turned out to be.
        public var resolution: Resolution?
        /// How many decisions it has.
        public var count: Int
    }

    /// Joins items with the incidents of a store.
    ///
    /// An incident of which no item is known, as one from before there was a history, becomes one item that is
    /// flagged whatever the alpha. What signals tell is no matter of tuning.
    public init(
        items: [HistoryItem], incidents: [Incident], alpha: Double, configuration: IncidentConfiguration
    ) {
        var items = items
        var told: [String: Told] = [:]
        let known = Set(items.compactMap(\.incident))
        for incident in incidents where incident.signal == nil {
            told[incident.id] = Told(
                severity: incident.severity, state: incident.state, resolution: incident.resolution,
                count: incident.count)
            guard !known.contains(incident.id) else { continue }
            items.append(
                HistoryItem(
                    id: incident.evidence.decision.id, time: incident.last,
                    facts: DecisionFacts(incident.evidence.decision), score: incident.score, tail: nil,
                    severity: incident.severity, isFlagged: true, incident: incident.id,
                    count: incident.count))
        }
        items.sort { ($0.time, $0.id) < ($1.time, $1.id) }
        self.items = items
        self.incidents = told
        self.alpha = alpha
        self.configuration = configuration
    }

    /// When the oldest item was decided; `nil` when there is none.
    public var since: Timestamp? { items.first?.time }
    /// When the newest was.
    public var until: Timestamp? { items.last?.time }

    /// The items of so many days before the newest.
    public func newest(days: Int) -> TuningHistory {
        guard let until else { return self }
        var history = self
        history.items = items.filter { until.seconds - $0.time.seconds <= Int64(days) * 86_400 }
        return history
    }

    /// What became of an item's incident; `nil` when it has none that is known.
    func told(_ item: HistoryItem) -> Told? { item.incident.flatMap { incidents[$0] } }

    /// Reads what a store keeps, for whoever does not detect.
    public static func read(
        from store: any RecordStore, incidents: [Incident], alpha: Double,
        configuration: IncidentConfiguration,
        now: Timestamp
    ) async throws -> TuningHistory {
        let records = try await store.records(in: DetectionHistory.collection)
        let history = DetectionHistory.restored(from: records, now: now).history
        return TuningHistory(
            items: history.items, incidents: incidents, alpha: alpha, configuration: configuration)
    }
}

/// What a rule would have hidden.
public struct SuppressionPreview: Sendable, Hashable {
    /// How many anomalies.
    public var anomalies = 0
    /// The incidents that they belong to.
    public var incidents: [String] = []
    /// How many of these are critical, and anomalies that are critical and have none.
    public var critical = 0
    /// The same of high severity.
    public var high = 0
    /// The incidents that were resolved as true positives.
    public var truePositives: [String] = []
    /// How many days were looked at.
    public var days = SuppressionPreview.usualDays

    /// How many days are looked at.
    public static let usualDays = 30

    /// A preview of a rule that hides nothing.
    public init() {}

    /// The preview in a sentence: `30 days: would have hidden 41 anomalies in 3 incidents, 0 critical`.
    public var sentence: String {
        var text =
            "\(days) days: would have hidden \(Self.counted(anomalies, "anomaly", "anomalies")) in "
            + "\(Self.counted(incidents.count, "incident", "incidents")), \(critical) critical"
        if high > 0 { text += ", \(high) high" }
        if !truePositives.isEmpty {
            text += ", \(Self.counted(truePositives.count, "true positive", "true positives"))"
        }
        return text
    }

    private static func counted(_ count: Int, _ one: String, _ many: String) -> String {
        "\(PrintedNumber.grouped(count)) \(count == 1 ? one : many)"
    }
}

extension TuningHistory {
    /// What a rule would have hidden in the newest days, also one that is too wide to be taken; costs a look at each
    /// item.
    public func hidden(
        by fields: SuppressionFields, days: Int = SuppressionPreview.usualDays
    ) -> SuppressionPreview {
        var preview = SuppressionPreview()
        preview.days = days
        let oldest = (until?.seconds ?? 0) - Int64(days) * 86_400
        var worst: [String: Incident.Severity] = [:]
        for item in items where item.isFlagged && item.time.seconds >= oldest && fields.matches(item.facts) {
            preview.anomalies += item.count
            guard let id = item.incident else {
                if item.severity == .critical { preview.critical += 1 }
                if item.severity == .high { preview.high += 1 }
                continue
            }
            worst[id] = max(worst[id] ?? .low, incidents[id]?.severity ?? item.severity)
        }
        preview.incidents = worst.keys.sorted()
        preview.critical += worst.values.count { $0 == .critical }
        preview.high += worst.values.count { $0 == .high }
        preview.truePositives = preview.incidents.filter { incidents[$0]?.resolution == .truePositive }
        return preview
    }
}
