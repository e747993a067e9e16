import AnomalyDetection
import Decisions
import Foundation
import Testing

@testable import Delivery

/// Real requests to a server in this process that fails in every way.
@Suite struct CurlTransportTests {
    private static let transport = CurlTransport()
    /// Longer than any machine keeps a thread waiting that answers.
    private static let patience = Duration.seconds(600)

    private func request(_ port: Int, path: String = "/hook", body: String = "{}") -> OutgoingRequest {
        OutgoingRequest(
            method: .post, url: "http://127.0.0.1:\(port)\(path)",
            headers: [OutgoingRequest.Header("Content-Type", "application/json")], body: Array(body.utf8))
    }

    private func failure(
        _ request: OutgoingRequest, within limit: Duration = .seconds(1)
    ) async -> DeliveryFailure? {
        do {
            _ = try await Self.transport.send(request, within: limit)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a request arrives as it is and its answer comes back`() async throws {
        let server = try LoopbackReceiver()
        server.set(.answer(202, headers: ["Retry-After: 7"], body: "thanks"))
        let reply = try await Self.transport.send(
            request(server.port, body: #"{"ä":1}"#), within: Self.patience)
        #expect(reply == IncomingReply(status: 202, body: Array("thanks".utf8), retryAfter: "7"))
        let came = try #require(server.requests.first)
        #expect(came.head.hasPrefix("POST /hook HTTP/1.1") && came.body == #"{"ä":1}"#)
    }

    @Test func `a status that is no success is an answer`() async throws {
        let server = try LoopbackReceiver()
        server.set(.answer(503))
        #expect(try await Self.transport.send(request(server.port), within: Self.patience).status == 503)
    }

    @Test func `who sends elsewhere is not followed`() async throws {
        let (server, other) = (try LoopbackReceiver(), try LoopbackReceiver())
        server.set(.answer(307, headers: ["Location: http://127.0.0.1:\(other.port)/"]))
        #expect(try await Self.transport.send(request(server.port), within: Self.patience).status == 307)
        #expect(other.requests.isEmpty)
    }

    @Test func `nobody there is told at once, and nothing arrived`() async throws {
        let failure = await failure(
            request(try LoopbackReceiver.closedPort()), within: Self.patience)
        #expect(failure?.kind == .unreachable && failure?.mayHaveArrived == false)
        #expect(failure?.description.contains("cannot be connected to") == true)
    }

    @Test func `who never answers is given up in time, in the middle of an answer too`() async throws {
        for manner in [LoopbackReceiver.Manner.stall, .stallInBody] {
            let server = try LoopbackReceiver()
            server.set(manner)
            let failure = await failure(request(server.port), within: .seconds(3))
            #expect(failure?.mayHaveArrived == true)
            #expect(failure?.description.contains("did not answer within 3 s") == true)
            while server.requests.isEmpty { await Task.yield() }
            #expect(server.requests.count == 1)
        }
    }

    @Test func `who hangs up has failed`() async throws {
        let server = try LoopbackReceiver()
        server.set(.hangUp)
        let failure = await failure(request(server.port), within: Self.patience)
        #expect(failure?.kind == .unreachable)
    }

    @Test func `of an answer without an end only the beginning is read`() async throws {
        let server = try LoopbackReceiver()
        server.set(.flood)
        let reply = try await Self.transport.send(request(server.port), within: Self.patience)
        #expect(reply.status == 200 && reply.body.count == IncomingReply.maximumBytes)
    }

    @Test func `a server without TLS is not talked to in the clear where https is asked for`() async throws {
        let server = try LoopbackReceiver()
        var request = request(server.port)
        request.url = "https://127.0.0.1:\(server.port)/"
        let failure = await failure(request)
        #expect(failure?.kind == .unreachable)
        #expect(!server.requests.contains { $0.head.hasPrefix("POST") })
    }

    @Test func `what is cancelled ends at once`() async throws {
        let server = try LoopbackReceiver()
        server.set(.stall)
        let sending = Task { [request = request(server.port)] in
            do throws(DeliveryFailure) {
                _ = try await Self.transport.send(request, within: .seconds(600))
                return DeliveryFailure?.none
            } catch {
                return error
            }
        }
        while server.requests.isEmpty { await Task.yield() }
        sending.cancel()
        #expect(await sending.value?.mayHaveArrived == true)
    }

    @Test func `what would begin another header is not sent`() async throws {
        let server = try LoopbackReceiver()
        var request = request(server.port)
        request.headers.append(OutgoingRequest.Header("X-Note", "a\r\nX-Other: b"))
        #expect(await failure(request)?.description.contains("control character") == true)
        #expect(server.requests.isEmpty)
    }

    @Test func `who cannot prove who they are gets nothing, until their authority is believed`() async throws
    {
        let server = try TLSReceiver()
        var request = request(server.port)
        request.url = "https://127.0.0.1:\(server.port)/"
        let failure = await failure(request, within: Self.patience)
        #expect(failure?.kind == .unreachable && failure?.mayHaveArrived == false)
        #expect(failure?.description.contains("certificate") == true)
        let believing = CurlTransport(certificates: server.certificate)
        #expect(try await believing.send(request, within: Self.patience).status == 200)
        let unreadable = CurlTransport(certificates: server.certificate + ".gone")
        await #expect(throws: DeliveryFailure.self) {
            try await unreadable.send(request, within: Self.patience)
        }
    }

    @Test func `a command tests a receiver, and tells what happened`() async throws {
        let server = try LoopbackReceiver()
        let receiver = try Samples.receiver(.webhook, address: "http://127.0.0.1:\(server.port)/hook")
        let test = TestAlert(context: Samples.context, transport: Self.transport, clock: { Samples.now })
        #expect(await test.send(to: receiver).failure == nil)
        #expect(server.requests.map { $0.body.contains(Alert.testName) } == [true, true])
        server.set(.answer(500, body: "out of order"))
        #expect(
            await test.send(to: receiver).failure?.description
                == "http://127.0.0.1:\(server.port) answered 500: out of order")
    }
}
