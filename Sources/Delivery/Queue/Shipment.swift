import AnomalyDetection

/// One thing to tell one receiver: everything that sending it needs.
public struct Shipment: Sendable, Hashable {
    /// The receiver.
    public let receiver: Receiver
    /// What it is told.
    public let alert: Alert
    /// Whether it was told before, and is told again so that it does not lapse.
    public let isRenewal: Bool
    /// What tells this sending from others; the same when it is tried again.
    public let id: String
    let key: DeliveryKey
    /// The incident that is told; `nil` when that is not kept any more.
    let subject: Incident?
    /// Labels that the alert had before and no longer has.
    let ended: AlertLabels?
    /// The silence that stands, and whether one is to be made.
    let silence: String?
    let makesSilence: Bool
    /// Whether something was sent before of which nobody knows whether it arrived.
    let wasUncertain: Bool
}

/// What a sent shipment brought back.
public struct ShipmentReceipt: Sendable, Hashable {
    /// The silence that was made.
    public var silence: String?

    /// A receipt without a silence.
    public init(silence: String? = nil) {
        self.silence = silence
    }
}

/// Why a receiver was not told.
public struct DeliveryFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure.
    public enum Kind: Sendable, Hashable {
        /// It cannot be reached, does not answer, or cannot serve now: later.
        case unreachable
        /// It does not want this one: others may pass.
        case refused
    }

    /// What kind.
    public var kind: Kind
    /// What happened, in a sentence without secrets.
    public var description: String
    /// Whether the receiver may have got it all the same.
    public var mayHaveArrived: Bool
    /// When it wants to be asked again, in seconds; `nil` where it did not say.
    public var retryAfter: Int64?

    /// Creates a failure.
    public init(
        _ kind: Kind, _ description: String, mayHaveArrived: Bool = false, retryAfter: Int64? = nil
    ) {
        self.kind = kind
        self.mayHaveArrived = mayHaveArrived
        self.description = description
        self.retryAfter = retryAfter
    }
}
