import Decisions
import TerminalUI
import VectorStores

/// Decisions by query or likeness, and how the answer came about.
struct SearchScreen {
    let state: ConsoleState

    var search: SearchState { state.search }

    func draw(in rect: Rect, on surface: inout Surface) {
        let isTiny = state.density == .tiny
        var inner = rect
        if search.page == .proof {
            ProofPage(state: state).draw(in: rect, on: &surface)
            return
        }
        if search.page == .hunt {
            HuntPage(state: state).draw(in: rect, on: &surface)
            return
        }
        if search.page == .hunts {
            HuntsPage(state: state).draw(in: rect, on: &surface)
            return
        }
        if search.page == .policies {
            PoliciesPage(state: state).draw(in: rect, on: &surface)
            return
        }
        if search.page == .details, !state.isSplit {
            drawDetails(in: rect, on: &surface)
            return
        }
        surface.draw(queryLine, in: inner.row(0).inset(left: 1, right: 1))
        var used = 1
        if let problem = search.problem {
            QueryProblem(problem: problem, text: search.editor.text, indent: 8)
                .draw(in: inner.inset(left: 1, top: 1, right: 1), on: &surface)
            used += QueryProblem.height
        }
        surface.draw(chips, in: inner.row(used).inset(left: 1, right: 1))
        surface.draw(answerLine, in: inner.row(used + 1).inset(left: 1, right: 1))
        inner = inner.inset(top: used + 2)
        if let reason = search.outcome?.reason, inner.height > 4 {
            surface.draw(
                Line([Span("fewer: ", .warning), Span(reason, .muted)]),
                in: inner.row(0).inset(left: 1, right: 1))
            inner = inner.inset(top: 1)
        }
        if state.isSplit {
            let columns = columns(of: inner)
            let box = surface.box(
                columns[0], title: "Results", rightTitle: countText, focused: search.page == .results)
            drawResults(in: box, on: &surface)
            let right = surface.box(
                columns[1], title: state.holdsDecisions ? "Decision" : "Row",
                rightTitle: state.selectedResult.map { similarity($0) } ?? "",
                focused: search.page == .details)
            drawDetails(in: right.inset(left: 1, right: 1), on: &surface)
        } else {
            if !isTiny {
                surface.horizontalLine(x: inner.x, y: inner.y, width: inner.width)
                if let sharedDay {
                    surface.draw(
                        " \(Clock.date(sharedDay)) UTC ", in: inner.row(0).inset(left: 1), style: .muted)
                }
            }
            drawResults(in: inner.inset(top: isTiny ? 0 : 1), on: &surface)
        }
    }

    // MARK: What was asked

    private var queryLine: InputLine {
        InputLine(
            prompt: search.isEditing ? "query ▸ " : "query   ", editor: search.editor,
            isFocused: search.isEditing && state.overlay == nil,
            placeholder: (search.isEditing ? "" : "/ to type: ")
                + (state.holdsDecisions ? "tenant:acme effect:deny time>-1h" : "tenant:acme title~part"))
    }

    private var chips: Line {
        var spans = [
            Span("k ", .muted), Span("\(search.limit)", .accent, .bold), Span("   exact ", .muted),
            Span(search.exact ? "on" : "off", search.exact ? .accent : .text, search.exact ? .bold : []),
        ]
        if let scope = state.scope {
            spans += [Span("   tenant ", .muted), Span(ConsoleState.tenantName(scope), .identifier)]
        }
        if let like = search.like { spans += state.likeSpans(like) }
        return Line(spans)
    }

    // MARK: How it was answered

    private var answerLine: Line {
        let isWaiting = state.ledger.isWaiting(.search)
        // A quick answer never shows the word.
        if isWaiting, let since = state.ledger.waitingSince(.search),
            state.milliseconds - since > 150 || search.outcome == nil
        {
            return Line("searching … Ctrl-c stops", Style(.accent))
        }
        guard let outcome = search.outcome else { return Line("nothing was asked yet", .muted) }
        let age = state.milliseconds - search.answeredMilliseconds
        let asked = "  asked \(Age.short(seconds: Double(age) / 1_000)) ago"
        return Line([
            Span(outcome.strategy.rawValue, .text, .bold),
            Span(outcome.mirrorAgeSeconds.map { "  \(Age.short(seconds: $0)) old" } ?? "", .warning),
            Span(age < SearchState.freshMilliseconds ? "" : asked, .muted),
            // An exact search says so by its name.
            Span(
                outcome.strategy == .exact ? "" : outcome.exact ? "  exact" : "  approximate",
                outcome.exact ? .good : .muted),
            Span("  scanned ", .muted), Span(Quantity.grouped(outcome.scanned)), Span("  in ", .muted),
            Span(Quantity.microseconds(outcome.elapsedMicroseconds)), Span("  \(countText)", .muted),
        ])
    }

    private var countText: String {
        guard let outcome = search.outcome else { return "" }
        return "\(Quantity.grouped(outcome.results.count)) of \(Quantity.grouped(search.limit))"
    }

    private func similarity(_ result: SearchResult) -> String {
        result.similarity.map { "cos " + Quantity.fixed(Double($0), decimals: 3) } ?? ""
    }

    // MARK: The decision at hand

    private func drawDetails(in rect: Rect, on surface: inout Surface) {
        guard let result = state.selectedResult else {
            surface.draw("no \(state.entryNoun) is selected", in: rect.row(0), style: .muted)
            return
        }
        let page = DecisionPage(
            decision: result.stored.decision, storedID: result.stored.storedID, width: rect.width,
            isDecision: state.holdsDecisions)
        surface.draw(ScrolledLines(page.lines, offset: search.detailsOffset), in: rect)
    }

    private func columns(of rect: Rect) -> [Rect] {
        rect.columns([.fraction(rect.width >= 160 ? 0.6 : 0.62), .flexible])
    }

    /// How far the decision at hand can be scrolled.
    var detailsLimit: Int {
        guard let result = state.selectedResult else { return 0 }
        var room = state.body
        if state.isSplit {
            // Query, chips and answer stand above, and now and then why there are fewer.
            let above = 3 + (search.problem == nil ? 0 : QueryProblem.height)
            room = room.inset(top: above + (search.outcome?.reason == nil ? 0 : 1))
            room = columns(of: room)[1].inset(by: 1).inset(left: 1, right: 1)
        }
        let page = DecisionPage(
            decision: result.stored.decision, storedID: result.stored.storedID, width: room.width,
            isDecision: state.holdsDecisions)
        return ScrolledLines(page.lines).limit(height: room.height)
    }
}
