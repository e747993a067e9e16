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
        show("measuring recall at \(RecallTuner.breadths.count) breadths", .note)
        return [ask(.recallCurve(RecallTuner.breadths), .recallCurve)]
    }

    /// `:recall 0.98` asks for a recall, `:recall off` for none; alone it tells what is asked for.
    mutating func executeRecall(_ rest: String) -> [ConsoleRequest] {
        if rest.isEmpty {
            show(RecallTuning(setting: snapshot.recallSetting, curve: []).sentence, .note)
            return []
        }
        if let reason = whyNotOperate { return refuse("recall: \(reason)") }
        guard rest != "off" else { return [ask(.setRecall(nil), .recallCurve)] }
        guard let target = Double(rest), RecallSetting.targets.contains(target) else {
            return refuse("recall takes \(RecallTuner.bounds), or off")
        }
        show("measuring which breadth has recall \(target)", .note)
        return [ask(.setRecall(target), .recallCurve)]
    }

    mutating func takeTuning(_ tuning: RecallTuning) {
        if !tuning.curve.isEmpty { index.curve = tuning.curve }
        show(tuning.sentence, tuning.setting?.isReached == false ? .problem : .done)
    }

    mutating func takeCurve(_ points: [RecallPoint]) {
        index.curve = points.sorted { $0.breadth < $1.breadth }
        show("recall measured", .done)
    }

    /// Why the index cannot be built anew now; `nil` when it can.
    var whyNotRebuild: String? {
        if snapshot.statistics.vectors == 0 { return "the index is empty" }
        if let job = othersJob, let owner = job.owner { return "a \(job.title) by \(owner) runs" }
        return whyNotOperate ?? (runningJob == nil ? nil : "a job runs already")
    }

    /// Asks before the index is built anew; the question holds what will be done.
    mutating func askRebuild(_ parameters: RebuildParameters) {
        let request = RebuildRequest(
            m: parameters.m, efConstruction: parameters.efConstruction, quantization: parameters.quantization)
        overlay = .confirmation(Confirmation(subject: .rebuild(request), askedMilliseconds: milliseconds))
    }
}
