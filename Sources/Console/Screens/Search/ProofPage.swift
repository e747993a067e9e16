import Decisions
import Operations
import TerminalUI
import VectorStores

/// The graph's answer and the exact one side by side, what the graph missed, and this tenant's recall.
struct ProofPage {
    let state: ConsoleState

    private var proof: SearchProof? { state.search.proof }
    private var isTiny: Bool { state.density == .tiny }

    func draw(in rect: Rect, on surface: inout Surface) {
        guard let proof else { return }
        let facts = facts(proof)
        surface.draw(facts, in: rect.inset(left: 1, right: 1))
        let room = rect.inset(top: facts.count)
        let pairs = shown(proof)
        guard !isTiny else {
            // Where one column fits it is the true one, which marks what the graph missed.
            surface.draw(table(of: pairs, .exact, showsHeader: false), in: room)
            return
        }
        let columns = room.columns([.flexible, .flexible])
        let left = surface.box(columns[0], title: "Graph", rightTitle: summary(proof.walked))
        surface.draw(table(of: pairs, .graph), in: left)
        let right = surface.box(columns[1], title: "Exact", rightTitle: summary(proof.exact))
        surface.draw(table(of: pairs, .exact), in: right)
    }

    /// How far the rows can be scrolled.
    var scrollLimit: Int {
        guard let proof else { return 0 }
        let room = state.body.height - facts(proof).count
        let visible = isTiny ? room : Table.visibleRows(height: room - 2)
        return max(0, shown(proof).count - max(1, visible))
    }

    private func shown(_ proof: SearchProof) -> [SearchProof.Pair] {
        isTiny ? proof.pairs.filter { $0.exact != nil } : proof.pairs
    }

    // MARK: What came of it

    private func facts(_ proof: SearchProof) -> [Line] {
        isTiny
            ? [verdict(proof), recall(proof)]
            : [subject(proof), verdict(proof), recall(proof)]
    }

    private func subject(_ proof: SearchProof) -> Line {
        var spans = [Span("k ", .muted), Span("\(proof.question.limit)", .accent, .bold)]
        if let like = state.search.like { spans += state.likeSpans(like) }
        return Line(spans)
    }

    private func verdict(_ proof: SearchProof) -> Line {
        guard let comparison = proof.comparison else {
            return state.ledger.isWaiting(.proof)
                ? Line("asking both … Ctrl-c stops", Style(.accent))
                : Line("not answered; p asks again", .muted)
        }
        let count = comparison.standings.count
        guard let recall = comparison.recall else { return Line("nothing is to be found", .muted) }
        let missed = count - comparison.found
        return Line([
            Span("found ", .muted),
            Span("\(Quantity.grouped(comparison.found)) of \(Quantity.grouped(count))", .text, .bold),
            Span("  \(Quantity.percent(recall))", missed == 0 ? .good : .warning, .bold),
            Span(missed == 0 ? "" : "  ▲ \(Quantity.grouped(missed)) missed", .warning),
        ])
    }

    private func recall(_ proof: SearchProof) -> Line {
        guard state.holdsDecisions else {
            return Line(
                proof.walked?.exact == true
                    ? "no index by cosine was walked: both compared every row"
                    : "c on 7 measures the recall of sampled rows", .muted)
        }
        let name = proof.tenant.map(ConsoleState.tenantName) ?? ""
        guard let tenant = proof.tenant,
            let recall = state.snapshot.tenants.first(where: { ByteKey($0.id) == ByteKey(tenant) })?.recall
        else {
            return Line([Span(name, .identifier), Span("  nothing sampled in the last hour", .muted)])
        }
        let step = RecallText.step(recall.step)
        let span = RecallText.span(recall)
        return Line([
            Span(name, .identifier), Span(isTiny ? " " : "  recall over the last \(span) ", .muted),
            Span(Quantity.percent(recall.recall), RecallText.style(recall)),
            Span(isTiny ? " last \(span) n=\(recall.samples)" : " in \(sampled(recall))", .muted),
            Span(step.isEmpty ? "" : "  \(step)", .warning),
        ])
    }

    private func sampled(_ recall: TenantRecallSummary) -> String {
        Quantity.counted(recall.samples, "sample")
    }

    private func summary(_ outcome: SearchOutcome?) -> String {
        outcome.map { outcome in
            "scanned \(Quantity.short(outcome.scanned)) in \(Quantity.microseconds(outcome.elapsedMicroseconds))"
        } ?? ""
    }

    // MARK: Rows

    private enum Side {
        case graph, exact
    }

    private func table(of pairs: [SearchProof.Pair], _ side: Side, showsHeader: Bool = true) -> Table {
        let isAwaited = proof?.comparison == nil
        let others = [
            TableColumn("", .fixed(1)), TableColumn("cos", .fixed(5)),
            TableColumn("id", .fixed(12), truncation: .middle), TableColumn("row", .minimum(10)),
        ]
        return Table(
            columns: !state.holdsDecisions
                ? others
                : [
                    TableColumn("", .fixed(1)), TableColumn("cos", .fixed(5)),
                    TableColumn("", .fixed(1), dropOrder: 1),
                    TableColumn("principal", .fixed(11), truncation: .middle),
                    TableColumn("action", .fixed(7), dropOrder: 2),
                    TableColumn("resource", .minimum(10), truncation: .middle),
                    TableColumn("time", .fixed(17), dropOrder: 3),
                ], count: pairs.count, offset: min(proof?.offset ?? 0, scrollLimit), isFocused: false,
            showsHeader: showsHeader, emptyText: isAwaited ? "" : "nothing matches"
        ) { index in
            let pair = pairs[index]
            guard let result = side == .graph ? pair.walked : pair.exact else {
                // What stands opposite to a row without a counterpart.
                let text =
                    pair.isMissed
                    ? Line("missed", Style(.warning, .bold)) : Line(isAwaited ? "" : Quantity.absent, .muted)
                let mark = pair.isMissed ? Self.missed : .empty
                return TableRow(
                    state.holdsDecisions ? [mark, .empty, .empty, text] : [mark, .empty, text])
            }
            return row(result, pair)
        }
    }

    private static let missed = Line("▲", Style(.warning, .bold))

    private func row(_ result: SearchResult, _ pair: SearchProof.Pair) -> TableRow {
        let decision = result.stored.decision
        let isExtra = pair.exact == nil
        let text: Style = isExtra ? .muted : .text
        guard state.holdsDecisions else {
            return TableRow([
                pair.isMissed ? Self.missed : .empty,
                Line(result.similarity.map { Quantity.fixed(Double($0), decimals: 3) } ?? "", text),
                Line(decision.id, isExtra ? .muted : Style(.identifier)), Line(decision.rowText, text),
            ])
        }
        return TableRow([
            pair.isMissed ? Self.missed : .empty,
            Line(result.similarity.map { Quantity.fixed(Double($0), decimals: 3) } ?? "", text),
            Line([DecisionText.sign(decision.effect)]),
            Line(decision.principal.id, isExtra ? .muted : Style(.identifier)),
            Line(decision.actions.joined(separator: ","), text),
            Line(DecisionText.resource(decision), text),
            Line(Clock.stamp(decision.time), .muted),
        ])
    }
}
