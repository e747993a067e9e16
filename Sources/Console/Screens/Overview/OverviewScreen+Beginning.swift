import Operations
import TerminalUI

extension OverviewScreen {
    /// What an empty store offers.
    func drawBeginning(in rect: Rect, on surface: inout Surface) {
        let why = state.whyNotOperate
        func choice(_ key: String, _ title: String, _ text: String, _ reason: String?) -> [Line] {
            [
                Line([
                    Span(" \(key) ", Style(reason == nil ? .accent : .muted, .bold)),
                    Span(title, Style(reason == nil ? .text : .muted, .bold)),
                ]), Line("   " + (reason ?? text), .muted),
            ]
        }
        var lines: [Line] = [
            Line("This store is empty. Three ways to begin:", Style(.title, .bold)), .empty,
        ]
        lines += choice("d", "See the demo", "sample data, live traffic, a story that unfolds", why)
        lines += choice("o", "Open a log", "Kubernetes, OPA, Cerbos, CloudTrail and more, also .gz", why)
        lines += choice(
            "c", "Connect to a store", "leave with q, then: verdict console --store memory:DIR", nil)
        if rect.height > 12 {
            lines += [
                .empty, Line("From a shell:  verdict ingest audit.log", .muted),
                Line("          or:  verdict console --follow audit.log", .muted),
            ]
        }
        let size = Size(width: min(rect.width, 76), height: min(rect.height, lines.count + 4))
        let frame = rect.centered(size)
        guard rect.width >= 60, rect.height >= lines.count + 4 else {
            surface.draw(lines, in: rect.inset(left: 1))
            return
        }
        let inner = surface.box(
            frame, title: "Verdict", rightTitle: state.snapshot.storeAddress, focused: true)
        surface.draw(lines, in: inner.inset(left: 2, top: 1, right: 2))
    }
}
