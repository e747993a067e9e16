import Decisions
import TerminalUI
import VectorStores

/// Decisions by query or likeness, and how the answer came about.
struct SearchScreen {
    let state: ConsoleState

    private var search: SearchState { state.search }

    func draw(in rect: Rect, on surface: inout Surface) {
        let isTiny = state.density == .tiny
        var inner = rect
        if search.page == .proof {
            ProofPage(state: state).draw(in: rect, on: &surface)
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
                columns[1], title: "Decision", rightTitle: state.selectedResult.map { similarity($0) } ?? "",
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
            placeholder: search.isEditing
                ? "tenant:acme effect:deny time>-1h" : "/ to type: tenant:acme effect:deny time>-1h")
    }

    private var chips: Line {
        var spans = [
            Span("k ", .muted), Span("\(search.limit)", .accent, .bold), Span("   exact ", .muted),
            Span(search.exact ? "on" : "off", search.exact ? .accent : .text, search.exact ? .bold : []),
        ]
        if let scope = state.scope {
            spans += [Span("   tenant ", .muted), Span(ConsoleState.tenantName(scope), .identifier)]
        }
        if let like = search.like {
            spans += [
                Span("   like ", .muted),
                Span(" \(like.principal.id) \(DecisionText.request(like)) ", Style(.accent, on: .selection)),
                Span(" \(like.id)", .muted),
            ]
        }
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

    // MARK: Results

    private func drawResults(in rect: Rect, on surface: inout Surface) {
        let results = search.outcome?.results ?? []
        let isLike = results.first?.similarity != nil
        let timeWidth = timeWidth
        var cursor = search.cursor
        cursor.reconcile(results.map(\.rowID), height: Table.visibleRows(height: rect.height))
        let table = Table(
            columns: columns(isLike: isLike), count: results.count,
            selectedIndex: results.isEmpty ? nil : cursor.index,
            offset: cursor.offset, isFocused: !search.isEditing && search.page == .results,
            emptyText: search.outcome == nil ? "" : "nothing matches"
        ) { row(results[$0], isLike: isLike, timeWidth: timeWidth) }
        surface.draw(table, in: rect)
    }

    private func columns(isLike: Bool) -> [TableColumn] {
        var columns: [TableColumn] = []
        let results = search.outcome?.results ?? []
        let principals = results.prefix(200).map(\.stored.decision.principal.id.displayWidth).max() ?? 0
        if isLike { columns.append(TableColumn("similarity", .fixed(state.density == .tiny ? 5 : 12))) }
        return columns + [
            TableColumn("time", .fixed(timeWidth), dropOrder: 3),
            TableColumn("", .fixed(1)),
            TableColumn("principal", .fixed(max(9, min(principals, 18))), truncation: .middle),
            TableColumn("action", .fixed(7), dropOrder: 4),
            TableColumn("resource", .minimum(16), truncation: .middle, dropOrder: 1),
            TableColumn("tenant", .fixed(9), dropOrder: 5),
        ]
    }

    /// The day of all results where it is not today: told once, above them, so that seconds keep room.
    private var sharedDay: Timestamp? {
        guard state.density == .compact, let first = search.outcome?.results.first?.stored.decision.time,
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
        return sharedDay != nil || isOfOneDay(state.now) ? 8 : 17
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

    // MARK: The decision at hand

    private func drawDetails(in rect: Rect, on surface: inout Surface) {
        guard let result = state.selectedResult else {
            surface.draw("no decision is selected", in: rect.row(0), style: .muted)
            return
        }
        let page = DecisionPage(
            decision: result.stored.decision, storedID: result.stored.storedID, width: rect.width)
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
            decision: result.stored.decision, storedID: result.stored.storedID, width: room.width)
        return ScrolledLines(page.lines).limit(height: room.height)
    }
}
