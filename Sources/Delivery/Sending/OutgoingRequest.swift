/// One request of HTTP, ready to be sent.
public struct OutgoingRequest: Sendable, Hashable {
    /// What is done.
    public enum Method: String, Sendable, Hashable {
        /// Hands something over.
        case post = "POST"
        /// Takes something away.
        case delete = "DELETE"
    }

    /// What is done.
    public var method: Method
    /// The whole address; may hold a secret and is never printed.
    public var url: String
    /// Names and values.
    public var headers: [Header]
    /// The body; empty where there is none.
    public var body: [UInt8]

    /// A name and a value.
    public struct Header: Sendable, Hashable {
        /// The name.
        public var name: String
        /// The value.
        public var value: String

        /// Creates a header.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }
}

/// What a receiver answered.
public struct IncomingReply: Sendable, Hashable {
    /// The status: 200.
    public var status: Int
    /// The beginning of the body, at most ``maximumBytes``.
    public var body: [UInt8]
    /// The header that says when to ask again.
    public var retryAfter: String?

    /// The most bytes of a body that are read.
    public static let maximumBytes = 16 * 1_024

    /// Creates a reply.
    public init(status: Int, body: [UInt8] = [], retryAfter: String? = nil) {
        self.status = status
        self.body = body
        self.retryAfter = retryAfter
    }
}

/// Carries requests to receivers; the only thing here that reaches a network.
public protocol AlertTransport: Sendable {
    /// Sends a request and returns the answer, whatever its status; follows no redirection.
    ///
    /// Throws ``DeliveryFailure`` when there is none within the time.
    func send(_ request: OutgoingRequest, within limit: Duration) async throws(DeliveryFailure)
        -> IncomingReply
}
