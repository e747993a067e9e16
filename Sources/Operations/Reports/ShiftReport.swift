public import AnomalyDetection
public import Decisions
public import VectorStores

/// What a shift hands over to the next one: made from the records of a store alone.
public struct ShiftReport: Sendable {
    /// The store's name or address.
    public let store: String
    /// When the shift began.
    public let from: Timestamp
    /// When it ended: the moment that what is open and put off is told for.
    public let to: Timestamp
    /// What waits for a person, the worst first, and of these the one that waits longest.
    public let open: [Incident]
    /// What somebody works on.
    public let taken: [Incident]
    /// What is put off, the soonest first.
    public let snoozed: [Incident]
    /// What began in the shift, by time.
    public let opened: [Incident]
    /// What was resolved in the shift and still is, by time.
    public let closed: [(incident: Incident, entry: Incident.TriageEntry)]
    /// Sources that are silent; one that is heard again waits with the others until somebody resolves it.
    public let silent: [Incident]
    /// What was done in the shift beside triage, by time.
    public let acts: [ActivityEntry]

    /// A report over incidents and the newest entries of the activity log.
    public init(
        incidents: [Incident], activity: [ActivityEntry], store: String, from: Timestamp, to: Timestamp
    ) {
        self.store = store
        self.from = from
        self.to = to
        let unresolved = incidents.filter { $0.state != .resolved }
        func isSilence(_ incident: Incident) -> Bool {
            incident.signal.map { $0.kind == .silentSource && $0.ended == nil } ?? false
        }
        let stories = unresolved.filter { !isSilence($0) }
        silent = unresolved.filter(isSilence).sorted { ($0.first, $0.id) < ($1.first, $1.id) }
        func worstFirst(_ incidents: [Incident]) -> [Incident] {
            incidents.sorted {
                $0.severity == $1.severity ? ($0.first, $0.id) < ($1.first, $1.id) : $0.severity > $1.severity
            }
        }
        let awake = stories.filter { !$0.isSnoozed(at: to) }
        open = worstFirst(awake.filter { $0.state != .acknowledged })
        taken = worstFirst(awake.filter { $0.state == .acknowledged })
        snoozed = stories.filter { $0.isSnoozed(at: to) }.sorted {
            (Self.end(of: $0), $0.id) < (Self.end(of: $1), $1.id)
        }
        opened = incidents.filter { $0.first >= from && $0.first <= to }
            .sorted { ($0.first, $0.id) < ($1.first, $1.id) }
        closed = incidents.filter { $0.state == .resolved }
            .compactMap { (incident) -> (incident: Incident, entry: Incident.TriageEntry)? in
                guard let last = incident.history.last(where: { $0.to == .resolved && $0.from != .resolved }),
                    last.time >= from, last.time <= to
                else { return nil }
                return (incident: incident, entry: last)
            }.sorted { ($0.entry.time, $0.incident.id) < ($1.entry.time, $1.incident.id) }
        let triage = Set(TriageAct.Kind.allCases.map(\.rawValue))
        acts = activity.filter { entry in
            let event = entry.event
            return event.time >= from && event.time <= to && !triage.contains(event.act)
        }
    }

    /// When a snooze ends; one that waits for decisions ends last of all.
    private static func end(of incident: Incident) -> Timestamp {
        if case .until(let time)? = incident.snooze { return time }
        return Timestamp(seconds: .max)
    }

    /// Who resolved or took on how many in the shift, by name.
    var people: [(who: String, acts: Int)] {
        var counts: [String: Int] = [:]
        for incident in stories {
            for entry in incident.history where entry.time >= from && entry.time <= to {
                counts[entry.who, default: 0] += 1
            }
        }
        return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
    }

    /// Every incident that is told of, once.
    var stories: [Incident] {
        var seen: Set<String> = []
        return (open + taken + snoozed + silent + opened + closed.map(\.incident)).filter {
            seen.insert($0.id).inserted
        }
    }
}
