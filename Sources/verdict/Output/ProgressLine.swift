import Locks

#if canImport(Glibc)
    import Glibc
#endif

/// One line on standard error that says how far a long command is; silent when nobody watches.
final class ProgressLine: Sendable {
    private static let intervalNanoseconds: UInt64 = 100_000_000
    private static let barWidth = 24

    private let lastShown = Mutex<ContinuousClock.Instant?>(nil)
    private let isWatched = StandardError.isTerminal

    /// Shows a bar; at most ten times a second.
    func show(_ what: String, fraction: Double, detail: String = "") {
        guard isDue else { return }
        let filled = Int((min(1, max(0, fraction)) * Double(Self.barWidth)).rounded())
        let bar =
            String(repeating: "█", count: filled) + String(repeating: "░", count: Self.barWidth - filled)
        let percent = fixed(min(1, max(0, fraction)) * 100, digits: 0)
        write("\(what) \(bar) \(percent) % \(detail)")
    }

    /// Shows a count where the end is not known.
    func show(_ what: String, detail: String) {
        guard isDue else { return }
        write("\(what) \(detail)")
    }

    /// Shows a sentence in its place.
    func show(_ sentence: String) {
        guard isDue else { return }
        write(sentence)
    }

    /// Replaces the line, whoever its words are from.
    private func write(_ line: String) { StandardError.write("\r\u{1B}[K\(printable(line))") }

    /// Removes the line.
    func finish() {
        guard isWatched, lastShown.withLock({ $0 }) != nil else { return }
        StandardError.write("\r\u{1B}[K")
    }

    private var isDue: Bool {
        guard isWatched else { return false }
        return lastShown.withLock { last in
            let now = ContinuousClock().now
            if let last, now - last < .nanoseconds(Self.intervalNanoseconds) { return false }
            last = now
            return true
        }
    }
}

/// A question on the terminal whose default answer is no.
enum Confirmation {
    /// Whether a person sees the question and can answer it.
    static var isPossible: Bool { isatty(STDIN_FILENO) == 1 && StandardError.isTerminal }

    /// Asks; `false` unless the answer is y or yes.
    static func ask(_ question: String) -> Bool {
        StandardError.write("\(question) [y/N] ")
        let answer = readLine(strippingNewline: true)?.lowercased()
        return answer == "y" || answer == "yes"
    }
}

extension ContinuousClock.Instant {
    /// Seconds from this instant to now.
    var secondsUntilNow: Double {
        let elapsed = ContinuousClock().now - self
        return Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
    }
}
