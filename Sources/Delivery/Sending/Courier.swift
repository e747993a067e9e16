import Decisions

/// Carries one shipment: its requests in order, each with a limit, and what the answers mean.
struct Courier: Sendable {
    /// How long one request may take.
    static let limit = Duration.seconds(10)
    /// The most bytes of an answer that are told.
    private static let toldBytes = 160

    let transport: any AlertTransport
    let context: AlertContext

    /// Sends a shipment; throws when a request was not answered as it should be, and sends none after it.
    func carry(_ shipment: Shipment, at now: Timestamp) async throws(DeliveryFailure) -> ShipmentReceipt {
        var receipt = ShipmentReceipt()
        for request in shipment.requests(context: context, at: now) {
            let reply = try await transport.send(request, within: Self.limit)
            if let failure = Self.failure(of: reply, to: request, shipment.receiver) { throw failure }
            if shipment.makesSilence, request.method == .post, request.url.contains(Shipment.silencesPath),
                let silence = AlertmanagerPayload.silenceID(in: reply.body)
            {
                receipt.silence = silence
            }
        }
        if shipment.makesSilence, receipt.silence == nil {
            throw DeliveryFailure(
                .unreachable, "\(shipment.receiver.address) made no silence: is it an Alertmanager?",
                mayHaveArrived: true)
        }
        return receipt
    }

    /// What is wrong with an answer; `nil` when nothing is.
    static func failure(
        of reply: IncomingReply, to request: OutgoingRequest, _ receiver: Receiver
    ) -> DeliveryFailure? {
        if (200..<300).contains(reply.status) { return nil }
        let said = told(reply.body, receiver)
        if request.method == .delete, reply.status == 404 || said.contains("expired") { return nil }
        let beginning = "\(receiver.address) answered \(reply.status)"
        switch reply.status {
        case 300..<400:
            return DeliveryFailure(
                .unreachable, "\(beginning): it sends elsewhere, which is not followed; set its final address"
            )
        case 401, 403:
            return DeliveryFailure(.unreachable, "\(beginning): check the secret of \(receiver.name)\(said)")
        case 404, 405, 410:
            return DeliveryFailure(.unreachable, "\(beginning): check the address of \(receiver.name)\(said)")
        case 408, 425, 429:
            return DeliveryFailure(
                .unreachable, beginning + said, mayHaveArrived: reply.status == 408,
                retryAfter: reply.retryAfter.flatMap { Int64($0) })
        case 400..<500: return DeliveryFailure(.refused, beginning + said)
        default:
            return DeliveryFailure(
                .unreachable, beginning + said, mayHaveArrived: true,
                retryAfter: reply.retryAfter.flatMap { Int64($0) })
        }
    }

    /// The beginning of an answer as it may be shown: one line, without the secret.
    private static func told(_ body: [UInt8], _ receiver: Receiver) -> String {
        var text = String(decoding: body.prefix(1_024), as: UTF8.self)
        for secret in [receiver.secret?.text, receiver.address.path] {
            if let secret, secret.utf8.count > 1 { text = text.replacing(secret, with: "(secret)") }
        }
        let line = ShortText.line(text, toBytes: toldBytes).split(separator: " ").joined(separator: " ")
        return line.isEmpty ? "" : ": \(line)"
    }
}
