import Operations
import TerminalUI
import VectorStores

/// What is told before the index is built anew: what stays, what will be another, and what that takes of a server.
struct RebuildQuestion {
    let state: ConsoleState
    let request: RebuildRequest

    /// The question with as much of what it takes as there is room for; how much more there is to know is told.
    func dialog(choices: [KeyHint]) -> Dialog {
        let notes = serverNotes
        func dialog(showing shown: Int) -> Dialog {
            var body = body + notes.prefix(shown).map { Line("· \($0)", .muted) }
            if shown < notes.count {
                body.append(
                    Line("\(notes.count - shown) more to know: enlarge the window", Style(.warning)))
            }
            return Dialog(
                title: "Rebuild the index of \(state.snapshot.storeName)?", body: body, choices: choices,
                isDangerous: true)
        }
        let room = state.body.size
        let fitting = (0...notes.count).last { dialog(showing: $0).size(in: room).height <= room.height }
        return dialog(showing: fitting ?? 0)
    }

    /// What should be known before the server builds its index, where it builds one.
    private var serverNotes: [String] {
        request.isOfGraph ? state.snapshot.statistics.server?.rebuildNotes ?? [] : []
    }

    /// The lines; on the smallest screen only what will be another, and that nothing is lost.
    var body: [Line] {
        let index = state.snapshot.statistics.index
        let rows = [
            Row("links (m)", "\(index.m)", request.m.map(String.init)),
            Row("build breadth (ef)", "\(index.efConstruction)", request.efConstruction.map(String.init)),
            Row("quantization", index.quantization, request.quantization),
        ]
        let decisions = Quantity.counted(state.snapshot.statistics.vectors, "decision")
        guard state.density != .tiny else {
            return rows.filter(\.isChange).map(\.line) + trainingNote + serverNote
                + [Line("\(decisions), built aside"), Line("the old one serves until verified", .muted)]
        }
        return [
            Line("\(decisions), built aside; the old index"),
            Line("serves until the new one is verified. Reversible until then."),
            .empty,
        ] + rows.map(\.line) + trainingNote + serverNote
    }

    /// A setting before and after.
    private struct Row {
        var name: String
        var before: String
        var after: String
        var isChange: Bool { before != after }

        init(_ name: String, _ before: String, _ after: String?) {
            self.name = name
            self.before = before
            self.after = after ?? before
        }

        var line: Line {
            let padded = name + String(repeating: " ", count: max(1, 18 - name.count))
            guard isChange else { return Line([Span(padded, .muted), Span(before, .text)]) }
            return Line([
                Span(padded, .muted), Span(before + " → ", .text), Span(after, .accent, .bold),
            ])
        }
    }

    /// What the server builds as well.
    private var serverNote: [Line] {
        guard !serverNotes.isEmpty, let index = state.snapshot.statistics.server?.relations?.neighbors else {
            return []
        }
        let isTiny = state.density == .tiny
        return [
            Line([
                Span(isTiny ? "server's index " : "server's index    ", .muted),
                Span(Quantity.bytes(index.bytes)), Span(isTiny ? " anew too" : " built anew too", .muted),
            ])
        ]
    }

    /// What is trained on few vectors tells less of those to come.
    private var trainingNote: [Line] {
        let chosen = request.quantization.flatMap { QuantizationSetting($0) }
        let shortage = chosen?.shortage(distinct: state.snapshot.statistics.distinct)
        return shortage.map { [Line($0, Style(.warning))] } ?? []
    }
}
