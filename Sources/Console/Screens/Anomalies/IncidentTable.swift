import AnomalyDetection
import Decisions
import TerminalUI

/// Incidents as rows: how bad, who, why, where, how often, how long ago.
struct IncidentTable {
    let incidents: [Incident]
    /// The wall clock: an age is how long ago something was, whatever log it stands in.
    let now: Timestamp
    var selectedIndex: Int?
    var offset = 0
    var isFocused = true
    /// The incidents that are marked, by name.
    var marks: Set<String> = []
    /// Whether the column of states and the header are shown.
    var showsState = false
    /// The cells there are.
    let width: Int

    /// Whether names are shortened, so that the reason keeps room.
    private var isNarrow: Bool { width < 72 }

    var table: Table {
        Table(
            columns: columns, count: incidents.count, selectedIndex: selectedIndex, offset: offset,
            isFocused: isFocused, showsHeader: showsState
        ) { row(incidents[$0]) }
    }

    private var columns: [TableColumn] {
        var columns = [TableColumn(isNarrow ? "sev" : "severity", .fixed(isNarrow ? 6 : 10))]
        if !marks.isEmpty { columns.insert(TableColumn("", .fixed(1)), at: 0) }
        if showsState { columns.append(TableColumn("state", .fixed(5), dropOrder: 6)) }
        let principals = incidents.prefix(200).map { DecisionText.principal($0).displayWidth }.max() ?? 0
        columns += [
            TableColumn(
                "principal", .fixed(max(9, min(principals, isNarrow ? 11 : 18))), truncation: .middle),
            TableColumn("why", .minimum(leastReason), dropOrder: 1),
        ]
        if showsTenant {
            let tenants =
                incidents.prefix(200).map { ConsoleState.tenantName($0.key.tenant).displayWidth }.max() ?? 0
            columns.append(TableColumn("tenant", .fixed(max(6, min(tenants, 10))), dropOrder: 4))
        }
        return columns + [
            TableColumn("seen", .fixed(5), alignment: .right, dropOrder: 5),
            TableColumn("age", .fixed(5), alignment: .right, dropOrder: 2),
        ]
    }

    /// Under this many cells a reason is hard to read; everything else goes before it is shorter.
    private var leastReason: Int { width < 48 ? 13 : 24 }

    /// A tenant that is everywhere the same says nothing.
    private var showsTenant: Bool {
        incidents.contains { $0.key.tenant != incidents.first?.key.tenant }
    }

    private func row(_ incident: Incident) -> TableRow {
        let isOpen = incident.isOpen
        let severity = Style(isOpen ? DecisionText.role(incident.severity) : .muted, isOpen ? .bold : [])
        let name = isNarrow ? DecisionText.short(incident.severity) : incident.severity.rawValue
        var cells = [Line(DecisionText.sign(incident.severity) + " " + name, severity)]
        if !marks.isEmpty {
            let isMarked = marks.contains(incident.id)
            cells.insert(Line(isMarked ? "✓" : "", Style(.accent, .bold)), at: 0)
        }
        if showsState { cells.append(Line(DecisionText.state(incident), isOpen ? .text : .muted)) }
        cells += [
            Line(DecisionText.principal(incident), Style(isOpen ? .identifier : .muted)),
            Line(DecisionText.summary(incident), isOpen ? .text : .muted),
        ]
        if showsTenant { cells.append(Line(ConsoleState.tenantName(incident.key.tenant), .muted)) }
        cells += [
            Line(Quantity.short(incident.count) + "×"),
            Line(Age.short(since: incident.last, now: now), .muted),
        ]
        return TableRow(cells)
    }
}
