import Operations
import TerminalUI

/// How a tenant's recall is said and coloured.
enum RecallText {
    /// Few samples are chance, and what is below the floor is not well.
    static func style(_ recall: TenantRecallSummary) -> Style {
        if recall.step != .usual { return Style(.warning, .bold) }
        guard recall.isJudged else { return .muted }
        return Style(recall.recall >= RecallGuard.floor ? .text : .warning)
    }

    /// What it is over: the last "hour", or less where it was first sampled since.
    static func span(_ recall: TenantRecallSummary) -> String {
        switch recall.minutes {
        case ...1: "minute"
        case 60...: "hour"
        default: Quantity.counted(recall.minutes, "minute")
        }
    }

    /// What is done about it; empty when nothing has to be.
    static func step(_ step: RecallStep) -> String {
        switch step {
        case .usual: ""
        case .widened: "searched \(RecallGuard.widening)x as wide"
        case .exact: "searched exactly"
        }
    }
}
