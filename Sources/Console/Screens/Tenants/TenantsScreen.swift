import Operations
import TerminalUI
import VectorStores

/// One row per tenant: how much, how different, how denied, how strange, how right.
struct TenantsScreen {
    let state: ConsoleState

    func draw(in rect: Rect, on surface: inout Surface) {
        let rows = state.tenantRows
        let tenants = state.tenants
        let room = state.drawOtherRows(
            "denies, incidents and activity are not counted here", in: rect, on: &surface)
        var inner = room
        if state.density != .tiny {
            inner = surface.box(
                room, title: "Tenants", rightTitle: Quantity.counted(rows.count, "tenant"),
                footer: "by \(orderName)" + (tenants.isInverted ? ", inverted" : ""),
                rightFooter: "Enter narrows the console", focused: true
            ).inset(right: 1)
        }
        if tenants.isFiltering || !tenants.filter.text.isEmpty {
            surface.draw(
                InputLine(
                    prompt: " / ", editor: tenants.filter, isFocused: tenants.isFiltering,
                    placeholder: "part of a name"), in: inner.row(0))
            inner = inner.inset(top: 1)
        }
        var cursor = tenants.cursor
        cursor.reconcile(rows.map(\.id), height: Table.visibleRows(height: inner.height))
        let glyphs = surface.glyphs
        let table = Table(
            columns: columns, count: rows.count, selectedIndex: rows.isEmpty ? nil : cursor.index,
            offset: cursor.offset, sort: sort,
            emptyText: tenants.filter.text.isEmpty ? emptyText : "no tenant is called that"
        ) { row(rows[$0], glyphs: glyphs) }
        surface.draw(table, in: inner)
    }

    private var activityCells: Int { max(8, min(40, state.size.width - 103)) }

    private var emptyText: String {
        state.holdsDecisions ? "no tenants yet" : "name the column of tenants in the address: tenant=COLUMN"
    }

    private var orderName: String {
        let order = state.tenants.order
        return order == .decisions ? state.entryNoun + "s" : order.rawValue
    }

    private var columns: [TableColumn] {
        guard state.holdsDecisions else {
            return [
                TableColumn("tenant", .minimum(10), truncation: .middle),
                TableColumn("rows", .fixed(14), alignment: .right),
                TableColumn("last", .fixed(6), alignment: .right, dropOrder: 1),
            ]
        }
        return [
            TableColumn("tenant", .minimum(10), truncation: .middle),
            TableColumn("decisions", .fixed(10), alignment: .right),
            TableColumn("last 30 m", .fixed(10), alignment: .right, dropOrder: 3),
            TableColumn("activity", .fixed(activityCells), dropOrder: 8),
            TableColumn("distinct", .fixed(9), alignment: .right, dropOrder: 6),
            TableColumn("denied", .fixed(8), alignment: .right, dropOrder: 1),
            TableColumn("strange", .fixed(8), alignment: .right, dropOrder: 5),
            TableColumn("waiting", .fixed(8), alignment: .right, dropOrder: 2),
            TableColumn("recall", .fixed(8), alignment: .right, dropOrder: 7),
            TableColumn("last", .fixed(6), alignment: .right, dropOrder: 4),
        ]
    }

    private var sort: SortOrder {
        let column =
            switch state.tenants.order {
            case .name: 0
            case .decisions: 1
            case .denies: 5
            case .incidents: 7
            case .last: state.holdsDecisions ? 9 : 2
            }
        return SortOrder(
            column: column, isAscending: (state.tenants.order == .name) != state.tenants.isInverted)
    }

    /// Decisions that came in the window of the charts; only the largest tenants are counted.
    private func growth(_ row: TenantSummary) -> String {
        row.activity.isEmpty ? Quantity.absent : "+" + Quantity.grouped(row.activity.reduce(0, +))
    }

    private func row(_ row: TenantSummary, glyphs: GlyphSet) -> TableRow {
        let isScope = state.scope == row.id
        let last = Line(
            row.statistics.lastTime.map { Age.short(since: $0, now: state.now) } ?? Quantity.absent, .muted)
        guard state.holdsDecisions else {
            let name = ConsoleState.tenantName(row.id)
            return TableRow([
                Line(name, Style(isScope ? .accent : .identifier, isScope ? .bold : [])),
                Line(Quantity.grouped(row.statistics.vectors)), last,
            ])
        }
        let learning = state.snapshot.learning[row.id].flatMap { $0.seen < $0.needed ? $0 : nil }
        let name = ConsoleState.tenantName(row.id)
        let strange = learning.map { "\(Quantity.percent(Double($0.seen) / Double(max(1, $0.needed)))) " }
        return TableRow([
            Line([
                Span(name, Style(isScope ? .accent : .identifier, isScope ? .bold : [])),
                Span(learning == nil ? "" : "  learning", .muted),
            ]),
            Line(Quantity.grouped(row.statistics.vectors)),
            Line(growth(row), .muted),
            Line(
                Sparkline.text(Quantity.resampled(row.activity, to: activityCells), glyphs: glyphs),
                Style(.graph1)),
            Line(Quantity.percent(row.distinctShare), .muted),
            Line(Quantity.percent(row.denyShare), Style(row.denyShare > 0.2 ? .warning : .text)),
            Line(strange ?? Quantity.percent(row.anomalyShare), .muted),
            row.openIncidents > 0
                ? Line("▲ \(row.openIncidents)", Style(.critical, .bold)) : Line(Quantity.absent, .muted),
            Line(
                row.recall.map { Quantity.percent($0.recall) } ?? Quantity.absent,
                row.recall.map(RecallText.style) ?? .muted),
            last,
        ])
    }
}
