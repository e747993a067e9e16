import Locks
import VectorStores

/// Says on standard error what a mirror of a server costs, asks where it is large, and says how far it is.
final class MirrorReport: Sendable {
    private static let pause = Duration.seconds(5)

    private let isConfirmed: Bool
    private let line = ProgressLine()
    private let lastTold = Mutex(ContinuousClock.now)

    /// A report that asks nobody when it `isConfirmed`.
    init(isConfirmed: Bool = false) {
        self.isConfirmed = isConfirmed
    }

    /// What a store tells it.
    var watch: MirrorWatch {
        MirrorWatch(
            begin: { [self] cost throws(StoreError) in try begin(cost) },
            advance: { [self] rows, total in advance(rows, total) })
    }

    private func begin(_ cost: MirrorCost) throws(StoreError) {
        StandardError.write("verdict: \(cost.sentence)\n")
        guard cost.needsConsent, !isConfirmed, Confirmation.isPossible else { return }
        guard Confirmation.ask("Go on?") else {
            throw StoreError(.cancelled, "nothing was read; answer y to hold the mirror in memory")
        }
    }

    private func advance(_ rows: Int, _ total: Int) {
        let fraction = Double(rows) / Double(max(1, total))
        if StandardError.isTerminal {
            line.show(
                "reading the mirror", fraction: fraction, detail: "\(grouped(rows)) of \(grouped(total)) rows"
            )
            return
        }
        let isDue = lastTold.withLock { last in
            guard .now - last >= Self.pause else { return false }
            last = .now
            return true
        }
        if isDue {
            StandardError.write("verdict: read \(grouped(rows)) of \(grouped(total)) rows of the mirror\n")
        }
    }

    /// Removes the line.
    func finish() { line.finish() }
}
