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
}

extension ConsoleState {
    /// The boxes shown at this size, in reading order.
    var overviewBoxes: [OverviewBox] {
        OverviewLayout.places(in: Shell.body(of: size), density: density).map(\.box)
    }

    mutating func openOverviewBox() -> [ConsoleRequest] {
        let box = overview.focus
        switch box {
        case .decisions: metrics.selected = .decisions
        case .denyRate: metrics.selected = .denyRate
        case .incidents, .search, .tenants, .store, .sources, .jobs: break
        }
        return show(box.leadsTo)
    }
}
