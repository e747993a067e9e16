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
    var emptyText = "nothing here"

    var table: Table {
        Table(
            columns: columns, count: incidents.count, selectedIndex: selectedIndex, offset: offset,
            isFocused: isFocused, showsHeader: showsState, emptyText: emptyText
        ) { row(incidents[$0]) }
    }

    private var columns: [TableColumn] {
        var columns = [TableColumn("severity", .fixed(10))]
        if showsState { columns.append(TableColumn("state", .fixed(5))) }
        return columns + [
            TableColumn("principal", .minimum(10), truncation: .middle),
            TableColumn("why", .flexible(3), dropOrder: 3),
            TableColumn("tenant", .fixed(9), dropOrder: 4),
            TableColumn("seen", .fixed(5), alignment: .right, dropOrder: 2),
            TableColumn("age", .fixed(5), alignment: .right, dropOrder: 1),
        ]
    }

    private func row(_ incident: Incident) -> TableRow {
        let isOpen = incident.isOpen
        let severity = Style(isOpen ? DecisionText.role(incident.severity) : .muted, isOpen ? .bold : [])
        var cells = [Line(DecisionText.sign(incident.severity) + " " + incident.severity.rawValue, severity)]
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
