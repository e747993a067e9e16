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

    /// What was noticed of the order and the times of its decisions; `nil` when nothing was.
    static func order(_ source: SourceSummary) -> String? {
        var parts: [String] = []
        if source.late > 0 { parts.append("\(Quantity.grouped(source.late)) came late") }
        if source.ahead > 0 {
            let most = Age.long(seconds: Double(source.aheadSeconds))
            parts.append(
                "\(Quantity.grouped(source.ahead)) ahead of this machine's clock, by \(most) at most")
        }
        if let gap = source.lastGap {
            parts.append("nothing between \(Clock.stamp(gap.from)) and \(Clock.stamp(gap.to))")
        }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }

    static func rate(_ source: SourceSummary) -> String {
        source.state == .done ? Quantity.short(source.accepted) : Quantity.short(source.ratePerSecond) + "/s"
    }
}
