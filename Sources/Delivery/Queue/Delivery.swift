import AnomalyDetection
import Decisions

/// What a delivery is told apart by: one alert at one receiver.
struct DeliveryKey: Sendable, Hashable, Comparable {
    /// What the alert is told apart by at the receiver.
    var identity: String
    /// The receiver's name.
    var receiver: String

    /// The key of its record.
    var recordKey: String { "delivery/\(receiver)/\(identity)" }

    static func < (lhs: DeliveryKey, rhs: DeliveryKey) -> Bool {
        (lhs.receiver, lhs.identity) < (rhs.receiver, rhs.identity)
    }
}

/// How far one receiver knows of one alert: what it was told, and what it is to be told.
struct Delivery: Sendable, Hashable {
    /// What it is told apart by.
    let key: DeliveryKey

    // MARK: What is kept in the store

    /// The incident that it was told of last.
    var incident: String
    /// How bad that was.
    var severity: Incident.Severity
    /// What the receiver was told last; `nil` when it knows nothing yet.
    var told: AlertStatus?
    /// When that was.
    var toldAt: Timestamp?
    /// The labels it was told.
    var labels: AlertLabels
    /// Tenant, principal, kind and effect in one text.
    var groupKey: String
    /// What the events of the incident are joined by.
    var joinKey: String
    /// When what it tells of the watching was noticed, where it does; each time is another story to be told.
    var raised: Timestamp?
    /// When it began.
    var starts: Timestamp
    /// When it was first told that it is over.
    var ends: Timestamp?
    /// The silence that stands there for it, and until when.
    var silence: String?
    var silenceEnds: Timestamp?
    /// How many things it was told; tells one sending from the next.
    var telling = 0
    /// What was tried last and did not certainly arrive.
    var attempt: Attempt?
    /// When somebody began to send what it is to be told, and did not yet say how that went.
    var claimed: Timestamp?
    /// Whether something was sent of which nobody knows whether it arrived.
    var isUncertain = false

    // MARK: What is known here alone

    /// What it is to be told.
    var wanted: AlertStatus
    /// The incident that it is to be told of; `nil` when that is not kept any more.
    var subject: Incident?
    /// Not tried before that, since the receiver refused it.
    var retry: Timestamp?
    /// How often the receiver refused it.
    var refusals = 0
    /// The revision of its record; 0 when it has none.
    var revision: UInt64 = 0

    /// A delivery of which the receiver knows nothing yet.
    init(_ key: DeliveryKey, of incident: Incident, wanted: AlertStatus) {
        self.key = key
        self.incident = incident.id
        severity = incident.severity
        labels = AlertLabels(incident)
        groupKey = Alert.groupKey(incident.key)
        joinKey = Alert.joinKey(incident)
        raised = incident.signal?.raised
        starts = incident.first
        self.wanted = wanted
        subject = incident
    }

    /// Something that was tried: what, and the name it has each time.
    struct Attempt: Sendable, Hashable {
        var status: AlertStatus
        var id: String
    }

    /// What is to be done for it.
    enum Need: Hashable {
        /// Nothing now.
        case nothing
        /// Nothing any more: it can be forgotten.
        case forgetting
        /// To tell the receiver what it does not know.
        case telling
        /// To say again what it knows, so that it does not lapse.
        case renewing
    }

    /// How long the end of an alert is repeated where alerts lapse, and how often.
    static let endSeconds: Int64 = 300
    static let endPauseSeconds: Int64 = 60
    /// How often an alert is sent again where it lapses.
    static let renewSeconds: Int64 = 1_200
    /// A claim older than that is of a process that ended.
    static let claimSeconds: Int64 = 60

    /// What is to be done at a time.
    func need(_ kind: Receiver.Kind, at now: Timestamp) -> Need {
        // The receiver may have heard something else than what it was told last.
        if isUncertain, attempt != nil {
            return wanted == .acknowledged && !kind.tellsAcknowledgement ? .nothing : .telling
        }
        switch (told, wanted) {
        case (nil, .firing), (.acknowledged, .firing), (.resolved, .firing): return .telling
        case (nil, .acknowledged), (nil, .resolved), (.resolved, .acknowledged): return .forgetting
        case (.firing, .firing):
            let isNews =
                subject.map {
                    $0.id != incident || kind.lapses && AlertLabels($0) != labels || isReopened($0)
                } ?? false
            return isNews ? .telling : renewing(kind, at: now)
        case (.firing, .acknowledged): return kind.tellsAcknowledgement ? .telling : renewing(kind, at: now)
        case (.acknowledged, .acknowledged): return renewing(kind, at: now)
        case (.firing, .resolved), (.acknowledged, .resolved): return .telling
        case (.resolved, .resolved):
            let over = ends.map { abs(now.seconds - $0.seconds) >= Self.endSeconds } ?? true
            if !kind.lapses || over { return .forgetting }
            return isOlder(toldAt, than: Self.endPauseSeconds, at: now) ? .renewing : .nothing
        }
    }

    /// Whether an incident was reopened by something else than the receiver was told of: where it is not told of
    /// what somebody takes, it knows the incident as open all the time.
    private func isReopened(_ incident: Incident) -> Bool {
        guard incident.state == .reopened, let now = incident.signal?.raised, let raised else { return false }
        return now != raised
    }

    private func renewing(_ kind: Receiver.Kind, at now: Timestamp) -> Need {
        kind.lapses && isOlder(toldAt, than: Self.renewSeconds, at: now) ? .renewing : .nothing
    }

    private func isOlder(_ time: Timestamp?, than seconds: Int64, at now: Timestamp) -> Bool {
        time.map { abs(now.seconds - $0.seconds) >= seconds } ?? true
    }

    /// Whether it may be tried at a time.
    func isDue(at now: Timestamp) -> Bool {
        if let retry, now < retry { return false }
        if let claimed, abs(now.seconds - claimed.seconds) < Self.claimSeconds { return false }
        return true
    }

    /// Whether the silence has to be made, or made anew, at a time.
    func needsSilence(at now: Timestamp) -> Bool {
        guard silence != nil, let silenceEnds else { return true }
        return silenceEnds.seconds - now.seconds < AlertmanagerPayload.silenceSeconds / 2
    }
}
