import AnomalyDetection
import Decisions
import Testing

@testable import Delivery

@Suite struct CourierTests {
    private let transport = FakeTransport()

    private func carry(_ shipment: Shipment) async -> Result<ShipmentReceipt, DeliveryFailure> {
        do {
            let courier = Courier(transport: transport, context: Samples.context)
            return .success(try await courier.carry(shipment, at: Samples.now))
        } catch {
            return .failure(error)
        }
    }

    private func shipment(
        _ receiver: Receiver, _ status: AlertStatus = .firing, silence: String? = nil
    ) -> Shipment {
        Shipment(
            receiver: receiver, alert: Samples.alert(Samples.incident(), status), isRenewal: false,
            id: "id-1",
            key: DeliveryKey(identity: "x", receiver: receiver.name), subject: nil, ended: nil,
            silence: silence,
            makesSilence: receiver.kind == .alertmanager && status == .acknowledged, wasUncertain: false)
    }

    private func failure(_ answer: FakeTransport.Answer, _ kind: Receiver.Kind = .slack) async throws
        -> DeliveryFailure?
    {
        transport.answer(answer)
        guard case .failure(let failure) = await carry(shipment(try Samples.receiver(kind))) else {
            return nil
        }
        return failure
    }

    @Test func `answers are understood`() async throws {
        #expect(try await failure(.status(200)) == nil)
        #expect(try await failure(.status(202), .pagerduty) == nil)
        let refused = try await failure(.status(400, body: "invalid_blocks"))
        #expect(refused?.kind == .refused && refused?.mayHaveArrived == false)
        #expect(refused?.description == "http://127.0.0.1:9 answered 400: invalid_blocks")
        let limited = try await failure(.status(429))
        #expect(limited?.kind == .unreachable && limited?.mayHaveArrived == false)
        #expect(try await failure(.status(502))?.mayHaveArrived == true)
        #expect(try await failure(.status(403))?.description.contains("check the secret of slack") == true)
        #expect(try await failure(.status(404))?.description.contains("check the address of slack") == true)
        #expect(try await failure(.status(302))?.description.contains("not followed") == true)
    }

    @Test func `no answer shows a secret that it repeats, nor a path that is one`() async throws {
        let failure = try await failure(
            .status(403, body: "no such hook: /slack \u{1B}[2J\n" + String(repeating: "x", count: 100_000)))
        #expect(failure?.description.contains("/slack") == false)
        #expect((failure?.description.utf8.count ?? .max) < 400)
        #expect(failure?.description.contains("\u{1B}") == false)
        transport.answer(.status(400, body: "bad key R0UT1NGK3Y"))
        let told = await carry(shipment(try Samples.receiver(.pagerduty)))
        #expect(!"\(told)".contains("R0UT1NGK3Y"))
    }

    @Test func `a webhook is signed and named, and only with a secret signed`() async throws {
        var receiver = try Samples.receiver(.webhook)
        _ = await carry(shipment(receiver))
        receiver.secret = Secret("s3cret")
        _ = await carry(shipment(receiver))
        let headers = transport.requests.map { request in
            Dictionary(uniqueKeysWithValues: request.headers.map { ($0.name, $0.value) })
        }
        #expect(headers.map { $0[WebhookPayload.deliveryHeader] } == ["id-1", "id-1"])
        #expect(headers.allSatisfy { $0["Content-Type"] == "application/json" })
        #expect(headers[0][WebhookPayload.signatureHeader] == nil)
        let body = try #require(transport.requests.last?.body)
        #expect(
            headers[1][WebhookPayload.signatureHeader]
                == WebhookPayload.signature(of: body, with: Secret("s3cret")))
    }

    @Test func `Alertmanager gets a password or a token`() async throws {
        var receiver = try Samples.receiver(.alertmanager)
        receiver.secret = Secret("t0ken")
        _ = await carry(shipment(receiver))
        receiver.user = "verdict"
        _ = await carry(shipment(receiver, .resolved, silence: "5e-1"))
        let values = transport.requests.map { request in
            request.headers.first { $0.name == "Authorization" }?.value
        }
        let basic = "Basic \(Base64.text(Array("verdict:t0ken".utf8)))"
        #expect(values == ["Bearer t0ken", basic, basic])
    }

    @Test func `a silence that is gone already is no failure, one that was not made is`() async throws {
        let receiver = try Samples.receiver(.alertmanager)
        for answer in [
            FakeTransport.Answer.status(404), .status(500, body: #""silence 5e-1 already expired""#),
        ] {
            transport.answer(answer, to: "/silence/")
            guard case .success = await carry(shipment(receiver, .resolved, silence: "5e-1")) else {
                Issue.record("a silence that is gone was taken for a failure")
                continue
            }
        }
        #expect(await carry(shipment(receiver, .acknowledged)) == .success(ShipmentReceipt(silence: "5e-1")))
        transport.answer(.status(200, body: "<html>"), to: "/silences")
        guard case .failure(let failure) = await carry(shipment(receiver, .acknowledged)) else {
            Issue.record("an answer without a silence passed for one")
            return
        }
        #expect(failure.description.contains("made no silence"))
    }

    @Test(arguments: Receiver.Kind.allCases)
    func `a test is marked in every payload and ends at once`(kind: Receiver.Kind) async throws {
        let test = TestAlert(context: Samples.context, transport: transport, clock: { Samples.now })
        let outcome = await test.send(to: try Samples.receiver(kind))
        #expect(outcome.failure == nil && outcome.receiver.kind == kind)
        let bodies = transport.requests.map { String(decoding: $0.body, as: UTF8.self) }
        #expect(bodies.count == 2)
        #expect(bodies.first?.contains("TEST") == true && bodies.first?.contains("nothing happened") == true)
        transport.answer(.failure(DeliveryFailure(.unreachable, "connection refused")))
        let failed = await test.send(to: try Samples.receiver(kind))
        #expect(failed.failure?.description == "connection refused")
    }
}
