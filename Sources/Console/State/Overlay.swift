import TerminalUI
import VectorStores

/// What lies over the screen and sees keys first.
enum Overlay: Equatable, Sendable {
    /// What can be done here, with a filter.
    case palette(FilteredList)
    /// The command line.
    case command(LineEditor)
    /// The tenants to choose from.
    case tenants(FilteredList)
    /// The codes to choose from, by name.
    case quantizations(FilteredList)
    /// What can be done to incidents.
    case triage(TriageMenu)
    /// A line that an act needs.
    case prompt(TriagePrompt)
    /// The form of a rule.
    case rule(RuleForm)
    /// A question before something costly.
    case confirmation(Confirmation)
}

/// A list to choose from, narrowed by what is typed: the palette's actions, the picker's tenants, the codes.
struct FilteredList: Equatable, Sendable {
    /// The filter.
    var filter = LineEditor()
    /// The chosen row among the filtered ones.
    var selected = 0

    /// Takes a key among so many rows: arrows choose, anything else is typed.
    mutating func handle(_ key: Key, count: Int) {
        switch key {
        case .up, .control("p"), .backTab: selected = max(0, selected - 1)
        case .down, .control("n"), .tab: selected = max(0, min(count - 1, selected + 1))
        default: if filter.handle(key) { selected = 0 }
        }
    }

    /// Takes pasted text into the filter.
    mutating func insert(_ text: String) {
        filter.insert(text)
        selected = 0
    }
}

/// A question with No as its answer unless `y` is pressed.
struct Confirmation: Equatable, Sendable {
    /// What would be done; holds what was selected when the question was asked.
    var subject: Subject
    /// When it was asked, on the console's own clock.
    var askedMilliseconds: Int64

    /// The things that are asked about.
    enum Subject: Equatable, Sendable {
        /// Building the index anew.
        case rebuild(RebuildRequest)
        /// Writing the demonstration into a store that is kept.
        case demo
        /// Leaving while a job runs.
        case quit
    }

    /// Keys in this time after the question belong to what was typed before it.
    static let deafMilliseconds: Int64 = 400
}
