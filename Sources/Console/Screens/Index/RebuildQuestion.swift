import Operations
import TerminalUI
import VectorStores

/// What is told before the index is built anew: what stays, and what will be another.
struct RebuildQuestion {
    let state: ConsoleState
    let request: RebuildRequest

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
        guard request.isOfGraph, let index = state.snapshot.statistics.server?.relations?.neighbors else {
            return []
        }
        return [
            Line([
                Span("server's index    ", .muted), Span(Quantity.bytes(index.bytes)),
                Span(" built anew too", .muted),
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
