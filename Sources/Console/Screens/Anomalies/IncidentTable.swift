import AnomalyDetection
import Decisions
import TerminalUI

/// Incidents as rows: how bad, who, why, where, how often, how long ago.
struct IncidentTable {
    let incidents: [Incident]
    /// The instant ages count from.
    let now: Timestamp
    var selectedIndex: Int?
    var offset = 0
    var isFocused = true
    /// Whether the column of states and the header are shown.
    var showsState = false
    /// Whether names are shortened, so that the reason keeps room.
    var isNarrow = false

    var table: Table {
        Table(
            columns: columns, count: incidents.count, selectedIndex: selectedIndex, offset: offset,
            isFocused: isFocused, showsHeader: showsState
        ) { row(incidents[$0]) }
    }

    private var columns: [TableColumn] {
        var columns = [TableColumn(isNarrow ? "sev" : "severity", .fixed(isNarrow ? 6 : 10))]
        if showsState { columns.append(TableColumn("state", .fixed(5))) }
        let principals = incidents.prefix(200).map(\.key.principal.displayWidth).max() ?? 0
        let tenants =
            incidents.prefix(200).map { ConsoleState.tenantName($0.key.tenant).displayWidth }.max() ?? 0
        return columns + [
            TableColumn(
                "principal", .fixed(max(9, min(principals, isNarrow ? 11 : 18))), truncation: .middle),
            TableColumn("why", .minimum(12), dropOrder: 3),
            TableColumn("tenant", .fixed(max(6, min(tenants, 10))), dropOrder: 4),
            TableColumn("seen", .fixed(5), alignment: .right, dropOrder: 2),
            TableColumn("age", .fixed(4), alignment: .right, dropOrder: 1),
        ]
    }

    private func row(_ incident: Incident) -> TableRow {
        let isOpen = incident.isOpen
        let severity = Style(isOpen ? DecisionText.role(incident.severity) : .muted, isOpen ? .bold : [])
        let name = isNarrow ? DecisionText.short(incident.severity) : incident.severity.rawValue
        var cells = [Line(DecisionText.sign(incident.severity) + " " + name, severity)]
        if showsState { cells.append(Line(DecisionText.short(incident.state), isOpen ? .text : .muted)) }
        cells += [
            Line(incident.key.principal, Style(isOpen ? .identifier : .muted)),
            Line(DecisionText.summary(incident), isOpen ? .text : .muted),
            Line(ConsoleState.tenantName(incident.key.tenant), .muted),
            Line(Quantity.short(incident.count) + "×"),
            Line(Age.short(since: incident.last, now: now), .muted),
        ]
        return TableRow(cells)
    }
}
