public import VectorStores

extension JobBoard {
    /// How often a joined job is looked at; its owner tells once a second how far it is.
    public static let joinedPause = Duration.milliseconds(200)
    /// So many looks in a row must find the owner of a joined job gone: who reads lags behind what an owner
    /// wrote before it ended.
    static let looksBeforeOrphaned = 5

    /// The job that another process runs; `nil` when none does.
    public func othersJob() async -> JobSummary? {
        await summaries().first { $0.owner != nil && $0.isRunning }
    }

    /// Waits for the end of a job that another process runs and returns what it changed.
    ///
    /// Throws what became of it otherwise. The caller's cancellation ends the waiting, not the job.
    public func join(
        _ id: Int,
        pausing pause: @Sendable () async throws -> Void = { try await Task.sleep(for: joinedPause) },
        progress: @Sendable (JobSummary) -> Void = { _ in }
    ) async throws -> RebuildReport {
        var looksOrphaned = 0
        while true {
            guard let job = try await JobRecord.all(of: store).first(where: { $0.job.id == id })?.job else {
                throw StoreError(.failed, "job \(id) is not told any more: verdict stats shows the index")
            }
            let what = "the \(job.title) by \(job.owner)"
            switch job.state {
            case .done:
                guard let report = job.report else {
                    throw StoreError(.failed, "\(what) is done, but what it changed is not told")
                }
                return report
            case .cancelled:
                throw StoreError(.cancelled, "\(what) was cancelled there: the old index serves on")
            case .failed(let reason):
                throw StoreError(.failed, "\(what) failed: \(reason)")
            case .running, .cancelling, .orphaned:
                looksOrphaned = isOrphaned(job) ? looksOrphaned + 1 : 0
                guard looksOrphaned < Self.looksBeforeOrphaned else {
                    throw StoreError(.failed, "nothing is heard of \(what) any more: start it again")
                }
                progress(job.summary(at: clock(), isOwn: false, isOrphaned: false))
            }
            try await pause()
        }
    }
}

extension RebuildRequest {
    /// What a job of the request is called: what is done, with the parameters that are named.
    public var jobTitle: String {
        var title = "rebuild"
        if let m { title += " m=\(m)" }
        if let efConstruction { title += " ef-construction=\(efConstruction)" }
        if let quantization { title += " \(quantization)" }
        return title
    }

    /// Whether a job does what is asked; one that names nothing asks for a rebuild, whichever.
    public func isDone(by job: JobSummary) -> Bool { self == RebuildRequest() || job.title == jobTitle }
}
