import AnomalyDetection
import Operations
import TerminalUI

/// The boxes of the overview; each leads to its view.
enum OverviewBox: String, Equatable, Sendable, CaseIterable {
    case decisions, denyRate, incidents, search, tenants, store, sources, jobs

    /// Where Enter leads.
    var leadsTo: ConsoleView {
        switch self {
        case .decisions, .denyRate: .metrics
        case .incidents: .anomalies
        case .search: .search
        case .tenants: .tenants
        case .store, .jobs: .index
        case .sources: .health
        }
    }

    /// The box some steps further among those shown.
    func moved(by step: Int, among boxes: [OverviewBox]) -> OverviewBox {
        guard !boxes.isEmpty else { return self }
        guard let index = boxes.firstIndex(of: self) else { return boxes[0] }
        return boxes[(index + step % boxes.count + boxes.count) % boxes.count]
    }
}

/// What the overview remembers.
struct OverviewState: Equatable, Sendable {
    /// The box Enter opens.
    var focus = OverviewBox.incidents
    /// The incident at hand, by its identifier.
    var cursor = ListCursor<String>()
}

extension ConsoleState {
    /// The boxes shown at this size, in reading order.
    var overviewBoxes: [OverviewBox] {
        overviewPlaces(in: body).map(\.box)
    }

    /// Where the boxes stand: without those that count decisions where there are none.
    func overviewPlaces(in rect: Rect) -> [OverviewLayout.Place] {
        OverviewLayout.places(in: rect, density: density, hasCharts: holdsDecisions)
    }

    mutating func openOverviewBox() -> [ConsoleRequest] {
        let box = overview.focus
        var requests: [ConsoleRequest] = []
        switch box {
        case .decisions: metrics.selected = .decisions
        case .denyRate: metrics.selected = .denyRate
        case .incidents:
            guard let incident = overviewIncident else { break }
            anomalies.cursor.select(incident.id)
            anomalies.evidenceOffset = 0
            anomalies.page = .evidence
            // Back from the page, the list shows what it was opened for.
            if !inboxFilter.matches(incident) { anomalies.filter.replace(with: "") }
            requests = membersToName(incident)
        case .search, .tenants, .store, .sources, .jobs: break
        }
        return requests + show(box.leadsTo)
    }

    /// The incident at hand in the box of incidents.
    var overviewIncident: Incident? {
        let rows = newestIncidents
        return rows.first { $0.id == overview.cursor.selected } ?? rows.first
    }

    mutating func reconcileOverview() {
        guard hasSnapshot else { return }
        if !holdsDecisions, [.decisions, .denyRate].contains(overview.focus) { overview.focus = .incidents }
        overview.cursor.reconcile(newestIncidents.map(\.id), height: pageRows)
    }

    /// Goes through the incidents where they have the focus, and from there on through the boxes.
    mutating func moveOverview(by rows: Int) {
        let ids = newestIncidents.map(\.id)
        let target = overview.cursor.index.addingReportingOverflow(rows).partialValue
        let stays = ids.indices.contains(target) || rows.magnitude > 1
        if overview.focus == .incidents, !ids.isEmpty, stays {
            overview.cursor.move(by: rows, in: ids, height: pageRows)
        } else {
            changePane(by: rows > 0 ? 1 : -1)
        }
    }
}
