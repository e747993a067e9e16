import Decisions
import Operations
public import TerminalUI
import VectorStores

/// The frame around every screen: header, tabs, hints, and where the body stands between them.
extension ConsoleState {
    /// The room of the screens: all but header, tabs, hints and why the store does not answer.
    func body(of size: Size) -> Rect {
        Self.frame(of: size).inset(top: lostRows(of: size))
    }

    /// All but header, tabs and hints.
    static func frame(of size: Size) -> Rect { Rect(size).inset(top: 2, bottom: 1) }

    /// The room of the screens at the terminal's size.
    var body: Rect { body(of: size) }

    /// Draws everything; pure, so that a picture is a function of the state.
    public func draw(on surface: inout Surface) {
        surface.cursor = nil
        let rows = Rect(surface.size)
        let frame = Self.frame(of: surface.size)
        let body = self.body(of: surface.size)
        surface.clipped(to: body) { drawScreen(in: body, on: &$0) }
        if isShowingThePast { surface.restyle(body) { Self.faded($0) } }
        if snapshot.connection != .live {
            let above = frame.inset(bottom: body.height)
            surface.clipped(to: above) { drawLost(in: above, on: &$0) }
        }
        surface.draw(headerLine, in: rows.row(0))
        surface.draw(tabsLine, in: rows.row(1))
        drawLastLine(on: &surface)
        if let overlay {
            surface.restyle(frame) { Self.faded($0) }
            surface.cursor = nil
            surface.clipped(to: frame) { draw(overlay, in: frame, on: &$0) }
        }
    }

    /// The hints, and the message in the room that the way out leaves it.
    private func drawLastLine(on surface: inout Surface) {
        let rows = Rect(surface.size)
        let line = rows.row(max(0, rows.height - 1))
        let hints = hintsLine
        let hasHints = rows.height > 2
        guard let notice else {
            if hasHints { surface.draw(hints, in: line) }
            return
        }
        let toast = Toast(notice.text, kind: notice.toastKind)
        let kept = hasHints ? hints.lastingWidth(surface.glyphs) : 0
        let width = min(toast.width(surface.glyphs), max(0, line.width - kept))
        if hasHints { surface.draw(hints, in: line.inset(right: width)) }
        surface.draw(toast, in: line.inset(left: line.width - width))
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
        case .map: MapScreen(state: self).draw(in: body, on: &surface)
        case .index: IndexScreen(state: self).draw(in: body, on: &surface)
        case .health: HealthScreen(state: self).draw(in: body, on: &surface)
        case .log: LogScreen(state: self).draw(in: body, on: &surface)
        }
    }

    /// What lies behind a dialog or is no longer true stays readable, without colour.
    private static func faded(_ style: Style) -> Style {
        Style(foreground: .role(.muted), background: style.background)
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

extension Notice {
    /// How the message is signed on the last line.
    fileprivate var toastKind: Toast.Kind {
        switch kind {
        case .done: .done
        case .note: .note
        case .problem: .warning
        }
    }
}
