import Decisions
import Operations
import TerminalUI
import VectorStores

extension SearchScreen {
    func drawResults(in rect: Rect, on surface: inout Surface) {
        let results = search.outcome?.results ?? []
        let isLike = results.first?.similarity != nil
        let timeWidth = timeWidth
        var cursor = search.cursor
        cursor.reconcile(results.map(\.rowID), height: Table.visibleRows(height: rect.height))
        let table = Table(
            columns: columns(isLike: isLike, timeWidth: timeWidth), count: results.count,
            selectedIndex: results.isEmpty ? nil : cursor.index,
            offset: cursor.offset, isFocused: !search.isEditing && search.page == .results,
            emptyText: search.outcome == nil ? "" : "nothing matches"
        ) { row(results[$0], isLike: isLike, timeWidth: timeWidth) }
        surface.draw(table, in: rect)
    }

    private func columns(isLike: Bool, timeWidth: Int) -> [TableColumn] {
        var columns: [TableColumn] = []
        func widest(_ text: (SearchResult) -> String) -> Int {
            (search.outcome?.results ?? []).prefix(200).map { text($0).displayWidth }.max() ?? 0
        }
        if isLike { columns.append(TableColumn("similarity", .fixed(state.density == .tiny ? 5 : 12))) }
        let time = TableColumn("time", .fixed(timeWidth), dropOrder: 3)
        guard state.holdsDecisions else {
            let ids = widest { $0.stored.storedID }
            return columns + [
                time, TableColumn("id", .fixed(max(6, min(ids, 36))), truncation: .middle),
                TableColumn("row", .minimum(16), dropOrder: 1),
                TableColumn("tenant", .fixed(9), dropOrder: 5),
            ]
        }
        let principals = widest { $0.stored.decision.principal.id }
        return columns + [
            time, TableColumn("", .fixed(1)),
            TableColumn("principal", .fixed(max(9, min(principals, 18))), truncation: .middle),
            TableColumn("action", .fixed(7), dropOrder: 4),
            TableColumn("resource", .minimum(16), truncation: .middle, dropOrder: 1),
            TableColumn("tenant", .fixed(9), dropOrder: 5),
        ]
    }

    /// The day of all results where it is not today: told once, above them, so that seconds keep room.
    var sharedDay: Timestamp? {
        guard state.density == .compact, !isWithoutTimes,
            let first = search.outcome?.results.first?.stored.decision.time,
            first.dayNumber != state.now.dayNumber, isOfOneDay(first)
        else { return nil }
        return first
    }

    private func isOfOneDay(_ time: Timestamp) -> Bool {
        (search.outcome?.results ?? []).allSatisfy { $0.stored.decision.time.dayNumber == time.dayNumber }
    }

    /// A time without its date is told only of today, or under its day.
    private var timeWidth: Int {
        if state.size.width >= 100 { return 20 }
        return sharedDay != nil || isWithoutTimes || isOfOneDay(state.now) ? 8 : 17
    }

    /// Whether these are rows of a table that tells no time.
    private var isWithoutTimes: Bool {
        !state.holdsDecisions
            && (search.outcome?.results ?? []).allSatisfy { !$0.stored.decision.hasRowTime }
    }

    private func row(_ result: SearchResult, isLike: Bool, timeWidth: Int) -> TableRow {
        let decision = result.stored.decision
        var cells: [Line] = []
        if isLike { cells.append(similarityBar(Double(result.similarity ?? 0))) }
        let time =
            switch timeWidth {
            case 20: Clock.fullStamp(decision.time)
            case 8: Clock.seconds(decision.time)
            default: Clock.stamp(decision.time)
            }
        guard state.holdsDecisions else {
            return TableRow(
                cells + [
                    Line(decision.hasRowTime ? time : Quantity.absent, .muted),
                    Line(result.stored.storedID, Style(.identifier)), Line(decision.rowText),
                    Line(ConsoleState.tenantName(decision.tenant), .muted),
                ])
        }
        cells += [
            Line(time, .muted), Line([DecisionText.sign(decision.effect)]),
            Line(decision.principal.id, Style(.identifier)), Line(decision.actions.joined(separator: ",")),
            Line(DecisionText.resource(decision)), Line(ConsoleState.tenantName(decision.tenant), .muted),
        ]
        return TableRow(cells)
    }

    private func similarityBar(_ value: Double) -> Line {
        let text = Quantity.fixed(value, decimals: 3)
        guard state.density != .tiny else { return Line(text) }
        let cells = 6
        let full = Int((min(max(value, 0), 1) * Double(cells)).rounded())
        return Line([
            Span(text + " ", .text),
            Span(String(repeating: "█", count: full), Style(foreground: .heat(1 - value))),
            Span(String(repeating: "╌", count: cells - full), .border),
        ])
    }
}
