public import AnomalyDetection
public import Decisions
public import VectorStores

/// Sends a drill through the detector at an interval, keeps when it was caught, and raises one that was not.
///
/// The process that detects sends them. Any other that may write sees that none come and nobody scores, and raises
/// that.
public actor DrillKeeper {
    /// Pause between two looks.
    public static let pause = Duration.seconds(1)
    /// Within how many seconds a drill must be caught.
    public static let limitSeconds: Int64 = 30
    /// How often a process that does not detect looks whether one does, in seconds.
    private static let othersSeconds = 5.0
    /// How long making the past of a drill may take, in seconds.
    private static let preparationSeconds = 120.0

    private let store: any DecisionStore
    private let detection: DetectionService
    private let interval: Int64?
    private let clock: @Sendable () -> Timestamp
    private let instant: @Sendable () -> Double
    private let alerting: (@Sendable (Incident) async -> DrillAlerts)?
    private let tell: @Sendable (String) -> Void

    /// A drill under way.
    private struct Pending {
        var number: Int
        var sent: Timestamp
        var task: Task<Void, Never>?
        /// When it was sent, or its making begun, as the process counts seconds.
        var since: Double
        var isSent = false
        /// After how many seconds it was scored, and its alert began to go out.
        var secondsToScore: Double?
        var outcome: Outcome?
    }

    private enum Outcome {
        case caught(seconds: Double, remark: String)
        case failed(String, Signal.DrillFailure)
        /// This process detects no longer: whoever does sends the next.
        case moot
    }

    /// A drill that was missed and is not told yet.
    private struct Miss {
        var signal: Signal
        var record: DrillRecord
        /// The revision of what was kept of the drill before, where another process should have sent this one.
        var seen: UInt64?
    }

    private var pending: Pending?
    /// The drill that was given up last, whose end receivers may still be told.
    private var givenUp: Task<Void, Never>?
    private var miss: Miss?
    /// Whether drills are caught again and that is not told yet: the next one that is caught tells it.
    private var owesEnd = false
    private var number = 0
    /// The last drill as it is kept; known once this process detects.
    private var last: DrillRecord?
    private var wasScoring = false
    private var nextDue: Timestamp?
    private var lastLookAtOthers: Double?
    /// Since when nobody scores, as the process counts seconds.
    private var nobodySince: Double?
    /// The drill that did not come from elsewhere, so that it is told once.
    private var toldOverdue: Timestamp?
    private var trouble: String?

    /// Creates a keeper; without an interval it sends none and says so.
    ///
    /// `instant` counts seconds that this process ran. `alerting` takes the alert of a drill's incident the way of
    /// every alert, where somebody is told of incidents. `tell` is told in a sentence of a drill that was missed.
    public init(
        store: any DecisionStore, detection: DetectionService, every interval: Int64?,
        clock: @escaping @Sendable () -> Timestamp,
        instant: @escaping @Sendable () -> Double = DrillKeeper.secondsOfThisProcess,
        alerting: (@Sendable (Incident) async -> DrillAlerts)? = nil,
        tell: @escaping @Sendable (String) -> Void
    ) {
        self.store = store
        self.detection = detection
        self.interval = interval
        self.clock = clock
        self.instant = instant
        self.alerting = alerting
        self.tell = tell
    }

    /// Seconds that the machine was awake, from an arbitrary beginning: a suspended drill is not a missed one.
    public static let secondsOfThisProcess: @Sendable () -> Double = {
        let start = beginning
        let elapsed = start.duration(to: SuspendingClock().now)
        return Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
    }
    private static let beginning = SuspendingClock().now

    /// Looks until the task is cancelled.
    public func run() async {
        while !Task.isCancelled {
            await look()
            try? await Task.sleep(for: Self.pause)
        }
        pending?.task?.cancel()
        await pending?.task?.value
        await givenUp?.value
    }

    /// Waits until a drill under way has come to an end.
    func waitForDrill() async {
        await pending?.task?.value
        await settle()
    }

    /// Looks once: what is due is sent, what was not caught in time is told.
    public func look() async {
        // First, and without asking the detector, which may be what stands still.
        await settle()
        await tellMiss()
        guard pending == nil else { return }
        guard await detection.isScoring else {
            wasScoring = false
            return await lookAtOthers()
        }
        (nobodySince, lastLookAtOthers) = (nil, nil)
        if !wasScoring {
            do {
                try await takeUp()
            } catch {
                return noteTrouble("the last drill could not be read: \(error)")
            }
            wasScoring = true
        }
        if let nextDue, clock() >= nextDue { send() }
    }

    // MARK: - Sending

    /// Goes on where whoever detected before left off.
    private func takeUp() async throws {
        last = try await DrillRecord.last(of: store)
        let now = clock()
        guard let interval else {
            nextDue = nil
            if let last, last.outcome != .off {
                let off = DrillRecord(sent: now, outcome: .off, next: nil, session: detection.session)
                if try await detection.writeDetecting([off.change()]) { self.last = off }
            }
            return
        }
        // A clock that was set back must not put it off.
        let isLastKnown = last.map { $0.outcome != .off && $0.sent <= now } ?? false
        nextDue = isLastKnown ? last?.sent.advanced(bySeconds: interval) ?? now : now
    }

    private func send() {
        guard let interval else { return }
        let now = clock()
        number += 1
        let number = number
        let run = DrillRun(
            script: DrillScript(now: now), store: store, detection: detection, alerting: alerting)
        nextDue = now.advanced(bySeconds: interval)
        pending = Pending(number: number, sent: now, task: nil, since: instant())
        pending?.task = Task(priority: .utility) { [weak self] in
            let outcome: Outcome
            do {
                let end = try await run.run { await self?.note($0, of: number) }
                outcome =
                    switch end {
                    case .moot: .moot
                    case .caught(let remark):
                        .caught(seconds: await self?.secondsSinceSent(number) ?? 0, remark: remark)
                    case .missed(let reason, let failure): .failed(reason, failure)
                    }
            } catch  where error.isCancellation {
                outcome = .moot
            } catch {
                outcome = .failed("\(error)", .notCaught)
            }
            await self?.finish(number, outcome)
        }
    }

    private func note(_ station: DrillRun.Station, of number: Int) {
        guard pending?.number == number else { return }
        let (now, seconds) = (instant(), secondsSinceSent(number))
        switch station {
        case .line:
            pending?.isSent = true
            pending?.since = now
        case .alerts: pending?.secondsToScore = seconds
        }
    }

    private func secondsSinceSent(_ number: Int) -> Double {
        guard let pending, pending.number == number else { return 0 }
        return max(0, instant() - pending.since)
    }

    private func finish(_ number: Int, _ outcome: Outcome) async {
        // One that was given up already was told as missed.
        guard pending?.number == number else { return }
        pending?.outcome = outcome
        await settle()
    }

    /// Ends a drill that was caught, or that was not in time.
    private func settle() async {
        guard let drill = pending else { return }
        let elapsed = instant() - drill.since
        let limit = drill.isSent ? Double(Self.limitSeconds) : Self.preparationSeconds
        switch drill.outcome {
        case nil:
            guard elapsed > limit else { return }
            drill.task?.cancel()
            // Receivers that were told of it are told of its end still.
            givenUp = drill.task
            if drill.secondsToScore != nil {
                noteMiss(of: drill.sent, "its alert stood still", .notAlerted)
            } else {
                noteMiss(of: drill.sent, "what is scored stood still", .notCaught)
            }
        case .moot?:
            pending = nil
            wasScoring = false
        case .failed(let reason, let failure)?:
            noteMiss(of: drill.sent, reason, failure)
        case .caught(let seconds, let remark)?:
            guard seconds <= limit else {
                let isScored = drill.secondsToScore.map { $0 <= limit } ?? false
                return noteMiss(
                    of: drill.sent, "it took \(Int(seconds)) s", isScored ? .notAlerted : .notCaught)
            }
            await keep(drill, caughtIn: seconds, remark, isLate: elapsed > limit)
        }
    }

    private func keep(_ drill: Pending, caughtIn seconds: Double, _ remark: String, isLate: Bool) async {
        let record = DrillRecord(
            sent: drill.sent, outcome: .caught(seconds: seconds), next: nextDue, session: detection.session,
            remark: remark)
        do {
            let isKept = try await detection.writeDetecting([record.change()])
            // Somebody else may have ended it meanwhile.
            guard pending?.number == drill.number else { return }
            pending = nil
            guard isKept else {
                // Whoever detects by now sends the next.
                wasScoring = false
                return
            }
            owesEnd = owesEnd || last?.isMissed ?? false
            last = record
            trouble = nil
            guard owesEnd else { return }
            try await detection.raise(
                Signal(kind: .missedDrill, subject: DrillRecord.subject, raised: nil, ended: clock()))
            owesEnd = false
        } catch {
            guard pending?.number == drill.number else {
                return noteTrouble("that drills are caught again could not be told: \(error)")
            }
            if isLate {
                noteMiss(of: drill.sent, "that it was caught could not be kept: \(error)", .notKept)
            }
        }
    }

    // MARK: - Telling

    private func noteMiss(
        of sent: Timestamp, _ reason: String, _ failure: Signal.DrillFailure, seen: UInt64? = nil
    ) {
        pending = nil
        let now = clock()
        var signal = Signal.missedDrill(
            DrillRecord.subject, tenant: "", sent: sent, noticed: now, withinSeconds: Self.limitSeconds,
            failure)
        signal.why.insert(reason, at: 1)
        miss = Miss(
            signal: signal,
            record: DrillRecord(
                sent: sent, outcome: .missed(noticed: now, reason: reason), next: nextDue,
                session: detection.session), seen: seen)
        tell("a drill of the detector was missed: \(reason)")
    }

    /// Tells of a drill that was missed; what cannot be told now is told by a later look.
    ///
    /// Nothing is told over what the process that detects has kept since: it sends its own.
    private func tellMiss() async {
        guard let telling = miss else { return }
        do {
            let isLeft = try await detection.leave(
                telling.signal, with: telling.record.change(expecting: telling.seen),
                isOwn: telling.seen == nil)
            if isLeft { last = telling.record }
            forget(telling)
            trouble = nil
        } catch is CancellationError {
            return
        } catch let error as StoreError where error.code == .revisionConflict && telling.seen != nil {
            forget(telling)
            // Where it was not the drill's record that changed, a later look sees it again.
            toldOverdue = nil
        } catch {
            noteTrouble("that a drill was missed could not be told: \(error)")
        }
    }

    /// Forgets a miss, unless another was noted while it was told.
    private func forget(_ telling: Miss) {
        if miss?.record == telling.record { miss = nil }
    }

    private func noteTrouble(_ sentence: String) {
        if sentence != trouble { tell(sentence) }
        trouble = sentence
    }

    // MARK: - Where another process should detect

    /// Sees whether anybody scores, and whether whoever sent drills still does.
    private func lookAtOthers() async {
        let now = instant()
        if let lastLookAtOthers, now - lastLookAtOthers < Self.othersSeconds { return }
        lastLookAtOthers = now
        guard interval != nil, miss == nil, await store.capabilities.readOnlyReason == nil,
            await store.capabilities.holdsDecisions
        else { return }
        do {
            guard let holder = try await detection.leaseHolder() else {
                nobodySince = nobodySince ?? now
                if let nobodySince, now - nobodySince > Double(Self.limitSeconds) {
                    try await raiseNobody(since: clock().advanced(bySeconds: -Int64(now - nobodySince)))
                }
                return
            }
            nobodySince = nil
            let (last, seen) = try await DrillRecord.seen(in: store)
            guard let record = last, record.session == holder.session,
                !record.isMissed, let due = record.next, due != toldOverdue,
                clock() > due.advanced(bySeconds: 4 * Self.limitSeconds)
            else { return }
            toldOverdue = due
            noteMiss(
                of: due, "the process \(holder.processID) on \(holder.host) sent none", .notCaught,
                seen: seen)
            await tellMiss()
        } catch {
            noteTrouble("whether drills are sent could not be seen: \(error)")
        }
    }

    /// Once until somebody detects again.
    private func raiseNobody(since: Timestamp) async throws {
        let (last, seen) = try await DrillRecord.seen(in: store)
        if last?.isMissed ?? false { return }
        noteMiss(of: since, "nobody scores what is stored", .notCaught, seen: seen)
        await tellMiss()
    }
}
