import AnomalyDetection
import Operations
import TerminalUI

/// The incidents as the screens show them.
///
/// One picture asks for them many times, so they are put together once, when something changed.
struct IncidentLists: Equatable, Sendable {
    /// Those of the scope, as triage left them.
    private(set) var all: [Incident] = []
    /// How many of them wait for a person.
    private(set) var openCount = 0
    /// Those of them that are not resolved, the worst first.
    private(set) var unresolved: [Incident] = []
    /// The inbox: what passes the filter, in the order in which a person works.
    var inbox: [Incident] = []

    init() {}

    init(_ incidents: [Incident]) {
        all = incidents
        openCount = incidents.count { $0.isOpen }
        unresolved = IncidentOrder.sorted(incidents.filter { $0.state != .resolved }, by: .severity)
    }
}

extension ConsoleState {
    /// The incidents of the scope, as triage left them.
    var incidents: [Incident] { incidentLists.all }

    /// Incidents that wait for a person.
    var openIncidentCount: Int { incidentLists.openCount }

    /// Incidents not yet resolved, the worst first.
    var newestIncidents: [Incident] { incidentLists.unresolved }

    /// The inbox: what passes the filter, in the order in which a person works.
    var inbox: [Incident] { incidentLists.inbox }

    /// The inbox's filter as it is typed.
    var inboxFilter: IncidentFilter { IncidentFilter(anomalies.filter.text, now: eventNow) }

    /// Puts the incidents and the inbox together anew, after incidents, scope, filter or order changed.
    mutating func listIncidents() {
        let everyTenant = snapshot.incidents.map { triaged[$0.id] ?? $0 }
        arrangeInbox(everyTenant)
        let ofScope = scope.map { tenant in everyTenant.filter { $0.key.tenant == tenant } }
        incidentLists = IncidentLists(ofScope ?? everyTenant)
        let filter = inboxFilter
        incidentLists.inbox =
            incidents.filter(filter.matches)
            .compactMap { incident in anomalies.places[incident.id].map { (place: $0, incident: incident) } }
            .sorted { $0.place < $1.place }.map(\.incident)
    }

    /// Gives each incident its place in the list.
    ///
    /// While a person works in the list, those known stay where they are and new ones come on top;
    /// leaving it, or asking for an order, sorts all of them.
    private mutating func arrangeInbox(_ all: [Incident]) {
        var seen: Set<String> = []
        var ids = IncidentOrder.sorted(all, by: anomalies.order).map(\.id).filter { seen.insert($0).inserted }
        let former = anomalies.places
        if view == .anomalies, anomalies.cursor.isChosen {
            let known = ids.compactMap { id in former[id].map { (id: id, place: $0) } }
            ids = ids.filter { former[$0] == nil } + known.sorted { $0.place < $1.place }.map(\.id)
        }
        anomalies.places = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, $0) })
    }
}
