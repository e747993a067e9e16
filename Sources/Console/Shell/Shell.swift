import Decisions
import Operations
public import TerminalUI
import VectorStores

/// The frame around every screen: header, tabs, hints, and where the body stands between them.
enum Shell {
    /// The room of the screens: all but header, tabs and hints.
    static func body(of size: Size) -> Rect {
        Rect(size).inset(top: 2, bottom: 1)
    }
}

extension ConsoleState {
    /// Draws everything; pure, so that a picture is a function of the state.
    public func draw(on surface: inout Surface) {
        surface.cursor = nil
        let body = Shell.body(of: surface.size)
        surface.clipped(to: body) { drawScreen(in: body, on: &$0) }
        if case .lost = snapshot.connection { surface.restyle(body) { Self.faded($0) } }
        let rows = Rect(surface.size)
        surface.draw(headerLine, in: rows.row(0))
        surface.draw(tabsLine, in: rows.row(1))
        let last = surface.size.height - 1
        if last > 1 { surface.draw(hintsLine, in: rows.row(last)) }
        if let overlay {
            surface.restyle(body) { Self.faded($0) }
            surface.cursor = nil
            surface.clipped(to: body) { draw(overlay, in: body, on: &$0) }
        }
        if let notice { draw(notice, in: rows.row(max(0, last)), on: &surface) }
    }

    private func drawScreen(in body: Rect, on surface: inout Surface) {
        guard hasSnapshot else {
            surface.draw("opening …", in: body.row(body.height / 2), style: .muted, alignment: .center)
            return
        }
        switch view {
        case .overview: OverviewScreen(state: self).draw(in: body, on: &surface)
        case .metrics: MetricsScreen(state: self).draw(in: body, on: &surface)
        case .anomalies: AnomaliesScreen(state: self).draw(in: body, on: &surface)
        case .tenants: TenantsScreen(state: self).draw(in: body, on: &surface)
        case .search: SearchScreen(state: self).draw(in: body, on: &surface)
        case .map: MapScreen().draw(in: body, on: &surface)
        case .index: IndexScreen(state: self).draw(in: body, on: &surface)
        case .health: HealthScreen(state: self).draw(in: body, on: &surface)
        case .log: LogScreen(state: self).draw(in: body, on: &surface)
        }
    }

    /// What lies behind a dialog or is no longer true stays readable, without colour.
    private static func faded(_ style: Style) -> Style {
        Style(foreground: .role(.muted), background: style.background)
    }

    private func draw(_ notice: Notice, in line: Rect, on surface: inout Surface) {
        let kind: TerminalUI.Toast.Kind =
            switch notice.kind {
            case .done: .done
            case .note: .note
            case .problem: .warning
            }
        surface.draw(Toast(notice.text, kind: kind), in: line)
    }

    var tabsLine: TabsLine {
        let tabs = ConsoleView.allCases.map { view in
            let badge = view == .anomalies && openIncidentCount > 0 ? String(openIncidentCount) : ""
            return Tab(key: String(view.number), title: view.title, badge: badge, isEnabled: view != .map)
        }
        return TabsLine(
            tabs: tabs, selected: view.number - 1,
            trailing: Line([Span("?", .accent, .bold), Span(" help", .muted)]))
    }

    private var hintsLine: KeyHintsLine {
        var trailing = Line.empty
        if let frozen {
            let news = (frozen.newest?.statistics.vectors ?? frozen.vectors) - frozen.vectors
            let held = Age.watch(seconds: Double(milliseconds - frozen.sinceMilliseconds) / 1_000)
            trailing = Line([
                Span("FROZEN \(held)", .warning, .bold),
                Span(" · \(Quantity.grouped(max(0, news))) new", .muted),
            ])
        }
        return KeyHintsLine(
            ActionTable.hints(in: self), lasting: ActionTable.lastingHints(in: self), trailing: trailing)
    }
}
