import Locks
import VectorStores

extension PostgresLog {
    /// How often it is looked how far a build is.
    private static let lookMilliseconds = 300
    /// How long a look may take: the build goes on without.
    private static let lookLimit = Duration.seconds(2)
    /// How long who stops a build waits for what was begun to be taken away; the rest is done without him.
    private static let stoppingLimit = Duration.seconds(15)

    func rebuild(
        _ request: RebuildRequest, isCancelled: () -> Bool, progress: (RebuildProgress) -> Void
    ) throws(StoreError) -> ServerRebuild? {
        guard facts.storage == .vector else { return nil }
        // Of several hosts the one that the store writes to: another is a standby.
        let build = ServerIndexBuild(address.forWriting, request)
        var last = RebuildProgress(phase: .server, fraction: 0, done: 0, total: 0)
        var stoppedAt: ContinuousClock.Instant?
        progress(last)
        build.start()
        while true {
            if let outcome = build.wait(milliseconds: Self.lookMilliseconds) {
                return try self.outcome(outcome, of: build)
            }
            if isCancelled() || threads.isStopped {
                build.cancel()
                let since = stoppedAt ?? .now
                stoppedAt = since
                if threads.isStopped || .now - since > Self.stoppingLimit { throw Self.cancelled(build) }
                continue
            }
            let place = build.place
            guard let process = build.process, var now = howFar(process) else { continue }
            // One that ended meanwhile would be taken for the next.
            guard build.place == place else { continue }
            if let place { now = place.whole(now) }
            // What was done in one phase is not undone because the next one counts anew.
            if now.fraction >= last.fraction || now.detail != last.detail { last = now }
            progress(last)
        }
    }

    private static func cancelled(_ build: ServerIndexBuild) -> StoreError {
        StoreError(
            .cancelled,
            build.isExchanged
                ? "the rebuild was cancelled when the server's new index served already: it serves on, and the next "
                    + "rebuild drops what is left of the old one"
                : "the rebuild was cancelled: the server's old index serves on")
    }

    private func outcome(
        _ outcome: Result<ServerRebuild?, PostgresError>, of build: ServerIndexBuild
    ) throws(StoreError) -> ServerRebuild? {
        switch outcome {
        case .success(let rebuild):
            // What is told of it is to be what it is now.
            standing.withLock { $0.measurement?.time = .now - .seconds(60) }
            return rebuild
        case .failure(let error) where error.code == .cancelled: throw Self.cancelled(build)
        case .failure(let error):
            throw StoreError(
                StoreError(error).code == .inputOutput ? .inputOutput : .failed, error.description)
        }
    }

    private func howFar(_ process: Int32) -> RebuildProgress? {
        let building = try? pool.withConnection(deadline: .now + Self.lookLimit) {
            connection throws(PostgresError) in
            return try BuildingProgress.of(process: process, connection)
        }
        return building?.progress
    }
}
