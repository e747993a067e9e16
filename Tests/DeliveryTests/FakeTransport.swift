import Decisions
import Locks

@testable import Delivery

/// A transport that answers as it is told, and remembers what it was asked to carry.
final class FakeTransport: AlertTransport {
    /// What becomes of a request.
    enum Answer: Sendable {
        case status(Int, body: String = "")
        case failure(DeliveryFailure)
        /// Nobody answers until the sender gives up.
        case stall
    }

    private struct State {
        var requests: [OutgoingRequest] = []
        var answers: [String: Answer] = [:]
    }

    private let state = Mutex(State())

    /// Everything that was carried, in order.
    var requests: [OutgoingRequest] { state.withLock { $0.requests } }

    /// Says what becomes of requests to addresses with a part; `""` for all others.
    func answer(_ answer: Answer, to part: String = "") { state.withLock { $0.answers[part] = answer } }

    func send(
        _ request: OutgoingRequest, within limit: Duration
    ) async throws(DeliveryFailure) -> IncomingReply {
        let answer = state.withLock { state in
            state.requests.append(request)
            let fitting = state.answers.first { !$0.key.isEmpty && request.url.contains($0.key) }
            return fitting?.value ?? state.answers[""] ?? .status(200, body: #"{"silenceID":"5e-1"}"#)
        }
        switch answer {
        case .status(let status, let body): return IncomingReply(status: status, body: Array(body.utf8))
        case .failure(let failure): throw failure
        case .stall:
            await untilCancelled()
            throw DeliveryFailure(.unreachable, "no answer", mayHaveArrived: true)
        }
    }

    private func untilCancelled() async {
        let (stream, end) = AsyncStream.makeStream(of: Void.self)
        await withTaskCancellationHandler {
            for await _ in stream {}
        } onCancel: {
            end.finish()
        }
    }
}
