import AnomalyDetection
import Decisions
import Operations
import TerminalUI

/// A line that is typed for an act: how long, to whom, what is noted, or who it is.
struct TriagePrompt: Equatable, Sendable {
    /// What is asked for.
    var kind: Kind
    /// The incidents it was opened for.
    var incidents: [String]
    /// The line.
    var editor: LineEditor
    /// Why the line as it was last given cannot be taken.
    var problem: String?

    /// The things that are asked for.
    enum Kind: Equatable, Sendable {
        case snooze, note, assign
        /// Who it is, before something that waits for it.
        case name(Waiting)
    }

    /// What waits until somebody said who they are.
    enum Waiting: Equatable, Sendable {
        case triage(TriageAct, on: [String])
        case hunts(HuntOrder)
        case teach(TaughtOrder)
    }

    init(_ kind: Kind, on incidents: [String], text: String = "") {
        self.kind = kind
        self.incidents = incidents
        editor = LineEditor(text)
    }

    /// What stands over the line.
    var title: String {
        switch kind {
        case .snooze: "Put off until when?"
        case .note: "Note"
        case .assign: "Give to whom?"
        case .name: "Who are you?"
        }
    }

    /// What can be typed.
    var help: String {
        switch kind {
        case .snooze: "2h, 30m or 3d; 10x for ten more decisions; or an RFC 3339 time"
        case .note: "one line; it stays with the incident and in the activity log"
        case .assign: "a name; empty is you, nobody takes it from whoever has it"
        case .name: "several people use this account: your name is kept with what you do"
        }
    }
}

extension ConsoleState {
    /// What is typed to give an incident to nobody.
    private static let nobody = "nobody"

    /// Asks who it is before something that is kept with who did it.
    mutating func askName(before waiting: TriagePrompt.Waiting) {
        overlay = .prompt(TriagePrompt(.name(waiting), on: []))
    }

    /// Enter takes the line, Esc gives up.
    mutating func press(_ key: Key, inPrompt prompt: TriagePrompt) -> [ConsoleRequest] {
        var prompt = prompt
        switch key {
        case .escape:
            overlay = nil
            show("nothing was done", .note)
        case .enter: return submit(prompt)
        default:
            if prompt.editor.handle(key) {
                prompt.problem = nil
                overlay = .prompt(prompt)
            }
        }
        return []
    }

    private mutating func submit(_ prompt: TriagePrompt) -> [ConsoleRequest] {
        let text = prompt.editor.text
        let isBlank = text.allSatisfy(\.isWhitespace)
        switch prompt.kind {
        case .snooze:
            guard let term = Snooze.Term(text.filter { !$0.isWhitespace }, now: now) else {
                return keep(prompt, "that is no time: \(Snooze.Term.known)")
            }
            overlay = nil
            return triage(.snooze(term), on: prompt.incidents)
        case .note:
            guard !isBlank else { return keep(prompt, "a note has words; Esc gives up") }
            overlay = nil
            return triage(.note(text), on: prompt.incidents)
        case .assign:
            let name = isBlank ? actor : TriageAct.personName(text)
            guard let name, !name.isEmpty else { return keep(prompt, "a name has 1 to 100 characters") }
            overlay = nil
            return triage(.assign(name == Self.nobody ? nil : name), on: prompt.incidents)
        case .name(let waiting):
            guard let name = TriageAct.personName(text), name != snapshot.user else {
                return keep(
                    prompt, isBlank ? "a name is wanted; Esc gives up" : "several people are that: say yours")
            }
            overlay = nil
            person = name
            switch waiting {
            case .triage(let act, let ids): return triage(act, on: ids)
            case .hunts(let order): return change(hunts: order)
            case .teach(let order): return teach(order)
            }
        }
    }

    private mutating func keep(_ prompt: TriagePrompt, _ problem: String) -> [ConsoleRequest] {
        var prompt = prompt
        prompt.problem = problem
        overlay = .prompt(prompt)
        return []
    }

    func drawTriagePrompt(_ prompt: TriagePrompt, in body: Rect, on surface: inout Surface) {
        let frame = body.centered(Size(width: min(body.width, 74), height: min(body.height, 5)))
        surface.fill(frame, style: Style(.text, on: .overlay))
        let many = prompt.incidents.count
        let inner = surface.box(
            frame, title: prompt.title,
            rightTitle: many == 0 ? "" : many == 1 ? prompt.incidents[0] : "\(many) incidents",
            footer: "Enter does it", rightFooter: "Esc gives up", focused: true
        ).inset(left: 1, right: 1)
        surface.draw(InputLine(prompt: "> ", editor: prompt.editor), in: inner.row(0))
        surface.draw(
            prompt.problem ?? prompt.help, in: inner.row(2),
            style: Style(prompt.problem == nil ? .muted : .warning))
    }
}
