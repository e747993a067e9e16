import Operations
import TerminalUI

/// Policies that decide alike, what they share and in what they differ, and how much each decided.
struct PoliciesPage {
    let state: ConsoleState

    private var report: PolicyReport? { state.policies.report }

    func draw(in rect: Rect, on surface: inout Surface) {
        surface.draw(summary, in: rect.row(0).inset(left: 1, right: 1))
        let room = rect.inset(top: 1)
        let offset = state.search.detailsOffset
        guard state.isSplit else {
            surface.draw(ScrolledLines(lines(width: narrow(room).width), offset: offset), in: narrow(room))
            return
        }
        let columns = columns(of: room)
        let left = surface.box(columns[0], title: "Decide alike", rightTitle: pairCount, focused: true)
            .inset(left: 1, right: 1)
        surface.draw(ScrolledLines(pairLines(width: left.width), offset: offset), in: left)
        let right = surface.box(columns[1], title: "Policies", rightTitle: policyCount)
            .inset(left: 1, right: 1)
        surface.draw(policyLines(width: right.width), in: right)
    }

    /// How far the page can be scrolled.
    var scrollLimit: Int {
        let room = state.body.inset(top: 1)
        guard state.isSplit else {
            let inner = narrow(room)
            return ScrolledLines(lines(width: inner.width)).limit(height: inner.height)
        }
        let left = columns(of: room)[0].inset(by: 1).inset(left: 1, right: 1)
        return ScrolledLines(pairLines(width: left.width)).limit(height: left.height)
    }

    private func narrow(_ room: Rect) -> Rect { room.inset(left: 1, right: 1) }

    private func columns(of rect: Rect) -> [Rect] { rect.columns([.fraction(0.64), .flexible]) }

    // MARK: What was looked at

    private var summary: Line {
        guard let report else {
            return state.ledger.isWaiting(.policies)
                ? Line("comparing policies … Ctrl-c stops", Style(.accent))
                : Line("not answered; :policies asks again", .muted)
        }
        let candidates = report.pairs.count(where: \.isCandidate)
        var spans = [
            Span(
                Quantity.grouped(report.policies.count)
                    + (report.policies.count == 1 ? " policy" : " policies"),
                .text, .bold), Span(" in \(Quantity.grouped(report.decisions)) decisions", .muted),
        ]
        if let tenant = state.policies.tenant {
            spans += [Span("  tenant ", .muted), Span(ConsoleState.tenantName(tenant), .identifier)]
        }
        if candidates > 0 {
            let noun = candidates == 1 ? "pair" : "pairs"
            spans.append(Span("  ≈ \(candidates) \(noun) may be one", .warning))
        }
        if report.withoutPolicy > 0 {
            spans.append(Span("  \(Quantity.grouped(report.withoutPolicy)) name none", .muted))
        }
        return Line(spans)
    }

    private var pairCount: String { report.map { Quantity.grouped($0.pairs.count) } ?? "" }
    private var policyCount: String { report.map { Quantity.grouped($0.policies.count) } ?? "" }

    // MARK: What was found

    private func lines(width: Int) -> [Line] {
        guard let report, !report.policies.isEmpty else { return pairLines(width: width) }
        return pairLines(width: width) + [Line.empty, Line("POLICIES", Style(.title, .bold))]
            + policyLines(width: width)
    }

    private func pairLines(width: Int) -> [Line] {
        guard let report else { return [] }
        if report.policies.isEmpty {
            let text = report.decisions == 0 ? "there are no decisions yet" : "no decision names its policy"
            return [Line(text, .muted)]
        }
        if report.pairs.isEmpty { return [Line("no two of them decide alike", .muted)] }
        return report.pairs.enumerated().flatMap { index, pair in
            (index == 0 ? [] : [Line.empty]) + lines(of: pair, width: width)
        }
    }

    private func lines(of pair: PolicyPair, width: Int) -> [Line] {
        var spans = [
            Span(pair.isCandidate ? "≈ " : "  ", .warning, .bold),
            Span(EvidencePage.cosine(pair.similarity) + "  ", .muted),
            Span(pair.first.policy, .identifier, .bold),
            Span(" \(Quantity.short(pair.first.decisions))", .muted), Span("  ~  "),
            Span(pair.second.policy, .identifier, .bold),
            Span(" \(Quantity.short(pair.second.decisions))", .muted),
        ]
        if state.policies.tenant == nil {
            spans += [
                Span("  tenant ", .muted),
                Span(ConsoleState.tenantName(pair.first.tenant), .identifier),
            ]
        }
        var lines = Paragraph([Line(spans)]).wrapped(width: width)
        let margin = "       "
        for (index, reason) in pair.why.enumerated() {
            let role: Role = index == 0 ? (pair.isCandidate ? .warning : .text) : .muted
            let wrapped = Paragraph([Line(reason, Style(role))]).wrapped(width: max(8, width - margin.count))
            lines += wrapped.map { Line([Span(margin)] + $0.spans) }
        }
        return lines
    }

    private func policyLines(width: Int) -> [Line] {
        guard let report else { return [] }
        return report.policies.map { policy in
            let denied = policy.decisions == 0 ? 0 : Double(policy.denied) / Double(policy.decisions)
            let count = Quantity.short(policy.decisions)
            let share = Quantity.percent(denied)
            func padded(_ text: String, _ cells: Int) -> String {
                String(repeating: " ", count: max(0, cells - text.count)) + text
            }
            let head = padded(count, 6) + "  " + padded(share, 6) + " denied  "
            return Line([
                Span(head, denied > 0 ? .text : .muted),
                Span(policy.policy.shortened(to: max(4, width - head.count)), .identifier),
            ])
        }
    }
}

/// What the page of policies remembers.
struct PoliciesState: Equatable, Sendable {
    /// The newest answer.
    var report: PolicyReport?
    /// The tenant that was asked about; `nil` for all.
    var tenant: String?
}

extension ConsoleState {
    /// Shows which policies decide alike, of the newest decisions; Esc leads to the results.
    mutating func showPolicies() -> [ConsoleRequest] {
        guard holdsDecisions else { return refuse("policies: these rows are no decisions") }
        view = .search
        returnView = nil
        search.isEditing = false
        // Behind the page stand results, not nothing.
        let requests = firstSearch()
        search.page = .policies
        search.detailsOffset = 0
        policies = PoliciesState(report: nil, tenant: scope)
        return requests + [ask(.policies(tenant: scope), .policies)]
    }

    mutating func takePolicies(_ report: PolicyReport) {
        policies.report = report
        if search.page == .policies { search.detailsOffset = 0 }
    }
}
