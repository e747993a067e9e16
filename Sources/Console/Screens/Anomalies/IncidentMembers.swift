import AnomalyDetection
import Decisions
import TerminalUI
import VectorStores

/// An incident's decisions as rows; what is the same in all of them is told once or not at all.
struct IncidentMembers {
    let incident: Incident
    /// The members, once they arrived.
    let members: [StoredDecision]?
    let cursor: ListCursor<String>

    /// Under this many cells a resource cannot be told from its neighbours.
    private static let leastResource = 24

    func draw(in rect: Rect, on surface: inout Surface) {
        surface.draw(head, in: rect.row(0))
        let body = rect.inset(top: 1)
        guard let members else {
            surface.draw("asking for the members …", in: body.row(0), style: .muted)
            return
        }
        var cursor = cursor
        cursor.reconcile(members.map(\.storedID), height: Table.visibleRows(height: body.height))
        let table = Table(
            columns: columns(members), count: members.count, selectedIndex: cursor.index,
            offset: cursor.offset, emptyText: "the members are no longer in the store"
        ) { row(members[$0].decision, among: members) }
        surface.draw(table, in: body)
    }

    private var head: Line {
        var spans = [
            Span(incident.id, Style(DecisionText.role(incident.severity), .bold)),
            Span("  \(Quantity.counted(incident.count, "decision")) of ", .text),
            Span(DecisionText.principal(incident), .identifier),
        ]
        if let members, let first = members.first, !spansDays(members) {
            spans.append(Span("  on \(Clock.date(first.decision.time)) UTC", .muted))
        }
        return Line(spans)
    }

    private func spansDays(_ members: [StoredDecision]) -> Bool {
        members.contains { $0.decision.time.dayNumber != members.first?.decision.time.dayNumber }
    }

    private func hasAddresses(_ members: [StoredDecision]) -> Bool {
        members.contains { $0.decision.source.ip != nil }
    }

    private func columns(_ members: [StoredDecision]) -> [TableColumn] {
        var columns = [
            TableColumn("time", .fixed(spansDays(members) ? 17 : 8)), TableColumn("", .fixed(1)),
        ]
        if incident.isOfManyPrincipals {
            columns.append(TableColumn("principal", .fixed(18), truncation: .middle, dropOrder: 1))
        }
        columns += [
            TableColumn("action", .fixed(8), dropOrder: 2),
            TableColumn("resource", .minimum(Self.leastResource), truncation: .middle),
        ]
        if hasAddresses(members) { columns.append(TableColumn("from", .fixed(15), dropOrder: 3)) }
        return columns + [TableColumn("id", .minimum(8), truncation: .middle, dropOrder: 4)]
    }

    private func row(_ decision: Decision, among members: [StoredDecision]) -> TableRow {
        let time = spansDays(members) ? Clock.stamp(decision.time) : Clock.seconds(decision.time)
        var cells = [Line(time, .muted), Line([DecisionText.sign(decision.effect)])]
        if incident.isOfManyPrincipals { cells.append(Line(decision.principal.id, Style(.identifier))) }
        cells += [Line(decision.actions.joined(separator: ",")), Line(DecisionText.resource(decision))]
        if hasAddresses(members) { cells.append(Line(decision.source.ip ?? Quantity.absent, .muted)) }
        return TableRow(cells + [Line(decision.id, .muted)])
    }
}
