import AnomalyDetection
import Decisions
import Operations
import TerminalUI

/// Who else did what a decision did, when and how often.
struct HuntPage {
    let state: ConsoleState

    private var report: HuntReport? { state.hunting.report }

    func draw(in rect: Rect, on surface: inout Surface) {
        let inner = rect.inset(left: 1, right: 1)
        surface.draw(subject, in: inner.row(0))
        surface.draw(answer, in: inner.row(1))
        guard let report else { return }
        let room = rect.inset(top: 2)
        guard !report.finds.isEmpty else {
            let how = report.isExact ? "everything was compared" : "that is an approximate answer"
            surface.draw(
                [
                    Line("nobody else did that"),
                    Line("\(how); S counts and tells whoever does it from now on", .muted),
                ],
                in: room.inset(left: 1, top: 1))
            return
        }
        var cursor = state.hunting.findCursor
        cursor.reconcile(report.finds.map(\.rowID), height: Table.visibleRows(height: room.height))
        let principals = report.finds.map { $0.principal.displayWidth }.max() ?? 0
        let table = Table(
            columns: [
                TableColumn("principal", .fixed(max(9, min(principals, 24))), truncation: .middle),
                TableColumn("tenant", .fixed(9), dropOrder: 2),
                TableColumn("last", .fixed(17)), TableColumn("first", .fixed(17), dropOrder: 3),
                TableColumn("times", .fixed(7), alignment: .right),
                TableColumn("cos", .fixed(4), dropOrder: 1),
                TableColumn("nearest", .minimum(14), truncation: .middle, dropOrder: 4),
            ],
            count: report.finds.count, selectedIndex: cursor.index, offset: cursor.offset
        ) { place in
            let find = report.finds[place]
            return TableRow([
                Line(find.principal, Style(.identifier)), Line(ConsoleState.tenantName(find.tenant), .muted),
                Line(Clock.stamp(find.last)), Line(Clock.stamp(find.first), .muted),
                Line(Quantity.grouped(find.count) + (find.isCut ? "+" : "")),
                Line(EvidencePage.cosine(find.similarity), .muted),
                Line(DecisionText.request(find.nearest)),
            ])
        }
        surface.draw(table, in: room)
    }

    /// What is looked for.
    private var subject: Line {
        guard let question = state.hunting.question else { return Line("nothing was asked", .muted) }
        let decision = question.decision
        var spans = [
            Span("WHO ELSE ", .title, .bold), Span(decision.actions.joined(separator: ",") + " "),
            Span(decision.resource.kind), Span(" "), DecisionText.sign(decision.effect),
            Span(" " + decision.effect.rawValue, DecisionText.role(decision.effect)),
            Span("  other than ", .muted), Span(decision.principal.id, .identifier),
        ]
        if let incident = state.hunting.incident { spans.append(Span("  \(incident)", .muted)) }
        if let tenant = question.tenant {
            spans += [Span("  tenant ", .muted), Span(ConsoleState.tenantName(tenant), .identifier)]
        }
        return Line(spans)
    }

    /// How it was answered, and whether it is hunted already.
    private var answer: Line {
        guard let report else {
            return state.ledger.isWaiting(.hunt)
                ? Line("searching without who and where … Ctrl-c stops", Style(.accent))
                : Line("not answered; Esc and H ask again", .muted)
        }
        let found = report.finds.count
        let noun = found == 1 ? "1 other" : "\(found)\(report.isCut ? " or more" : "") others"
        var spans = [
            Span(noun, .text, .bold),
            Span(
                "  \(report.searches) \(report.searches == 1 ? "search" : "searches"), scanned "
                    + Quantity.grouped(report.scanned), .muted),
        ]
        if !report.elapsedMicroseconds.isNaN {
            spans.append(Span(" in \(Quantity.microseconds(report.elapsedMicroseconds))", .muted))
        }
        return Line(spans)
    }
}

/// The live hunts: who hunts what since when, and what was found.
struct HuntsPage {
    let state: ConsoleState

    func draw(in rect: Rect, on surface: inout Surface) {
        let hunts = state.snapshot.hunts
        let inner = rect.inset(left: 1, right: 1)
        surface.draw(
            Line([
                Span("HUNTS ", .title, .bold), Span("\(hunts.count) of \(Hunt.maximumLive) live"),
                Span("  every decision that is scored is compared", .muted),
            ]), in: inner.row(0))
        let room = rect.inset(top: 1)
        guard !hunts.isEmpty else {
            surface.draw(
                [
                    Line("nothing is hunted"),
                    Line(
                        "H on an incident looks for the same story by others; S hunts it from then on", .muted
                    ),
                ], in: room.inset(left: 1, top: 1))
            return
        }
        var cursor = state.hunting.huntCursor
        cursor.reconcile(hunts.map(\.id), height: Table.visibleRows(height: room.height))
        let table = Table(
            columns: [
                TableColumn("id", .fixed(4)), TableColumn("hunted", .minimum(20), truncation: .middle),
                TableColumn("by", .fixed(9), truncation: .tail, dropOrder: 2),
                TableColumn("age", .fixed(5), alignment: .right, dropOrder: 3),
                TableColumn("hits", .fixed(6), alignment: .right),
                TableColumn("last hit", .fixed(28), dropOrder: 1),
            ],
            count: hunts.count, selectedIndex: cursor.index, offset: cursor.offset
        ) { place in
            let status = hunts[place]
            let tally = status.tally
            let last = tally.last.map { hit in
                Line([
                    Span(Clock.near(hit.time, now: state.eventNow) + " ", .muted),
                    Span(hit.principal, .identifier),
                ])
            }
            return TableRow([
                Line(status.id, Style(.text, .bold)),
                Line([
                    Span(status.hunt.name),
                    Span(" by others than \(status.hunt.decision.principal.id)", .muted),
                ]), Line(status.hunt.author, .muted),
                Line(Age.short(since: status.hunt.created, now: state.now), .muted),
                Line(Quantity.short(tally.hits), Style(tally.hits > 0 ? .warning : .muted)),
                last ?? Line("none yet", .muted),
            ])
        }
        surface.draw(table, in: room)
    }
}
