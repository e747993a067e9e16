import Operations
import TerminalUI

/// How a job is said.
enum JobText {
    static func title(_ job: JobSummary) -> Line {
        Line([Span("#\(job.id) ", .muted), Span(job.title, .text), Span(by(job), .muted)])
    }

    /// Who runs a job that is not this session's.
    static func by(_ job: JobSummary) -> String { job.owner.map { " by \($0)" } ?? "" }

    /// An earlier job in one line: what it was, and how it ended.
    static func outcome(_ job: JobSummary) -> Line {
        let end: Span =
            switch job.state {
            case .running, .cancelling: Span("\(job.phase) \(Quantity.percent(job.fraction))", .accent)
            case .done: Span("done in \(Age.long(seconds: job.elapsedSeconds))", .muted)
            case .cancelled: Span("cancelled", .muted)
            case .failed: Span("failed", .critical)
            case .orphaned: Span("orphaned", .warning)
            }
        return Line(title(job).spans + [Span("  "), end])
    }

    /// Where the job is: a bar while it runs, a word once it ended.
    static func progress(_ job: JobSummary) -> ProgressBar {
        switch job.state {
        case .running:
            let left = job.remainingSeconds.map { "\(Age.long(seconds: $0)) left" } ?? job.detail
            return ProgressBar(job.phase, share: job.fraction, note: left)
        case .cancelling: return ProgressBar("stopping", share: job.fraction, note: "the old index serves")
        case .done: return ProgressBar("done", share: 1, note: "in \(Age.long(seconds: job.elapsedSeconds))")
        case .cancelled: return ProgressBar("cancelled", share: job.fraction, note: "the old index serves")
        case .orphaned:
            return ProgressBar("orphaned", share: job.fraction, note: "its process is not heard")
        case .failed: return ProgressBar("failed", share: job.fraction, note: "the old index serves")
        }
    }
}
