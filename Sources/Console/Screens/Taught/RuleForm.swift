import AnomalyDetection
import Operations
import TerminalUI

/// The form of a rule: fields of an incident that are switched on and off, how long it lasts, and why.
struct RuleForm: Equatable, Sendable {
    /// The incident it is made from.
    let incident: String
    /// The fields that the incident has values for.
    var rows: [Row]
    /// How long the rule lasts.
    var term = LineEditor("14d")
    /// Why.
    var reason = LineEditor()
    /// The row at hand; behind the fields stand the term and the reason.
    var selected = 0
    /// Why the form as it was last given cannot be taken.
    var problem: String?
    /// What the rule would have hidden; `nil` until that is counted, and again as soon as another rule is asked for.
    private(set) var preview: RulePreview?
    /// What that is counted on; `nil` until it arrived.
    var rehearsal: Rehearsal?

    /// A field.
    struct Row: Equatable, Sendable {
        var field: SuppressionFields.Field
        var values: [String]
        var choice = 0
        var isOn: Bool

        var value: String { values[min(choice, values.count - 1)] }
    }

    /// The form of an incident, with on what all its decisions share.
    init(_ incident: Incident) {
        self.incident = incident.id
        rows = SuppressionFields.Field.allCases.compactMap { field in
            let values = incident.suppressionValues(of: field)
            return values.isEmpty ? nil : Row(field: field, values: values, isOn: incident.isShared(field))
        }
    }

    var termRow: Int { rows.count }
    var reasonRow: Int { rows.count + 1 }

    /// What is asked for.
    var fields: SuppressionFields {
        var fields = SuppressionFields()
        for row in rows where row.isOn { fields[row.field] = row.value }
        return fields
    }

    /// The rule as it stands; `nil` while the term is none.
    var draft: SuppressionDraft? {
        SuppressionDraft.seconds(term.text).map {
            SuppressionDraft(fields: fields, reason: reason.text, seconds: $0, incident: incident)
        }
    }

    /// Takes figures; those of another rule are left out.
    mutating func take(_ preview: RulePreview) {
        guard preview.fields == fields else { return }
        self.preview = preview
        if problem == Self.unknownPreview { problem = nil }
    }

    /// What is said where a rule is to be made before it is known what it would have hidden.
    static let unknownPreview = "what it would have hidden is not known yet"

    /// Takes a key that neither gives up nor submits; false when it means nothing.
    mutating func handle(_ key: Key) -> Bool {
        let before = fields
        // The figures of another rule are shown no longer.
        defer { if fields != before { preview = nil } }
        let isText = selected >= rows.count
        switch key {
        case .up, .backTab: selected = max(0, selected - 1)
        case .down, .tab: selected = min(reasonRow, selected + 1)
        case .character("k") where !isText: selected = max(0, selected - 1)
        case .character("j") where !isText: selected = min(reasonRow, selected + 1)
        case .character(" ") where !isText:
            rows[selected].isOn.toggle()
        case .left where !isText, .right where !isText:
            let count = rows[selected].values.count
            rows[selected].choice = (rows[selected].choice + (key == .left ? count - 1 : 1)) % count
        default:
            guard isText else { return false }
            return selected == termRow ? term.handle(key) : reason.handle(key)
        }
        problem = nil
        return true
    }

    mutating func insert(_ text: String) {
        if selected == termRow { term.insert(text) }
        if selected == reasonRow { reason.insert(text) }
    }
}

extension ConsoleState {
    /// Opens the form of a rule from the incident at hand, or from the one that is named.
    mutating func openRuleForm(_ id: String? = nil) -> [ConsoleRequest] {
        let incident = id.map { id in incidents.first { $0.id == id } } ?? selectedIncident
        guard let incident else { return refuse("no incident is selected") }
        if incident.signal != nil {
            return refuse("suppress: it is a signal of the watching itself, which no rule hides")
        }
        anomalies.cursor.select(incident.id)
        overlay = .rule(RuleForm(incident))
        return [ask(.rehearsal, .rehearsal)]
    }

    /// Enter makes the rule, Esc gives up.
    mutating func press(_ key: Key, inForm form: RuleForm) -> [ConsoleRequest] {
        let fields = form.fields
        var form = form
        switch key {
        case .escape:
            overlay = nil
            show("nothing was done", .note)
            return stopPreview()
        case .enter: return submit(form)
        default:
            guard form.handle(key) else { return [] }
            overlay = .rule(form)
            return form.fields == fields ? [] : preview(form)
        }
    }

    private mutating func submit(_ form: RuleForm) -> [ConsoleRequest] {
        var form = form
        guard let draft = form.draft else {
            form.problem = "that is no time: a rule lasts \(SuppressionDraft.knownTerms)"
            form.selected = form.termRow
            overlay = .rule(form)
            return []
        }
        guard let hidden = form.preview?.hidden else {
            form.problem = RuleForm.unknownPreview
            overlay = .rule(form)
            return isPreviewing ? [] : preview(form)
        }
        if let problem = draft.problem(hiding: hidden) {
            form.problem = problem
            if draft.fields.isNarrow { form.selected = form.reasonRow }
            overlay = .rule(form)
            return []
        }
        overlay = nil
        return teach(.suppress(draft))
    }

    /// Whether what the rule of a form would have hidden is under way.
    private var isPreviewing: Bool { ledger.isWaiting(.rehearsal) || ledger.isWaiting(.rulePreview) }

    /// Has counted what the rule of a form would have hidden, which takes longer than a key may.
    mutating func preview(_ form: RuleForm) -> [ConsoleRequest] {
        guard let rehearsal = form.rehearsal else {
            return ledger.isWaiting(.rehearsal) ? [] : [ask(.rehearsal, .rehearsal)]
        }
        return [ask(.previewRule(rehearsal, form.fields), .rulePreview)]
    }

    /// Figures arrived: those of the rule that is asked for are shown.
    mutating func takePreview(_ preview: RulePreview) {
        guard case .rule(var form)? = overlay else { return }
        form.take(preview)
        overlay = .rule(form)
    }

    /// Nobody waits for the figures any longer.
    private mutating func stopPreview() -> [ConsoleRequest] {
        guard ledger.isWaiting(.rulePreview) else { return [] }
        ledger.abandon(.rulePreview)
        return [.cancel(.rulePreview)]
    }

    func drawRuleForm(_ form: RuleForm, in body: Rect, on surface: inout Surface) {
        let width = min(body.width, 96)
        let footing = footLines(form, width: max(1, width - 4))
        let height = min(body.height, form.rows.count + 4 + footing.count)
        let frame = body.centered(Size(width: width, height: height))
        surface.fill(frame, style: Style(.text, on: .overlay))
        let inner = surface.box(
            frame, title: "Hide what is like \(form.incident)", rightTitle: "Space switches",
            footer: "Enter makes the rule", rightFooter: "Esc gives up", focused: true
        ).inset(left: 1, right: 1)
        let foot = min(footing.count, max(1, inner.height - 1))
        drawRows(form, in: inner.inset(bottom: foot), on: &surface)
        surface.draw(
            foot < footing.count ? Array(footing.dropFirst()) : footing,
            in: inner.inset(top: max(0, inner.height - foot)))
    }

    private func drawRows(_ form: RuleForm, in rect: Rect, on surface: inout Surface) {
        let count = form.rows.count + 2
        let offset = max(0, min(form.selected - rect.height + 1, count - rect.height))
        for place in 0..<min(rect.height, count) {
            let index = place + offset
            let line = rect.row(place)
            let isSelected = index == form.selected
            if index >= form.rows.count {
                let isTerm = index == form.termRow
                surface.draw(
                    InputLine(
                        prompt: isTerm ? "  lasts      " : "  reason     ",
                        editor: isTerm ? form.term : form.reason, isFocused: isSelected,
                        placeholder: isTerm ? "14d" : "why; needed where something critical is hidden"),
                    in: line)
                continue
            }
            let row = form.rows[index]
            let name = row.field.rawValue
            let padded = name + String(repeating: " ", count: max(1, 11 - name.count))
            let more = row.values.count > 1 ? "  \(row.choice + 1) of \(row.values.count) ← →" : ""
            let value = row.value.isEmpty ? "(none)" : row.value
            if isSelected { surface.fill(line, style: Style(.text, on: .selection)) }
            surface.draw(
                Line([
                    Span(row.isOn ? "✓ " : "  ", .good, .bold), Span(padded, .muted),
                    Span(row.isOn ? value : "any", row.isOn ? .identifier : .muted), Span(more, .muted),
                ]), in: line)
        }
    }

    /// The most incidents that are named of those that would not have been.
    private static let maximumNames = 6

    /// What is told below the fields, after a line that is left free.
    private func footLines(_ form: RuleForm, width: Int) -> [Line] {
        var lines: [Line] = []
        if let problem = form.problem {
            lines.append(Line(problem, Style(.warning)))
        } else if let hidden = form.preview?.hidden {
            let isGrave = hidden.critical > 0 || !hidden.truePositives.isEmpty
            lines.append(Line(hidden.sentence, Style(isGrave ? .critical : .text)))
        } else if isPreviewing {
            lines.append(Line("counting what it would have hidden …", Style(.accent)))
        } else {
            lines.append(Line("what it would have hidden is not counted; Enter counts again", .muted))
        }
        if let outcome = form.preview?.outcome {
            var text =
                "pages a week \(Quantity.fixed(outcome.pagesPerWeekBefore, decimals: 1)) → "
                + Quantity.fixed(outcome.pagesPerWeekAfter, decimals: 1)
            // An incident that comes back pages each time, and is named once.
            var named: Set<String> = []
            let names = outcome.vanished.compactMap(\.incident).filter { named.insert($0).inserted }
            if !names.isEmpty {
                text += ", without " + names.prefix(Self.maximumNames).joined(separator: ", ")
                if names.count > Self.maximumNames { text += " and \(names.count - Self.maximumNames) more" }
            }
            lines.append(Line(text, .muted))
        }
        return [.empty] + Paragraph(lines).wrapped(width: width)
    }
}
