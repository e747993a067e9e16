public import Decisions

/// All incidents: which anomalies are one story, where its triage stands, what goes when too many.
///
/// Pure: times come with the anomalies, nothing is read or written.
public struct IncidentBook: Sendable {
    /// How anomalies become incidents.
    public let configuration: IncidentConfiguration
    /// Every incident by name.
    var incidents: [String: Incident] = [:] {
        didSet { membersVersion += 1 }
    }
    /// Grows with each change of an incident.
    private(set) var membersVersion = 0
    /// The newest incident of each story.
    private var newest: [Incident.Key: String] = [:]
    /// Hashes of the resources each incident's members touched, to count them past the listed ones.
    private var touched: [String: Set<UInt64>] = [:]
    /// How many incidents were opened per principal or tenant and hour.
    private var opened = OpeningCounts()

    /// A principal or kind that stands for many in a burst incident.
    public static let burstName = "*"

    /// Creates an empty book.
    public init(configuration: IncidentConfiguration = IncidentConfiguration()) {
        self.configuration = configuration
    }

    /// What adding an anomaly did.
    public struct Change: Sendable, Hashable {
        /// The incident as it now is.
        public var incident: Incident
        /// Whether it opened or reopened it, or ended its snooze.
        public var isNew: Bool
        /// The names of incidents that had to go.
        public var removed: [String]
    }

    /// Where an anomaly would go, before its evidence is gathered.
    public struct Placement: Sendable, Hashable {
        /// The incident it joins; `nil` when it opens a new one.
        public var incidentID: String?
        /// The story, widened when its principal or tenant opened too many.
        public var key: Incident.Key
        /// Whether evidence is wanted: for a new incident, and for its strangest member so far.
        public var wantsEvidence: Bool
    }

    /// The incidents, those with the newest activity first.
    public var all: [Incident] {
        incidents.values.sorted { ($1.last, $0.id) < ($0.last, $1.id) }
    }

    /// The incident with a name.
    public subscript(id: String) -> Incident? { incidents[id] }

    /// Whether an entry is listed as a member of some incident; costs a look at each.
    func lists(_ storedID: String, ofTenant tenant: String) -> Bool {
        incidents.values.contains { $0.key.tenant == tenant && $0.members.contains(storedID) }
    }

    /// How many incidents there are.
    public var count: Int { incidents.count }

    /// Where an anomaly belongs.
    public func placement(of anomaly: Anomaly) -> Placement {
        let own = configuration.grouping.key(of: anomaly.decision)
        if let id = joinable(own, at: anomaly.scored.time), let incident = incidents[id] {
            return Placement(
                incidentID: id, key: own, wantsEvidence: anomaly.scored.score > incident.score)
        }
        let hour = OpeningCounts.hour(of: anomaly.scored.time)
        var key = own
        if opened.count(own.tenant, nil, hour) >= configuration.maximumOpenedPerTenant {
            key.principal = Self.burstName
            key.kind = Self.burstName
        } else if configuration.grouping.byPrincipal,
            opened.count(own.tenant, own.principal, hour) >= configuration.maximumOpenedPerPrincipal
        {
            key.kind = Self.burstName
        }
        guard key != own, let id = joinable(key, at: anomaly.scored.time), let incident = incidents[id]
        else { return Placement(incidentID: nil, key: key, wantsEvidence: true) }
        return Placement(incidentID: id, key: key, wantsEvidence: anomaly.scored.score > incident.score)
    }

    /// Adds an anomaly to the incident of its story, or opens one.
    ///
    /// Without evidence an incident keeps the one it has; a new one gets the bare decision.
    public mutating func add(_ anomaly: Anomaly, evidence: Evidence?) -> Change? {
        let placement = placement(of: anomaly)
        if let id = placement.incidentID, var incident = incidents[id] {
            let reopens = incident.state == .resolved
            if reopens {
                incident.state = .reopened
                incident.resolution = nil
            }
            let before = incident.severity
            incident.absorb(anomaly, evidence: evidence, configuration: configuration)
            let wakes = incident.rouse(from: before)
            countResource(of: anomaly.decision, in: &incident)
            incidents[id] = incident
            return Change(incident: incident, isNew: reopens || wakes, removed: [])
        }
        return open(anomaly, key: placement.key, evidence: evidence)
    }

    /// Adds a decision that was not flagged but goes on with the story of an anomaly shortly before;
    /// `nil` when there is no such story.
    ///
    /// The first steps into new territory are strange, the later ones less and less, yet a person who
    /// judges the incident must see them all.
    public mutating func continueStory(
        of decision: Decision, _ scored: ScoredDecision
    ) -> Change? {
        let key = configuration.grouping.key(of: decision)
        guard let id = newest[key], var incident = incidents[id], incident.state != .resolved,
            abs(scored.time.seconds - incident.last.seconds) <= configuration.continuationSeconds
        else { return nil }
        let before = incident.severity
        incident.absorb(scored, decision, configuration: configuration)
        let wakes = incident.rouse(from: before)
        countResource(of: decision, in: &incident)
        incidents[id] = incident
        return Change(incident: incident, isNew: wakes, removed: [])
    }

    private mutating func open(_ anomaly: Anomaly, key: Incident.Key, evidence: Evidence?) -> Change? {
        let scored = anomaly.scored
        guard
            let id = IncidentIdentifier.identifier(
                for: key, member: scored.id, isTaken: { incidents[$0] != nil })
        else { return nil }
        var incident = Incident(
            id: id, key: key, severity: anomaly.severity, time: scored.time, score: scored.score,
            why: scored.why, member: scored.id,
            evidence: evidence ?? Evidence(decision: anomaly.decision, channels: scored.channels))
        incident.note(anomaly.decision, configuration: configuration)
        countResource(of: anomaly.decision, in: &incident)
        incident.revision = 1
        let removed = makeRoom()
        incidents[id] = incident
        newest[key] = id
        opened.add(key.tenant, key.principal, OpeningCounts.hour(of: scored.time))
        return Change(incident: incident, isNew: true, removed: removed)
    }

    /// Counts the resources of an incident past the listed ones; after a restart only the listed ones
    /// are known, so that the count may stay behind but never tells too many.
    private mutating func countResource(of decision: Decision, in incident: inout Incident) {
        // Taken out while it grows: a set that the table held as well would be copied for each member.
        var seen = touched.removeValue(forKey: incident.id) ?? Set(incident.resources.map(FNV1a.hash))
        if seen.count < Incident.maximumMembers {
            seen.insert(FNV1a.hash(Incident.resourceName(of: decision)))
        }
        incident.resourceCount = max(incident.resourceCount, seen.count)
        touched[incident.id] = seen
    }

    /// The incident of a story that an anomaly of some time joins.
    ///
    /// While nobody took it up it is one story however long it lasts; once acknowledged or resolved,
    /// only what follows within the window belongs to it.
    private func joinable(_ key: Incident.Key, at time: Timestamp) -> String? {
        guard let id = newest[key], let incident = incidents[id] else { return nil }
        switch incident.state {
        case .new, .reopened:
            return id
        case .acknowledged, .resolved:
            return time.seconds - incident.last.seconds <= configuration.windowSeconds ? id : nil
        }
    }

    /// Takes an incident as it was saved or as another process wrote it.
    public mutating func adopt(_ incident: Incident) {
        // No decision joins what is of none, whatever a log calls its principals and kinds.
        if incident.isOfNoDecision {
            incidents[incident.id] = incident
            return
        }
        if incidents[incident.id] == nil {
            opened.add(
                incident.key.tenant, incident.key.principal, OpeningCounts.hour(of: incident.first))
        }
        incidents[incident.id] = incident
        if let other = newest[incident.key].flatMap({ incidents[$0] }),
            (incident.first, incident.id) < (other.first, other.id)
        {
            return
        }
        newest[incident.key] = incident.id
    }

    /// Forgets an incident.
    public mutating func remove(_ id: String) {
        guard let incident = incidents.removeValue(forKey: id) else { return }
        touched[id] = nil
        if newest[incident.key] == id { newest[incident.key] = nil }
    }

    /// Removes incidents until there is room for another; tells their names.
    mutating func makeRoom() -> [String] {
        var removed: [String] = []
        while incidents.count >= max(1, configuration.maximumIncidents) {
            let victim = incidents.values.min { left, right in
                let leftIsOpen = left.state != .resolved
                let rightIsOpen = right.state != .resolved
                if leftIsOpen != rightIsOpen { return rightIsOpen }
                return (left.severity, left.last, left.id) < (right.severity, right.last, right.id)
            }
            guard let victim else { break }
            remove(victim.id)
            removed.append(victim.id)
        }
        return removed
    }
}
