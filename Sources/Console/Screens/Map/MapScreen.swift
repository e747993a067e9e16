import TerminalUI

/// The place of the map, which comes with a later version.
struct MapScreen {
    let state: ConsoleState

    func draw(in rect: Rect, on surface: inout Surface) {
        let middle = rect.inset(top: max(0, rect.height / 2 - 1))
        surface.draw(
            "The map comes with a later version.", in: middle.row(0), style: Style(.title, .bold),
            alignment: .center)
        surface.draw(
            state.holdsDecisions
                ? "Until then: 3 shows what is strange, m shows what is near."
                : "Until then: m on 5 shows what is near.", in: middle.row(1), style: .muted,
            alignment: .center)
    }
}
