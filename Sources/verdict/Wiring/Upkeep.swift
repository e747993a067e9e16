import Decisions
import Operations
import VectorStores

/// What whoever writes a store does for it beside its own work.
enum Upkeep {
    private static let pause = Duration.seconds(5)

    /// The board of jobs of a store, for this process.
    static func jobs(
        of store: any DecisionStore, log: EventLog, user: String = UserName.current
    ) -> JobBoard {
        let owner = JobOwner(
            user: user, host: ThisProcess.host, processID: ThisProcess.id,
            command: CommandName.current)
        return JobBoard(store: store, owner: owner, log: log, clock: WallClock.now) { other in
            ThisProcess.knowsToHaveEnded(other.processID, on: other.host)
        }
    }

    /// The tuner of a store.
    static func tuner(of store: any DecisionStore) -> RecallTuner {
        RecallTuner(store: store, clock: WallClock.now)
    }

    /// Ends the jobs whose process is gone, once, and says on standard error which they were.
    ///
    /// The command's own work is to come: what fails here does not make it fail, and is left to the next who
    /// writes.
    static func endOrphans(of store: any DecisionStore) async {
        let log = EventLog(clock: WallClock.now)
        do {
            try await jobs(of: store, log: log).endOrphans()
        } catch {
            log.write(.warning, "jobs", "ended jobs could not be recorded: \(error)")
        }
        tellWarnings(of: log)
    }

    /// Says on standard error what was noticed beside a command's work.
    static func tellWarnings(of log: EventLog) {
        for line in log.snapshot().lines where line.level == .warning {
            StandardError.write("verdict: \(printable(line.message))\n")
        }
    }

    /// Ends orphaned jobs and keeps the recall that is asked for, until the task is cancelled.
    ///
    /// What the configuration asks for is set once, so that it can be changed meanwhile.
    static func run(
        jobs: JobBoard, tuner: RecallTuner, recall configured: Double?, board: UpkeepBoard, log: EventLog
    ) async {
        var configured = configured
        while !Task.isCancelled {
            await board.attempt("jobs") { try await jobs.endOrphans() }
            await board.attempt("recall") {
                if let tuning = try await tuner.keepUp(with: configured) { tell(tuning, in: log) }
                configured = nil
            }
            try? await Task.sleep(for: pause)
        }
    }

    /// Keeps what somebody chose, and gives the index what the store's choice is, until the task is cancelled.
    ///
    /// The rebuild's own failure is told by its job as well.
    static func keepQuantized(_ keeper: QuantizationKeeper, board: UpkeepBoard) async {
        while !Task.isCancelled {
            await board.attempt("quantization") { try await keeper.keepUp() }
            try? await Task.sleep(for: pause)
        }
    }

    /// Gives the index what the store's choice is, once, and says on standard error what fails.
    ///
    /// The command's own work is done by then: what fails here does not make it fail, and Ctrl-C leaves it to
    /// the next who writes.
    static func quantize(_ keeper: QuantizationKeeper) async {
        guard !Interruption.isRequested else { return }
        let line = ProgressLine()
        do {
            try await Interruption.cancelling {
                try await keeper.keepUp { line.show($0.phase.rawValue, fraction: $0.fraction) }
            }
            line.finish()
        } catch {
            line.finish()
            StandardError.write("verdict: smaller codes were not made: \(printable(describe(error)))\n")
        }
    }

    /// Keeps the recall that is asked for until the task is cancelled.
    static func keepTuned(
        _ store: any DecisionStore, recall configured: Double?, board: UpkeepBoard
    ) async {
        while !Task.isCancelled {
            await board.attempt("recall") {
                tellUnreached(try await tuner(of: store).keepUp(with: configured))
            }
            try? await Task.sleep(for: pause)
        }
    }

    /// Measures what recall searches get, and keeps in the store what is to be done about it, until the task is
    /// cancelled.
    static func keepProbed(_ store: any DecisionStore, board: UpkeepBoard) async {
        let probe = RecallProbe(RecallGuard(clock: WallClock.now))
        while !Task.isCancelled {
            await board.attempt("recall probe") {
                guard let change = try await probe.takeTurn(in: store) else { return }
                StandardError.write(
                    "verdict: recall \(printable(change.scope.name)): \(change.step.sentence)\n")
            }
            try? await Task.sleep(for: pause)
        }
    }

    /// Keeps the recall that is asked for, once, and says on standard error where it is not reached.
    ///
    /// The command's own work is done by then: what fails here does not make it fail.
    static func tune(_ store: any DecisionStore, recall configured: Double?) async {
        do {
            tellUnreached(
                try await Interruption.cancelling {
                    try await tuner(of: store).keepUp(with: configured)
                })
        } catch is CancellationError {
            return
        } catch {
            StandardError.write("verdict: recall was not measured: \(printable(describe(error)))\n")
        }
    }

    private static func tellUnreached(_ tuning: RecallTuning?) {
        guard let tuning, tuning.setting?.isReached == false else { return }
        StandardError.write("verdict: \(tuning.sentence)\n")
    }

    private static func tell(_ tuning: RecallTuning, in log: EventLog) {
        log.write(tuning.setting?.isReached == false ? .warning : .info, "recall", tuning.sentence)
    }
}
