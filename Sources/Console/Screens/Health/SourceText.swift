import Operations
import TerminalUI

/// How a source is said and coloured.
enum SourceText {
    static func role(_ state: SourceSummary.State) -> Role {
        switch state {
        case .following: .good
        case .reading: .accent
        case .done: .muted
        case .silent, .waiting: .warning
        case .failed: .critical
        }
    }

    static func sign(_ state: SourceSummary.State) -> String {
        switch state {
        case .following: "●"
        case .reading: "◐"
        case .done: "✓"
        case .silent, .waiting: "▲"
        case .failed: "✗"
        }
    }

    /// Whether what it says can be relied on.
    static func isHeard(_ source: SourceSummary) -> Bool {
        switch source.state {
        case .following, .reading, .done: true
        case .waiting, .silent, .failed: false
        }
    }

    static func rate(_ source: SourceSummary) -> String {
        source.state == .done ? Quantity.short(source.accepted) : Quantity.short(source.ratePerSecond) + "/s"
    }
}
