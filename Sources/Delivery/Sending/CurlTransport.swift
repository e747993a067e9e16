import CCurl
import VectorStores

/// Carries requests by libcurl: certificates checked, redirections not followed, answers bounded.
///
/// Each request has a connection and, while it lasts, a thread of its own: incidents are few, and a receiver that
/// stalls holds up nobody else.
public final class CurlTransport: AlertTransport {
    private let proxy: ProxySettings?
    private let certificates: String?

    /// Creates a transport; with a proxy all goes through it but what is excepted.
    ///
    /// `certificates` is a file of certificates, PEM, that are believed instead of the system's.
    public init(proxy: ProxySettings? = nil, certificates: String? = nil) {
        self.proxy = proxy
        self.certificates = certificates
    }

    private static let connectSeconds = 5

    /// Sends a request and returns the answer.
    public func send(
        _ request: OutgoingRequest, within limit: Duration
    ) async throws(DeliveryFailure) -> IncomingReply {
        let address = ReceiverAddress(request.url)
        let place = address?.description ?? "the receiver"
        // Without control characters: what ends a line begins another header, what is zero ends a text.
        let texts = [request.url] + request.headers.flatMap { [$0.name, $0.value] }
        guard texts.allSatisfy({ $0.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f } }) else {
            throw DeliveryFailure(.unreachable, "\(place): its address or a header has a control character")
        }
        guard let exchange = Exchange() else {
            throw DeliveryFailure(.unreachable, "\(place): there is no memory for a connection")
        }
        let proxy = proxy.flatMap { $0.excepts(address?.host ?? "") ? nil : "http://\($0.host):\($0.port)" }
        let reply = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // One of its own: those of a queue are as many as processors, and the pool of tasks has the same.
                let isStarted = BackgroundThread.start { [certificates] in
                    continuation.resume(
                        returning: exchange.run(
                            request, proxy: proxy, certificates: certificates, within: limit))
                }
                if !isStarted { continuation.resume(returning: .withoutThread) }
            }
        } onCancel: {
            exchange.stop()
        }
        let seconds = limit.components.seconds
        let said = ShortText.line(reply.problem, toBytes: 160)
        switch reply.outcome {
        case CCURL_ANSWERED: return reply.answer
        case CCURL_LIMIT, CCURL_STOPPED:
            throw DeliveryFailure(
                .unreachable, "\(place) did not answer within \(seconds) s", mayHaveArrived: true)
        case CCURL_CONNECT_LIMIT:
            let connecting = min(Int64(Self.connectSeconds), seconds)
            throw DeliveryFailure(.unreachable, "\(place) takes no connection within \(connecting) s")
        case CCURL_CUT:
            throw DeliveryFailure(
                .unreachable, "\(place) closed the connection without an answer: \(said)",
                mayHaveArrived: true)
        case CCURL_NOT_CONNECTED:
            throw DeliveryFailure(.unreachable, "\(place) cannot be connected to: \(said)")
        default: throw DeliveryFailure(.unreachable, "\(place): \(said)")
        }
    }

    /// What libcurl does one request with.
    ///
    /// Safe to share: running is done once, and stopping is allowed from any thread until the last reference goes.
    @safe private final class Exchange: @unchecked Sendable {
        struct Reply: Sendable {
            var outcome: ccurl_outcome
            var answer: IncomingReply
            var problem: String

            static let withoutThread = Reply(
                outcome: CCURL_UNUSABLE, answer: IncomingReply(status: 0, body: [], retryAfter: nil),
                problem: "the system has no thread to give")
        }

        // A pointer that only the calls of C look behind.
        private let handle: OpaquePointer

        init?() {
            guard let handle = unsafe ccurl_create() else { return nil }
            unsafe self.handle = unsafe handle
        }

        deinit { unsafe ccurl_free(handle) }

        func stop() { unsafe ccurl_stop(handle) }

        /// Sends and waits; the texts live as long as the call.
        func run(
            _ request: OutgoingRequest, proxy: String?, certificates: String?, within limit: Duration
        ) -> Reply {
            let parts = limit.components
            let milliseconds = Int(parts.seconds * 1_000 + parts.attoseconds / 1_000_000_000_000_000)
            let lines = request.headers.map { "\($0.name): \($0.value)" }
            var reply = unsafe ccurl_reply()
            let body = unsafe [UInt8](unsafeUninitializedCapacity: IncomingReply.maximumBytes) {
                room, count in
                unsafe reply.body = room.baseAddress.map {
                    unsafe UnsafeMutableRawPointer($0).assumingMemoryBound(to: CChar.self)
                }
                unsafe reply.capacity = room.count
                unsafe CText.withPointers(
                    [request.method.rawValue, request.url, proxy, certificates] + lines
                ) { texts in
                    unsafe request.body.withUnsafeBytes { bytes in
                        var wanted = unsafe ccurl_request()
                        unsafe wanted.method = texts[0]
                        unsafe wanted.url = texts[1]
                        unsafe wanted.proxy = texts[2]
                        unsafe wanted.certificates = texts[3]
                        unsafe wanted.headers = texts.baseAddress.map { unsafe $0 + 4 }
                        unsafe wanted.header_count = lines.count
                        unsafe wanted.body = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
                        unsafe wanted.body_length = bytes.count
                        unsafe wanted.connect_limit = min(CurlTransport.connectSeconds * 1_000, milliseconds)
                        unsafe wanted.limit = max(1, milliseconds)
                        unsafe ccurl_run(handle, &wanted, &reply)
                    }
                }
                count = unsafe reply.length
            }
            let retryAfter = unsafe CText.text(of: reply.retry_after)
            return unsafe Reply(
                outcome: reply.outcome,
                answer: IncomingReply(
                    status: reply.status, body: body, retryAfter: retryAfter.isEmpty ? nil : retryAfter),
                problem: CText.text(of: reply.problem))
        }
    }
}

/// Texts as C has them.
private enum CText {
    /// Gives the texts, each ended by a zero, as pointers that hold during the call.
    static func withPointers(
        _ texts: [String?], _ body: (UnsafeBufferPointer<UnsafePointer<CChar>?>) -> Void
    ) {
        var bytes: [CChar] = []
        let offsets: [Int?] = texts.map { text in
            guard let text else { return nil }
            defer { bytes += text.utf8.map { CChar(bitPattern: $0) } + [0] }
            return bytes.count
        }
        unsafe bytes.withUnsafeBufferPointer { bytes in
            let pointers: [UnsafePointer<CChar>?] = unsafe offsets.map { offset in
                guard let offset, let base = bytes.baseAddress else { return nil }
                return unsafe base + offset
            }
            unsafe pointers.withUnsafeBufferPointer { unsafe body($0) }
        }
    }

    /// The text in a field of fixed length, up to its zero.
    static func text<Field>(of field: Field) -> String {
        unsafe withUnsafeBytes(of: field) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
