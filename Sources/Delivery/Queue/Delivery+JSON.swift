import AnomalyDetection
import Decisions
import VectorStores

extension Delivery {
    /// The delivery as it is kept.
    var json: JSONValue {
        var object: JSONObject = [
            "identity": .string(key.identity), "receiver": .string(key.receiver),
            "incident": .string(incident),
            "severity": .string(severity.rawValue), "labels": labels.json, "group": .string(groupKey),
            "join": .string(joinKey), "starts": .string(starts.description), "telling": .number("\(telling)"),
        ]
        if let told { object["told"] = .string(told.rawValue) }
        object["told_at"] = toldAt.map { .string($0.description) }
        object["raised"] = raised.map { .string($0.description) }
        object["ends"] = ends.map { .string($0.description) }
        object["silence"] = silence.map { .string($0) }
        object["silence_ends"] = silenceEnds.map { .string($0.description) }
        object["claimed"] = claimed.map { .string($0.description) }
        object["attempt"] = attempt.map {
            .object(["status": .string($0.status.rawValue), "id": .string($0.id)])
        }
        if isUncertain { object["uncertain"] = .bool(true) }
        return .object(object)
    }

    /// Reads a kept delivery; `nil` when it is damaged.
    ///
    /// Until incidents were looked at, what was told is what is to be told.
    init?(json: JSONValue?, revision: UInt64) {
        guard let object = json?.object,
            let identity = object["identity"]?.text, let receiver = object["receiver"]?.text,
            let incident = object["incident"]?.text,
            let severity = object["severity"]?.text.flatMap({ Incident.Severity(rawValue: $0) }),
            let labels = AlertLabels(json: object["labels"]), let group = object["group"]?.text,
            let join = object["join"]?.text, let starts = Self.time(object["starts"]),
            let telling = object["telling"]?.number, (0...1e9).contains(telling)
        else { return nil }
        key = DeliveryKey(identity: identity, receiver: receiver)
        self.incident = incident
        self.severity = severity
        self.labels = labels
        groupKey = group
        joinKey = join
        self.starts = starts
        self.telling = Int(telling)
        told = object["told"]?.text.flatMap { AlertStatus(rawValue: $0) }
        toldAt = Self.time(object["told_at"])
        raised = Self.time(object["raised"])
        ends = Self.time(object["ends"])
        silence = object["silence"]?.text
        silenceEnds = Self.time(object["silence_ends"])
        claimed = Self.time(object["claimed"])
        let tried = object["attempt"]?.object
        if let status = tried?["status"]?.text.flatMap({ AlertStatus(rawValue: $0) }),
            let id = tried?["id"]?.text, id.utf8.count <= 200
        {
            attempt = Attempt(status: status, id: id)
        }
        isUncertain = object["uncertain"] == .bool(true)
        wanted = told ?? .resolved
        subject = nil
        self.revision = revision
    }

    private static func time(_ value: JSONValue?) -> Timestamp? {
        value?.text.flatMap { Timestamp($0) }
    }

    /// The write that keeps it, if nobody else wrote it meanwhile.
    var change: RecordChange {
        RecordChange(
            collection: DeliveryQueue.collection, key: key.recordKey, value: json, expected: revision)
    }
}
