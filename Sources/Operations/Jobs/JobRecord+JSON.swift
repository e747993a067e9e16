import Decisions
import VectorStores

extension JobRecord {
    /// The key of its record.
    var key: String { String(id) }

    /// A write of the job; one that expects a revision fails when somebody else wrote meanwhile.
    func change(expected: UInt64? = nil) -> RecordChange {
        RecordChange(collection: Self.collection, key: key, value: json, expected: expected)
    }

    /// The job as it is kept.
    var json: JSONValue {
        var object: JSONObject = [
            "id": .number("\(id)"),
            "owner": .object([
                "user": .string(owner.user), "host": .string(owner.host),
                "pid": .number("\(owner.processID)"), "command": .string(owner.command),
            ]),
            "kind": .string(kind.rawValue), "title": .string(title), "state": .string(state.word),
            "phase": .string(phase), "fraction": .number("\(fraction)"), "done": .number("\(done)"),
            "total": .number("\(total)"), "started": .string(started.description),
            "phase_started": .string(phaseStarted.description), "heartbeat": .string(heartbeat.description),
        ]
        if !detail.isEmpty { object["detail"] = .string(detail) }
        if let ended { object["ended"] = .string(ended.description) }
        if case .failed(let reason) = state { object["reason"] = .string(reason) }
        if let report {
            object["before"] = report.before.record
            object["after"] = report.after.record
            if let built = report.built { object["built"] = built.record }
            if let server = report.server { object["server"] = server.record }
        }
        return .object(object)
    }

    /// Reads a kept job; `nil` when it is not one.
    init?(json: JSONValue) {
        guard let object = json.object, let id = object.count("id"), id > 0,
            let owner = object["owner"]?.object.flatMap({ JobOwner($0) }),
            let kind = object["kind"]?.text.flatMap({ Kind(rawValue: $0) }),
            let title = object["title"]?.text, let phase = object["phase"]?.text,
            let state = object["state"]?.text.flatMap({
                JobSummary.State(word: $0, reason: object["reason"]?.text)
            }), let fraction = object["fraction"]?.number, (0...1).contains(fraction),
            let done = object.count("done"), let total = object.count("total"),
            let started = object.time("started"), let phaseStarted = object.time("phase_started"),
            let heartbeat = object.time("heartbeat")
        else { return nil }
        self.init(id: id, owner: owner, kind: kind, title: title, started: started)
        self.state = state
        // One of a later version is not told, nor is what is none.
        self.phase = RebuildProgress.Phase(rawValue: phase)?.rawValue ?? ""
        detail = object["detail"]?.text ?? ""
        self.fraction = fraction
        self.done = done
        self.total = total
        self.phaseStarted = phaseStarted
        self.heartbeat = heartbeat
        ended = object.time("ended")
        guard (ended == nil) == [.running, .cancelling].contains(state) else { return nil }
        if let before = object["before"]?.object.flatMap({ IndexQuality($0) }),
            let after = object["after"]?.object.flatMap({ IndexQuality($0) })
        {
            report = RebuildReport(
                before: before, after: after,
                built: object["built"]?.object.flatMap { RebuildReport.BuiltGraph($0) })
            report?.server = object["server"]?.object.flatMap { ServerRebuild($0) }
        }
    }
}

extension JobSummary.State {
    fileprivate var word: String {
        switch self {
        case .running: "running"
        case .cancelling: "cancelling"
        case .done: "done"
        case .cancelled: "cancelled"
        case .failed: "failed"
        case .orphaned: "orphaned"
        }
    }

    fileprivate init?(word: String, reason: String?) {
        switch (word, reason) {
        case ("running", _): self = .running
        case ("cancelling", _): self = .cancelling
        case ("done", _): self = .done
        case ("cancelled", _): self = .cancelled
        case ("failed", let reason?): self = .failed(reason)
        default: return nil
        }
    }
}

extension JobOwner {
    fileprivate init?(_ object: JSONObject) {
        guard let user = object["user"]?.text, let host = object["host"]?.text,
            let processID = object.count("pid"), let command = object["command"]?.text
        else { return nil }
        self.init(user: user, host: host, processID: processID, command: command)
    }
}

extension IndexQuality {
    fileprivate var record: JSONValue {
        .object([
            "recall": .number("\(recall)"), "p50_us": .number("\(p50Microseconds)"),
            "memory_bytes": .number("\(memoryBytes)"),
        ])
    }

    fileprivate init?(_ object: JSONObject) {
        guard let recall = object["recall"]?.number, let p50 = object["p50_us"]?.number,
            let memory = object.count("memory_bytes")
        else { return nil }
        self.init(recall: recall, p50Microseconds: p50, memoryBytes: memory)
    }
}

extension RebuildReport.BuiltGraph {
    fileprivate var record: JSONValue {
        .object([
            "nodes": .number("\(nodes)"), "tombstones_dropped": .number("\(tombstonesDropped)"),
            "rows_carried_over": .number("\(rowsCarriedOver)"), "self_recall": .number("\(selfRecall)"),
        ])
    }

    fileprivate init?(_ object: JSONObject) {
        guard let nodes = object.count("nodes"), let dropped = object.count("tombstones_dropped"),
            let carried = object.count("rows_carried_over"), let recall = object["self_recall"]?.number
        else { return nil }
        self.init(nodes: nodes, tombstonesDropped: dropped, rowsCarriedOver: carried, selfRecall: recall)
    }
}

extension ServerRebuild {
    fileprivate var record: JSONValue {
        var object: JSONObject = [
            "index": .string(index), "m": .number("\(m)"), "ef_construction": .number("\(efConstruction)"),
            "bytes_before": .number("\(bytesBefore)"), "bytes_after": .number("\(bytesAfter)"),
            "seconds": .number("\(seconds)"),
        ]
        if let refusal { object["refused"] = .string(refusal) }
        if !note.isEmpty { object["note"] = .string(note) }
        return .object(object)
    }

    fileprivate init?(_ object: JSONObject) {
        guard let index = object["index"]?.text, let m = object.count("m"),
            let efConstruction = object.count("ef_construction"), let before = object.count("bytes_before"),
            let after = object.count("bytes_after"), let seconds = object["seconds"]?.number
        else { return nil }
        self.init(
            index: index, refusal: object["refused"]?.text, m: m, efConstruction: efConstruction,
            bytesBefore: before, bytesAfter: after, seconds: seconds)
        note = object["note"]?.text ?? ""
    }
}

extension JSONObject {
    /// A whole number from 0 on that JSON holds exactly.
    fileprivate func count(_ key: String) -> Int? {
        self[key]?.number.flatMap { Int(exactly: $0) }.flatMap {
            (0...JobRecord.maximumID).contains($0) ? $0 : nil
        }
    }

    fileprivate func time(_ key: String) -> Timestamp? {
        self[key]?.text.flatMap { Timestamp($0) }
    }
}
