import Operations
import TerminalUI
import VectorStores

extension ConsoleState {
    func draw(_ overlay: Overlay, in body: Rect, on surface: inout Surface) {
        switch overlay {
        case .palette(let palette): drawPalette(palette, in: body, on: &surface)
        case .command(let editor): drawCommand(editor, in: body, on: &surface)
        case .tenants(let picker): drawPicker(picker, in: body, on: &surface)
        case .quantizations(let chooser):
            QuantizationChooser(state: self, list: chooser).draw(in: body, on: &surface)
        case .triage(let menu): drawTriageMenu(menu, in: body, on: &surface)
        case .prompt(let prompt): drawTriagePrompt(prompt, in: body, on: &surface)
        case .rule(let form): drawRuleForm(form, in: body, on: &surface)
        case .confirmation(let confirmation): surface.draw(dialog(confirmation), in: body)
        }
    }

    /// Every action that has a meaning here, filtered; Enter runs the chosen one.
    func drawPalette(_ palette: FilteredList, in body: Rect, on surface: inout Surface) {
        let frame = body.centered(
            Size(width: min(body.width, 118), height: min(body.height, max(10, body.height - 2))))
        surface.fill(frame, style: Style(.text, on: .overlay))
        let inner = surface.box(
            frame, title: "What can be done here", rightTitle: view.title, footer: "Enter runs it",
            rightFooter: "Esc closes", focused: true
        ).inset(left: 1, right: 1)
        surface.draw(
            InputLine(prompt: "? ", editor: palette.filter, placeholder: "type to find"), in: inner.row(0))
        let entries = paletteEntries(palette)
        guard !entries.isEmpty else {
            surface.draw("nothing here is called that", in: inner.row(2), style: .muted)
            return
        }
        let groups = ActionEntry.Group.allCases.compactMap { group -> HelpGroup? in
            let rows = entries.filter { $0.group == group }
            return rows.isEmpty ? nil : HelpGroup(group.rawValue, rows.map { helpEntry($0) })
        }
        surface.draw(
            HelpGrid(groups, selected: min(palette.selected, entries.count - 1)), in: inner.inset(top: 2))
    }

    private func helpEntry(_ entry: ActionEntry) -> HelpEntry {
        let mark = entry.isDangerous ? ", asks first" : entry.isUndoable ? ", u undoes" : ""
        // The reason needs the room of the sentence.
        let reason = entry.whyNot(self)
        return HelpEntry(
            keys: entry.keyNames, text: reason == nil ? entry.help + mark : entry.hint, disabledReason: reason
        )
    }

    private func drawCommand(_ editor: LineEditor, in body: Rect, on surface: inout Surface) {
        let word = String(editor.text.prefix { $0 != " " })
        let matches = ConsoleCommand.all.filter { $0.name.hasPrefix(word) }
        let height = min(body.height, matches.count + 3)
        let frame = Rect(x: body.x, y: body.endY - height, width: body.width, height: height)
        surface.fill(frame, style: Style(.text, on: .overlay))
        let inner = surface.box(frame, title: "Command", rightTitle: "Tab completes", focused: true)
            .inset(left: 1, right: 1)
        let completed = ConsoleCommand.completion(of: editor.text, in: self) ?? ""
        let ghost = completed.hasPrefix(editor.text) ? String(completed.dropFirst(editor.text.count)) : ""
        surface.draw(InputLine(prompt: ":", editor: editor, ghost: ghost), in: inner.row(0))
        for (index, command) in matches.enumerated() {
            let parts = inner.row(index + 1).columns([.fixed(min(40, inner.width / 2)), .flexible], gap: 1)
            surface.draw(command.usage, in: parts[0], style: Style(.accent))
            surface.draw(command.help, in: parts[1], style: .muted)
        }
    }

    private func drawPicker(_ picker: FilteredList, in body: Rect, on surface: inout Surface) {
        let rows = pickerRows(picker)
        let frame = body.centered(
            Size(width: min(body.width, 46), height: min(body.height, max(6, rows.count + 4))))
        surface.fill(frame, style: Style(.text, on: .overlay))
        let inner = surface.box(frame, title: "Tenant", footer: "Enter narrows", focused: true)
            .inset(left: 1, right: 1)
        surface.draw(
            InputLine(prompt: "> ", editor: picker.filter, placeholder: "type to find"), in: inner.row(0))
        let list = inner.inset(top: 1)
        var cursor = ListCursor(selected: Optional(picker.selected))
        cursor.reconcile(rows.indices, height: list.height)
        let table = Table(
            columns: [TableColumn("tenant"), TableColumn("decisions", .fixed(9), alignment: .right)],
            count: rows.count, selectedIndex: cursor.index, offset: cursor.offset,
            showsHeader: false, emptyText: "no tenant is called that"
        ) { index in
            guard let tenant = rows[index] else {
                return TableRow(["all tenants", ""], style: Style(.accent))
            }
            let count = snapshot.tenants.first { $0.id == tenant }?.statistics.vectors ?? 0
            return TableRow([
                Line(Self.tenantName(tenant), Style(.identifier)), Line(Quantity.grouped(count), .muted),
            ])
        }
        surface.draw(table, in: list)
    }

    private func dialog(_ confirmation: Confirmation) -> Dialog {
        let choices = [KeyHint("y", "yes"), KeyHint("n", "no (also Enter, Esc)")]
        switch confirmation.subject {
        case .demo:
            return Dialog(
                title: "Write the demo into \(snapshot.storeName)?",
                body: [
                    Line("About 20,000 sample decisions would be kept in this store,"),
                    Line("and live traffic added while the console is open."), .empty,
                    Line("verdict demo  shows it and keeps nothing.", .muted),
                ], choices: choices, isDangerous: true)
        case .quit:
            return Dialog(
                title: "Leave?",
                body: [
                    Line("\(runningJob?.title ?? "A job") is still running and would be stopped."),
                    Line("The old index stays as it is.", .muted),
                ], choices: choices)
        case .rebuild(let request):
            return RebuildQuestion(state: self, request: request).dialog(choices: choices)
        }
    }
}
