import Operations
import TerminalUI

/// How a source is said and coloured.
enum SourceText {
    static func role(_ state: SourceSummary.State) -> Role {
        switch state {
        case .following: .good
        case .reading: .accent
        case .done: .muted
        case .silent: .warning
        case .failed: .critical
        }
    }

    static func sign(_ state: SourceSummary.State) -> String {
        switch state {
        case .following: "●"
        case .reading: "◐"
        case .done: "✓"
        case .silent: "▲"
        case .failed: "✗"
        }
    }

    /// Whether what it says can be relied on.
    static func isHeard(_ source: SourceSummary) -> Bool {
        source.state != .silent && source.state != .failed
    }

    static func rate(_ source: SourceSummary) -> String {
        source.state == .done ? Quantity.short(source.accepted) : Quantity.short(source.ratePerSecond) + "/s"
    }
}
