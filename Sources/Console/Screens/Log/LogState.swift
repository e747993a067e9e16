import Operations
import TerminalUI

/// What the log screen remembers.
struct LogState: Equatable, Sendable {
    /// The least serious level shown.
    var level = LogLine.Level.info
    /// Whether the newest line stays in sight.
    var isFollowing = true
    /// The filter on labels and messages.
    var filter = LineEditor()
    /// Whether the filter is being typed.
    var isFiltering = false
    /// Lines between the bottom of the window and the newest line.
    var distance = 0
    /// Whether long lines are shown whole, over several rows.
    var isWrapped = false
    /// How many lines passed the filter at the last look, so that a held window stays put.
    var lastCount = 0

    mutating func nextLevel() {
        let levels = LogLine.Level.allCases
        let index = levels.firstIndex(of: level) ?? 0
        level = levels[(index + 1) % levels.count]
    }
}

extension ConsoleState {
    /// The lines that pass level and filter, oldest first.
    var logRows: [LogLine] {
        let levels = LogLine.Level.allCases
        let least = levels.firstIndex(of: log.level) ?? 0
        let wanted = log.filter.text.lowercased()
        return snapshot.log.filter { line in
            (levels.firstIndex(of: line.level) ?? 0) >= least
                && (wanted.isEmpty || line.message.lowercased().contains(wanted)
                    || line.label.lowercased().contains(wanted))
        }
    }

    mutating func reconcileLog() {
        let count = logRows.count
        if log.isFollowing {
            log.distance = 0
        } else if count > log.lastCount {
            log.distance += count - log.lastCount
        }
        log.distance = max(0, min(log.distance, count - 1))
        log.lastCount = count
    }

    /// Moving up stops following; reaching the newest line follows again.
    mutating func moveLog(by rows: Int) {
        let count = logRows.count
        log.distance = max(0, min(log.distance - max(-100_000, min(rows, 100_000)), max(0, count - 1)))
        log.isFollowing = log.distance == 0
        log.lastCount = count
    }
}
