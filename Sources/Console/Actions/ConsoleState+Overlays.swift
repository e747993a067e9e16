import Operations
import TerminalUI

extension ConsoleState {
    mutating func press(_ key: Key, in overlay: Overlay) -> [ConsoleRequest] {
        switch overlay {
        case .confirmation(let confirmation): press(key, in: confirmation)
        case .palette(let palette): press(key, inPalette: palette)
        case .tenants(let picker): press(key, inPicker: picker)
        case .quantizations(let chooser): press(key, inChooser: chooser)
        case .triage(let menu): press(key, inMenu: menu)
        case .prompt(let prompt): press(key, inPrompt: prompt)
        case .rule(let form): press(key, inForm: form)
        case .command(let editor): press(key, in: editor)
        }
    }

    /// Only `y` says yes; what was typed before the question could be read says nothing.
    private mutating func press(_ key: Key, in confirmation: Confirmation) -> [ConsoleRequest] {
        guard milliseconds - confirmation.askedMilliseconds >= Confirmation.deafMilliseconds else {
            return []
        }
        switch key {
        case .character("y"):
            overlay = nil
            switch confirmation.subject {
            case .quit: return [.quit]
            case .rebuild(let request): return [ask(.rebuild(request, by: person), .job)]
            case .demo: return [ask(.startDemo, .ingest)]
            }
        case .character("n"), .character("q"), .escape, .enter:
            overlay = nil
            show("nothing was done", .note)
        default: break
        }
        return []
    }

    private mutating func press(_ key: Key, inPalette palette: FilteredList) -> [ConsoleRequest] {
        var palette = palette
        let entries = paletteEntries(palette)
        switch key {
        case .escape: overlay = nil
        case .character("q") where palette.filter.text.isEmpty,
            .character("?") where palette.filter.text.isEmpty:
            overlay = nil
        case .enter:
            guard entries.indices.contains(palette.selected) else { return [] }
            overlay = nil
            return run(entries[palette.selected])
        default:
            palette.handle(key, count: entries.count)
            overlay = .palette(palette)
        }
        return []
    }

    /// The palette's rows in the order they are drawn.
    func paletteEntries(_ palette: FilteredList) -> [ActionEntry] {
        let wanted = palette.filter.text.lowercased()
        var seen: Set<ActionID> = []
        let entries = ActionTable.applicable(in: self).filter { entry in
            let matches =
                wanted.isEmpty || entry.help.lowercased().contains(wanted) || entry.hint.contains(wanted)
                || entry.keyNames == palette.filter.text
            return matches && seen.insert(entry.id).inserted
        }
        return ActionEntry.Group.allCases.flatMap { group in entries.filter { $0.group == group } }
    }

    private mutating func press(_ key: Key, inPicker picker: FilteredList) -> [ConsoleRequest] {
        var picker = picker
        let rows = pickerRows(picker)
        switch key {
        case .escape: overlay = nil
        case .enter:
            overlay = nil
            guard rows.indices.contains(picker.selected) else { return [] }
            return setScope(rows[picker.selected])
        default:
            picker.handle(key, count: rows.count)
            overlay = .tenants(picker)
        }
        return []
    }

    /// The tenants to choose from; `nil` stands for all of them.
    func pickerRows(_ picker: FilteredList) -> [String?] {
        let wanted = picker.filter.text.lowercased()
        let names = snapshot.tenants.map(\.id).filter {
            wanted.isEmpty || Self.tenantName($0).lowercased().contains(wanted)
        }
        return wanted.isEmpty ? [nil] + names : names
    }

    private mutating func press(_ key: Key, in editor: LineEditor) -> [ConsoleRequest] {
        var editor = editor
        switch key {
        case .escape: overlay = nil
        case .backspace where editor.text.isEmpty: overlay = nil
        case .enter:
            overlay = nil
            return execute(editor.text)
        case .tab:
            if let completed = ConsoleCommand.completion(of: editor.text, in: self) {
                editor.replace(with: completed)
                overlay = .command(editor)
            }
        default:
            if editor.handle(key) { overlay = .command(editor) }
        }
        return []
    }
}
