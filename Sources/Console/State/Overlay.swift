import TerminalUI
import VectorStores

/// What lies over the screen and sees keys first.
enum Overlay: Equatable, Sendable {
    /// What can be done here, with a filter.
    case palette(PaletteState)
    /// The command line.
    case command(LineEditor)
    /// The tenants to choose from.
    case tenants(TenantPickerState)
    /// A question before something costly.
    case confirmation(Confirmation)
}

/// The palette: every action, filtered by what is typed.
struct PaletteState: Equatable, Sendable {
    /// The filter.
    var filter = LineEditor()
    /// The chosen row among the filtered ones.
    var selected = 0
}

/// The tenant picker.
struct TenantPickerState: Equatable, Sendable {
    /// The filter.
    var filter = LineEditor()
    /// The chosen row among the filtered ones.
    var selected = 0
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
