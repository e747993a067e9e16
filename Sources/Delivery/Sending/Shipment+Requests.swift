import Decisions

extension Shipment {
    /// The requests that tell the receiver, in their order.
    func requests(context: AlertContext, at now: Timestamp) -> [OutgoingRequest] {
        switch receiver.kind {
        case .alertmanager: alertmanagerRequests(at: now)
        case .webhook: [webhookRequest()]
        case .pagerduty:
            [
                post(
                    receiver.address.whole,
                    PagerDutyPayload.event(
                        alert, routingKey: receiver.secret ?? Secret(""), store: context.store))
            ]
        case .slack: [post(receiver.address.whole, SlackPayload.message(alert))]
        }
    }

    private func alertmanagerRequests(at now: Timestamp) -> [OutgoingRequest] {
        let authorization = authorization.map { [OutgoingRequest.Header("Authorization", $0)] } ?? []
        var requests: [OutgoingRequest] = []
        // While a silence stands nobody would hear what fires anew.
        if let silence, alert.status == .firing { requests.append(delete(silence, authorization)) }
        requests.append(
            post(
                receiver.address.below("/api/v2/alerts"),
                AlertmanagerPayload.alerts(alert, ended: ended, at: now), authorization))
        if makesSilence {
            requests.append(
                post(
                    receiver.address.below(Self.silencesPath), AlertmanagerPayload.silence(alert, at: now),
                    authorization))
        }
        if let silence, makesSilence || alert.status == .resolved {
            requests.append(delete(silence, authorization))
        }
        return requests
    }

    /// Where Alertmanager takes silences.
    static let silencesPath = "/api/v2/silences"

    private func delete(_ silence: String, _ headers: [OutgoingRequest.Header]) -> OutgoingRequest {
        OutgoingRequest(
            method: .delete, url: receiver.address.below("/api/v2/silence/\(silence)"), headers: headers,
            body: [])
    }

    /// Basic where a user is named, else a bearer token; `nil` without a secret.
    private var authorization: String? {
        guard let secret = receiver.secret else { return nil }
        guard let user = receiver.user else { return "Bearer \(secret.text)" }
        return "Basic " + Base64.text(Array("\(user):\(secret.text)".utf8))
    }

    private func webhookRequest() -> OutgoingRequest {
        var request = post(
            receiver.address.whole, WebhookPayload.body(alert, receiver: receiver.name),
            [OutgoingRequest.Header(WebhookPayload.deliveryHeader, id)])
        if let secret = receiver.secret {
            request.headers.append(
                OutgoingRequest.Header(
                    WebhookPayload.signatureHeader, WebhookPayload.signature(of: request.body, with: secret)))
        }
        return request
    }

    private func post(
        _ url: String, _ body: JSONValue, _ headers: [OutgoingRequest.Header] = []
    ) -> OutgoingRequest {
        OutgoingRequest(
            method: .post, url: url,
            headers: [
                OutgoingRequest.Header("Content-Type", "application/json"),
                OutgoingRequest.Header("User-Agent", "verdict"),
            ] + headers, body: Array(body.json.utf8))
    }
}

/// Base64 of RFC 4648, as basic authentication wants it.
enum Base64 {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The text of some bytes.
    static func text(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let part = bytes[start..<min(start + 3, bytes.count)]
            var group = 0
            for place in 0..<3 { group = group << 8 | Int(place < part.count ? part[start + place] : 0) }
            for place in 0..<4 {
                result.append(
                    place <= part.count ? digits[group >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
