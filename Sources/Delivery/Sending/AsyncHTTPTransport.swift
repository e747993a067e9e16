import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Carries requests by async-http-client: certificates checked, redirections not followed, answers bounded.
///
/// Connections begin with the first request. A process needs one transport at most.
public final class AsyncHTTPTransport: AlertTransport {
    private let direct: HTTPClient
    private let proxied: HTTPClient?
    private let proxy: ProxySettings?

    /// Creates a transport; with a proxy all goes through it but what is excepted.
    public init(proxy: ProxySettings? = nil) {
        self.proxy = proxy
        direct = HTTPClient(configuration: Self.configuration)
        proxied = proxy.map { proxy in
            var configuration = Self.configuration
            configuration.proxy = .server(host: proxy.host, port: proxy.port)
            return HTTPClient(configuration: configuration)
        }
    }

    deinit {
        // A client may not go before it was shut down.
        for client in [direct, proxied].compactMap({ $0 }) { Task { try? await client.shutdown() } }
    }

    private static let connectSeconds: Int64 = 5

    private static var configuration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(connectSeconds)
        // Who refuses is told at once and tried again by the queue.
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }

    /// Sends a request and returns the answer.
    public func send(
        _ request: OutgoingRequest, within limit: Duration
    ) async throws(DeliveryFailure) -> IncomingReply {
        let place = ReceiverAddress(request.url)?.description ?? "the receiver"
        let isExcepted = proxy?.excepts(ReceiverAddress(request.url)?.host ?? "") ?? true
        let client = isExcepted ? direct : proxied ?? direct
        let outcome = await withTaskGroup(of: Result<IncomingReply, DeliveryFailure>.self) { group in
            group.addTask {
                do {
                    return .success(try await Self.exchange(request, by: client, within: limit))
                } catch {
                    return .failure(Self.failure(error, at: place, within: limit))
                }
            }
            group.addTask {
                try? await Task.sleep(for: limit)
                return .failure(Self.silence(of: place, within: limit))
            }
            let first = await group.next()
            group.cancelAll()
            return first ?? .failure(Self.silence(of: place, within: limit))
        }
        return try outcome.get()
    }

    private static func exchange(
        _ request: OutgoingRequest, by client: HTTPClient, within limit: Duration
    ) async throws -> IncomingReply {
        var wanted = HTTPClientRequest(url: request.url)
        wanted.method = HTTPMethod(rawValue: request.method.rawValue)
        for header in request.headers { wanted.headers.add(name: header.name, value: header.value) }
        if !request.body.isEmpty { wanted.body = .bytes(ByteBuffer(bytes: request.body)) }
        let reply = try await client.execute(wanted, timeout: .seconds(max(1, limit.components.seconds)))
        var body: [UInt8] = []
        for try await part in reply.body {
            body += part.readableBytesView.prefix(IncomingReply.maximumBytes - body.count)
            if body.count >= IncomingReply.maximumBytes { break }
        }
        return IncomingReply(
            status: Int(reply.status.code), body: body, retryAfter: reply.headers.first(name: "Retry-After"))
    }

    /// Whether the system refused to connect, so that nothing was sent.
    private static func isOfConnecting(_ error: any Error) -> Bool {
        guard let code = (error as? IOError)?.errnoCode else { return false }
        return [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ENETDOWN, EHOSTDOWN].contains(code)
    }

    private static func silence(of place: String, within limit: Duration) -> DeliveryFailure {
        DeliveryFailure(
            .unreachable, "\(place) did not answer within \(limit.components.seconds) s", mayHaveArrived: true
        )
    }

    private static func failure(_ error: any Error, at place: String, within limit: Duration)
        -> DeliveryFailure
    {
        if let error = error as? HTTPClientError {
            switch error {
            case .deadlineExceeded, .readTimeout, .writeTimeout, .cancelled:
                return silence(of: place, within: limit)
            case .connectTimeout:
                return DeliveryFailure(
                    .unreachable, "\(place) takes no connection within \(connectSeconds) s")
            case .remoteConnectionClosed:
                return DeliveryFailure(
                    .unreachable, "\(place) closed the connection without an answer", mayHaveArrived: true)
            default: break
            }
        }
        if error is NIOConnectionError || error is ChannelError || isOfConnecting(error) {
            return DeliveryFailure(
                .unreachable, "\(place) cannot be connected to: \(ShortText.line("\(error)", toBytes: 160))")
        }
        return DeliveryFailure(
            .unreachable, "\(place): \(ShortText.line("\(error)", toBytes: 160))", mayHaveArrived: true)
    }
}
