import DecisionLogs
import Decisions

/// Followed logs on their way into a store: what was read and not yet accepted, and what went wrong.
///
/// A file that cannot be read and a store that does not accept end nothing: the source is failed
/// with the reason, is tried again with growing pauses, and goes on by itself. While the store refuses
/// a file's decisions they are kept and the file is not read on, so that none is lost and memory stays
/// bounded.
struct LogFollowing: ~Copyable {
    /// The longest pause before something is tried again, in seconds.
    static let longestPauseSeconds: Int64 = 30

    /// Why a file stands still.
    private struct Trouble {
        var source: String
        var reason: String
        var pauseSeconds: Int64
        var until: ContinuousClock.Instant
    }

    /// Decisions of a file that the store has not accepted yet.
    private struct Waiting {
        var source: String
        var decisions: ArraySlice<Decision>
    }

    /// What became of everything so far.
    private(set) var report = IngestReport()

    private let ingester: LogIngester
    private let tell: @Sendable (String) -> Void
    private var follower: LogFollower
    private var waiting: [String: Waiting] = [:]
    private var troubles: [String: Trouble] = [:]
    /// Paths of which it was told that nothing is there yet.
    private var awaited: Set<String> = []
    /// Paths that were to be followed and turned out to be compressed files.
    private var compressed: Set<String> = []

    /// Follows paths; `tell` is told in a sentence when something goes wrong and when it goes on.
    init(_ paths: [String], ingester: LogIngester, tell: @escaping @Sendable (String) -> Void) {
        self.ingester = ingester
        self.tell = tell
        follower = LogFollower(paths: paths, parser: ingester.parser)
    }

    /// Takes over what was added since the last turn; says whether more is there already.
    mutating func turn(at now: ContinuousClock.Instant) async -> Bool {
        let paused = Set(troubles.filter { $0.value.until > now }.keys)
        var failed: Set<String> = []
        for path in waiting.keys.sorted() where !paused.contains(path) {
            if await !pass(path, at: now) { failed.insert(path) }
        }
        var hasMore = false
        let batches = follower.poll(except: paused.union(waiting.keys))
        tellWhatIsAwaited()
        for batch in batches {
            hasMore = hasMore || batch.hasMore
            var decisions: [Decision] = []
            ingester.sort(batch.items, of: batch.path, from: batch.source, into: &decisions, &report)
            waiting[batch.path] = Waiting(source: batch.source, decisions: decisions[...])
            if await !pass(batch.path, at: now) { failed.insert(batch.path) }
            if batch.isCompressed, batch.path == batch.source, compressed.insert(batch.path).inserted {
                tell("\(batch.path): is compressed, so it is read once and not followed")
                show(batch.source)
            }
            if let failure = batch.failure {
                note("\(failure)", at: batch.path, of: batch.source, now)
                failed.insert(batch.path)
            }
        }
        for path in troubles.keys.sorted() where !paused.contains(path) && !failed.contains(path) {
            settle(path)
        }
        return hasMore
    }

    /// Says once of each path that nothing is there yet, and when that has changed.
    private mutating func tellWhatIsAwaited() {
        let before = awaited
        awaited = follower.awaited
        for path in awaited.subtracting(before).sorted() {
            tell("\(path): does not exist; it is read as soon as it does")
            show(path)
        }
        for path in before.subtracting(awaited).sorted() { show(path) }
    }

    /// Hands a file's decisions to the store; says whether it took all of them.
    private mutating func pass(_ path: String, at now: ContinuousClock.Instant) async -> Bool {
        while let next = waiting[path], !next.decisions.isEmpty {
            let batch = Array(next.decisions.prefix(DecisionPipeline.batchSize))
            do {
                try await ingester.accept(batch, from: next.source, into: &report)
            } catch is CancellationError {
                return false
            } catch {
                note("\(error)", at: path, of: next.source, now)
                return false
            }
            waiting[path]?.decisions.removeFirst(batch.count)
        }
        waiting[path] = nil
        return true
    }

    private mutating func note(
        _ reason: String, at path: String, of source: String, _ now: ContinuousClock.Instant
    ) {
        let before = troubles[path]
        let pause = min(Self.longestPauseSeconds, before.map { $0.pauseSeconds * 2 } ?? 1)
        troubles[path] = Trouble(
            source: source, reason: reason, pauseSeconds: pause, until: now.advanced(by: .seconds(pause)))
        if before?.reason != reason { tell("\(source): \(reason); it is tried again") }
        show(source)
    }

    private mutating func settle(_ path: String) {
        guard let trouble = troubles.removeValue(forKey: path) else { return }
        tell("\(trouble.source): goes on after: \(trouble.reason)")
        show(trouble.source)
    }

    /// Says on the board how a source is doing: failed while one of its files is, done when it cannot
    /// grow, waited for while nothing is there.
    private func show(_ source: String) {
        let trouble = troubles.sorted { $0.key < $1.key }.first { $0.value.source == source }
        if let trouble {
            ingester.board?.end(source, failure: trouble.value.reason)
        } else if compressed.contains(source) {
            ingester.board?.end(source)
        } else if awaited.contains(source) {
            ingester.board?.wait(for: source)
        } else {
            ingester.board?.begin(source, following: true)
        }
    }
}
