import TerminalUI

extension ConsoleState {
    /// Gives a key to whoever comes first: overlay, line being edited, table of actions.
    mutating func press(_ key: Key) -> [ConsoleRequest] {
        if key == .control("c") { return interrupt() }
        interruptMilliseconds = nil
        if key == .control("l") { return [.redraw] }
        if key == .control("z") { return [.suspend] }
        if let overlay { return press(key, in: overlay) }
        if let field = editedField { return press(key, in: field) }
        if isPrefixPending {
            isPrefixPending = false
            if key == .character("g") { return perform(.moveToStart) }
        } else if key == .character("g") {
            isPrefixPending = true
            return []
        }
        guard let entry = ActionTable.entry(for: key, in: self) else {
            explainUnbound(key)
            return []
        }
        return run(entry)
    }

    /// A key that means nothing here says where it does, or that it means nothing at all.
    private mutating func explainUnbound(_ key: Key) {
        let screens = ActionTable.screens(for: key, in: self)
        show(
            screens.isEmpty
                ? "\(key.name) does nothing here; ? shows what can be done"
                : "\(key.name) works in \(screens.joined(separator: ", "))", .note)
    }

    /// Runs an action, or says why it cannot be run now.
    mutating func run(_ entry: ActionEntry) -> [ConsoleRequest] {
        // What was done is told until a person goes on; what went wrong stays its time.
        if entry.group == .move || entry.group == .views, notice?.kind != .problem { notice = nil }
        if let reason = entry.whyNot(self) {
            show("\(entry.hint): \(reason)", .problem)
            return []
        }
        return perform(entry.id)
    }

    /// Ctrl-c stops a running question, else asks to be pressed again.
    private mutating func interrupt() -> [ConsoleRequest] {
        let kinds: [RequestKind] = [
            .search, .proof, .members, .recallCurve, .policies, .flips, .hunt, .rehearsal, .tuning,
            .rulePreview,
        ]
        let waiting = kinds.filter {
            ledger.isWaiting($0)
        }
        if !waiting.isEmpty {
            for kind in waiting { ledger.abandon(kind) }
            show("stopped", .note)
            return waiting.map { .cancel($0) }
        }
        if let last = interruptMilliseconds, milliseconds - last <= Self.interruptMilliseconds {
            return [.quit]
        }
        interruptMilliseconds = milliseconds
        show("Ctrl-c again within 1 s to quit", .note)
        return []
    }

    private static let interruptMilliseconds: Int64 = 1_000

    /// Pasted text goes into a line being edited; anywhere else it is nothing, never commands.
    mutating func paste(_ text: String) -> [ConsoleRequest] {
        switch overlay {
        case .palette(var palette):
            palette.insert(text)
            overlay = .palette(palette)
        case .command(var editor):
            editor.insert(text)
            overlay = .command(editor)
        case .tenants(var picker):
            picker.insert(text)
            overlay = .tenants(picker)
        case .quantizations(var chooser):
            chooser.insert(text)
            overlay = .quantizations(chooser)
        case .prompt(var prompt):
            prompt.editor.insert(text)
            overlay = .prompt(prompt)
        case .rule(var form):
            form.insert(text)
            overlay = .rule(form)
        case .confirmation, .triage:
            break
        case nil:
            guard let field = editedField else {
                show("pasted text was ignored: nothing is being edited", .note)
                return []
            }
            withEditor(field) { $0.insert(text) }
            fieldChanged(field)
        }
        return []
    }
}
