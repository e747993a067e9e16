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
    /// So many files are known by the order of their decisions.
    static let lanesLimit = 1_024
    /// Of so many files it is known by which path their decisions go.
    private static let pathsLimit = 16_384

    /// Why a file stands still.
    private struct Trouble {
        var source: String
        var reason: String
        var pauseSeconds: Int64
        var until: ContinuousClock.Instant
    }

    /// What became of everything so far.
    private(set) var report = IngestReport()

    private let ingester: LogIngester
    private let options: FollowOptions
    private let tell: @Sendable (LogLine.Level, String) -> Void
    private var follower: LogFollower
    /// What is on its way, by file.
    private var lanes: [String: FollowedLane] = [:]
    /// By which path each file's decisions go, where none of them is on its way by another one.
    private var paths: [FileIdentity: String] = [:]
    private var troubles: [String: Trouble] = [:]
    /// Paths of which it was told that nothing is there yet.
    private var awaited: Set<String> = []
    /// Paths that were to be followed and turned out to be compressed files.
    private var compressed: Set<String> = []

    /// Follows paths, from where they were left as far as that is known; `tell` is told in a sentence when something
    /// goes wrong, a warning, and when it goes on, which is as it should be.
    init(
        _ paths: [String], ingester: LogIngester, options: FollowOptions = FollowOptions(),
        resuming kept: [String: [ReadPosition]] = [:],
        tell: @escaping @Sendable (LogLine.Level, String) -> Void
    ) {
        self.ingester = ingester
        self.options = options
        self.tell = tell
        follower = LogFollower(paths: paths, parser: ingester.parser, resuming: kept)
    }

    /// Takes over what was added since the last turn; says whether more is there already.
    mutating func turn(at now: ContinuousClock.Instant) async -> Bool {
        let paused = Set(troubles.filter { $0.value.until > now }.keys)
        var failed: Set<String> = []
        var moved: Set<String> = []
        for path in refused where !paused.contains(path) {
            moved.insert(path)
            if await !pass(path, at: now) { failed.insert(path) }
        }
        var hasMore = false
        let batches = follower.poll(except: paused.union(refused))
        tellWhatIsAwaited()
        tellWhatGoesOn()
        for batch in batches {
            hasMore = hasMore || batch.hasMore
            take(batch, at: now)
            moved.insert(batch.path)
            if await !pass(batch.path, at: now) { failed.insert(batch.path) }
            if batch.isCompressed, batch.path == batch.source, compressed.insert(batch.path).inserted {
                tell(.info, "\(batch.path): is compressed, so it is read once and not followed")
                show(batch.source)
            }
            if let failure = batch.failure {
                note("\(failure)", at: batch.path, of: batch.source, now)
                failed.insert(batch.path)
            }
        }
        // What was held back is due some time, whether or not more comes.
        for path in lanes.filter({ $0.value.isHolding && !moved.contains($0.key) }).keys.sorted() {
            if await !pass(path, at: now) { failed.insert(path) }
        }
        for path in troubles.keys.sorted() where !paused.contains(path) && !failed.contains(path) {
            settle(path)
        }
        return hasMore
    }

    /// What is on its way, to be settled when following ends.
    var rest: FollowedRest {
        FollowedRest(
            lanes: lanes.sorted { $0.key < $1.key }.map(\.value), ingester: ingester, keeper: options.keeper,
            report: report)
    }

    /// The files of which the store has not accepted what it was given.
    private var refused: [String] { lanes.filter { !$0.value.outgoing.isEmpty }.keys.sorted() }

    /// Says once of each path that nothing is there yet, and when that has changed.
    private mutating func tellWhatIsAwaited() {
        let before = awaited
        awaited = follower.awaited
        for path in awaited.subtracting(before).sorted() {
            tell(.warning, "\(path): does not exist; it is read as soon as it does")
            show(path)
        }
        for path in before.subtracting(awaited).sorted() { show(path) }
    }

    /// Says where reading goes on that was left before.
    private mutating func tellWhatGoesOn() {
        for resumed in follower.takeResumed() {
            tell(
                .info,
                resumed.files == 1
                    ? "\(resumed.source): goes on at line \(resumed.line), where it was left"
                    : "\(resumed.source): \(resumed.files) files go on where they were left")
        }
    }

    /// Puts aside what was read of a file.
    private mutating func take(_ batch: LogFollower.Batch, at now: ContinuousClock.Instant) {
        var decisions: [Decision] = []
        ingester.sort(batch.items, of: batch.path, from: batch.source, into: &decisions, &report)
        var position = batch.position
        // A position stands for all that was read before: it is not told while some of that goes by an earlier name.
        if let file = batch.file, isOnItsWay(file, otherThanBy: batch.path) { position = nil }
        guard !decisions.isEmpty || position != nil else { return }
        if lanes[batch.path] == nil, lanes.count >= Self.lanesLimit {
            lanes = lanes.filter { !$0.value.isEmpty }
        }
        let time = options.clock.map { $0() }
        var lane = lanes.removeValue(forKey: batch.path)
        if lane == nil { lane = FollowedLane(source: batch.source, limits: options.limits) }
        lane?.take(decisions, of: batch.file, to: position, at: now, clock: time)
        lanes[batch.path] = lane
    }

    /// Whether decisions of a file that was renamed are on their way by a name that it had.
    private mutating func isOnItsWay(_ file: FileIdentity, otherThanBy path: String) -> Bool {
        if paths[file] == path { return false }
        paths[file] = nil
        if lanes.contains(where: { $0.key != path && $0.value.holds(file) }) { return true }
        if paths.count >= Self.pathsLimit { paths = [:] }
        paths[file] = path
        return false
    }

    /// Hands to the store what is due of a file; says whether it took all of that.
    private mutating func pass(_ path: String, at now: ContinuousClock.Instant) async -> Bool {
        guard var lane = lanes.removeValue(forKey: path) else { return true }
        let order = lane.release(at: now)
        if !order.isPlain {
            ingester.board?.note(lane.source, order: order)
            report.add(order)
            for gap in order.gaps {
                tell(
                    .warning,
                    "\(lane.source): holds nothing between \(gap.from) and \(gap.to), longer than it is usually quiet"
                )
            }
        }
        var problem: String?
        do {
            try await ingester.carry(&lane, into: &report)
        } catch is CancellationError {
            problem = ""
        } catch {
            problem = "\(error)"
        }
        let reached = lane.takeAcknowledged()
        options.keeper?.note(reached, of: lane.source)
        lanes[path] = lane
        if let problem, !problem.isEmpty { note(problem, at: path, of: lane.source, now) }
        return problem == nil
    }

    private mutating func note(
        _ reason: String, at path: String, of source: String, _ now: ContinuousClock.Instant
    ) {
        let before = troubles[path]
        let pause = min(Self.longestPauseSeconds, before.map { $0.pauseSeconds * 2 } ?? 1)
        troubles[path] = Trouble(
            source: source, reason: reason, pauseSeconds: pause, until: now.advanced(by: .seconds(pause)))
        if before?.reason != reason { tell(.warning, "\(source): \(reason); it is tried again") }
        show(source)
    }

    private mutating func settle(_ path: String) {
        guard let trouble = troubles.removeValue(forKey: path) else { return }
        tell(.info, "\(trouble.source): goes on after: \(trouble.reason)")
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

/// What is on its way into the store when following ends.
struct FollowedRest: Sendable {
    private var lanes: [FollowedLane]
    private let ingester: LogIngester
    private let keeper: PositionKeeper?
    /// What became of everything so far.
    private(set) var report: IngestReport

    init(lanes: [FollowedLane], ingester: LogIngester, keeper: PositionKeeper?, report: IngestReport) {
        self.lanes = lanes
        self.ingester = ingester
        self.keeper = keeper
        self.report = report
    }

    /// Hands all that was held back to the store; what it does not take is read again another time.
    mutating func settle(at now: ContinuousClock.Instant) async throws {
        for place in lanes.indices {
            let order = lanes[place].release(at: now, all: true)
            ingester.board?.note(lanes[place].source, order: order)
            report.add(order)
            do {
                try await ingester.carry(&lanes[place], into: &report)
            } catch {
                keeper?.note(lanes[place].takeAcknowledged(), of: lanes[place].source)
                throw error
            }
            keeper?.note(lanes[place].takeAcknowledged(), of: lanes[place].source)
        }
    }
}

extension LogIngester {
    /// Hands to the store what goes on of a file.
    func carry(_ lane: inout FollowedLane, into report: inout IngestReport) async throws {
        while !lane.outgoing.isEmpty {
            let batch = lane.next(DecisionPipeline.batchSize)
            try await accept(batch, from: lane.source, into: &report)
            lane.acknowledge(first: batch.count)
        }
    }
}
