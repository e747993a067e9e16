import Operations
import VectorStores

/// What the index screen remembers.
struct IndexState: Equatable, Sendable {
    /// Recall against breadth, once measured.
    var curve: [RecallPoint] = []
    /// Rows scrolled away where there is little room.
    var offset = 0
}

extension ConsoleState {
    mutating func measureCurve() -> [ConsoleRequest] {
        // That which searches have is among them, however large the store.
        let own = snapshot.statistics.index.ef
        let breadths = Set(RecallTuner.breadths).union(own > 0 ? [own] : []).sorted()
        show("measuring recall at \(breadths.count) breadths", .note)
        return [ask(.recallCurve(breadths), .recallCurve)]
    }

    /// `:recall 0.98` asks for a recall, `:recall off` for none; alone it tells what is asked for.
    mutating func executeRecall(_ rest: String) -> [ConsoleRequest] {
        if rest.isEmpty {
            show(RecallTuning(setting: snapshot.recallSetting, curve: []).sentence, .note)
            return []
        }
        if let reason = whyNotOperate { return refuse("recall: \(reason)") }
        guard rest != "off" else { return [ask(.setRecall(nil, by: person), .recallCurve)] }
        guard let target = Double(rest), RecallSetting.targets.contains(target) else {
            return refuse("recall takes \(RecallTuner.bounds), or off")
        }
        show("measuring which breadth has recall \(target)", .note)
        return [ask(.setRecall(target, by: person), .recallCurve)]
    }

    mutating func takeTuning(_ tuning: RecallTuning) {
        if !tuning.curve.isEmpty { index.curve = tuning.curve }
        show(tuning.sentence, tuning.setting?.isReached == false ? .problem : .done)
    }

    mutating func takeCurve(_ points: [RecallPoint]) {
        index.curve = points.sorted { $0.breadth < $1.breadth }
        if points.isEmpty {
            show("no recall was measured: there is too little to search for", .problem)
        } else {
            show("recall measured", .done)
        }
    }

    /// Why the index cannot be built anew now; `nil` when it can.
    var whyNotRebuild: String? {
        if snapshot.statistics.vectors == 0 { return "the index is empty" }
        if let job = othersJob, let owner = job.owner { return "a \(job.title) by \(owner) runs" }
        return whyNotOperate ?? (runningJob == nil ? nil : "a job runs already")
    }

    /// The rebuild that runs, here or in another process: a second one can only join it.
    var joinableJob: JobSummary? { runningJob ?? othersJob }

    /// `:rebuild m=24` joins the rebuild that runs, or asks before the index is built anew.
    mutating func executeRebuild(_ rest: String) -> [ConsoleRequest] {
        if joinableJob == nil, let reason = whyNotRebuild { return refuse("rebuild: \(reason)") }
        do {
            let parameters = try RebuildParameters(parsing: rest)
            if let job = joinableJob { return join(job, asking: parameters.request) }
            askRebuild(parameters)
        } catch {
            return refuse("rebuild: \(error)")
        }
        return []
    }

    /// Asks before the index is built anew; the question holds what will be done.
    mutating func askRebuild(_ parameters: RebuildParameters) {
        overlay = .confirmation(
            Confirmation(subject: .rebuild(parameters.request), askedMilliseconds: milliseconds))
    }

    /// Goes to where a running rebuild is shown; its end is told wherever the person is then.
    private mutating func join(_ job: JobSummary, asking request: RebuildRequest) -> [ConsoleRequest] {
        let what = "\(job.title)\(JobText.by(job))"
        guard request.isDone(by: job) else {
            return refuse("rebuild: a \(what) runs, wait for it")
        }
        let requests = show(.index)
        show("joined \(what): \(job.phase) \(Quantity.percent(job.fraction))", .note)
        return requests
    }
}
