import AnomalyDetection
import Decisions
import Foundation
import Testing
import VectorStores

@testable import Delivery

/// Against a real Alertmanager, asked through its own API.
@Suite(
    .serialized,
    .enabled(
        if: AlertmanagerServer.isInstalled,
        "there is no prometheus-alertmanager: scripts/setup tests installs it"))
struct AlertmanagerTests {
    private static let transport = CurlTransport()

    /// The answer of a GET, as JSON.
    private func asked(_ path: String, of server: AlertmanagerServer) throws -> [JSONValue] {
        try #require(try JSONParser().parse(try server.answer(to: path)).elements)
    }

    private func states(of server: AlertmanagerServer) throws -> [String] {
        try asked("/api/v2/alerts", of: server).compactMap {
            $0.object?["status"]?.object?["state"]?.text
        }
    }

    private func incident(_ state: Incident.State = .new, severity: Incident.Severity = .high) -> Incident {
        Samples.incident(severity: severity, state: state, first: now().advanced(bySeconds: -120))
    }

    private func now() -> Timestamp {
        Timestamp(seconds: Int64(Date().timeIntervalSince1970), fractionDigits: 0)
    }

    @Test
    func `an incident fires, is silenced when somebody takes it, heard when it is given back, and ends`()
        async throws
    {
        let server = try AlertmanagerServer()
        let first = incident()
        let receiver = try Samples.receiver(.alertmanager, address: server.address)
        let dispatcher = AlertDispatcher(
            store: try MemoryStore(options: StoreOptions(clock: { Samples.now })), receivers: [receiver],
            context: Samples.context, transport: Self.transport,
            clock: { Timestamp(seconds: Int64(Date().timeIntervalSince1970), fractionDigits: 0) })
        var generation: UInt64 = 0
        func tell(_ state: Incident.State?, severity: Incident.Severity = .high) async {
            var incident = first
            incident.severity = severity
            if let state { incident.state = state }
            await dispatcher.round(
                AlertDispatcher.Look(
                    isHolder: true, generation: generation, incidents: state == nil ? [] : [incident]))
            await dispatcher.waitForSending()
            generation += 1
        }
        await tell(nil)
        await tell(.new)
        #expect(await dispatcher.checks().map(\.status) == [.ok])
        let alert = try #require(try asked("/api/v2/alerts", of: server).first?.object)
        #expect(alert["fingerprint"]?.text == Samples.alert(first).labels.fingerprint)
        #expect(alert["labels"] == Samples.alert(first).labels.json)
        #expect(
            alert["annotations"]?.object?["command"]
                == .string("verdict console --store prod-eu --incident K7F2"))
        #expect(alert["startsAt"]?.text.flatMap { Timestamp($0) } == first.first)
        #expect(try states(of: server) == ["active"])

        await tell(.acknowledged)
        #expect(try states(of: server) == ["suppressed"])
        let silences = try asked("/api/v2/silences", of: server)
        #expect(silences.count == 1)
        #expect(silences.first?.object?["comment"]?.text?.contains("--incident K7F2") == true)

        await tell(.new)
        #expect(try states(of: server) == ["active"])
        let silenceStates = try asked("/api/v2/silences", of: server).map {
            $0.object?["status"]?.object?["state"]?.text
        }
        #expect(silenceStates == ["expired"])

        await tell(.new, severity: .critical)
        let severities = try asked("/api/v2/alerts", of: server).map {
            $0.object?["labels"]?.object?["severity"]?.text
        }
        #expect(severities == ["critical"])

        await tell(.acknowledged, severity: .critical)
        await tell(.resolved, severity: .critical)
        #expect(try states(of: server) == [])
        #expect(await dispatcher.checks().map(\.status) == [.ok])
    }

    @Test func `an odd name arrives as it is, and is silenced by what it is`() async throws {
        let server = try AlertmanagerServer()
        let odd = Samples.incident(
            principal: "it's \"x\" \\ {a=~\".*\"} ä \u{202E}", kind: "a\nb", tenant: "")
        let receiver = try Samples.receiver(.alertmanager, address: server.address + "/")
        let clock = now()
        let courier = Courier(transport: Self.transport, context: Samples.context)
        for status in [AlertStatus.firing, .acknowledged] {
            let alert = Alert(
                odd, status, redaction: Redaction(allowed: []), context: Samples.context,
                starts: clock.advanced(bySeconds: -60), ends: nil)
            let shipment = Shipment(
                receiver: receiver, alert: alert, isRenewal: false, id: "x",
                key: DeliveryKey(identity: "x", receiver: receiver.name), subject: odd, ended: nil,
                silence: nil,
                makesSilence: status == .acknowledged, wasUncertain: false)
            _ = try await courier.carry(shipment, at: clock)
        }
        let alerts = try asked("/api/v2/alerts", of: server)
        #expect(alerts.first?.object?["labels"] == AlertLabels(odd).json)
        #expect(alerts.first?.object?["fingerprint"]?.text == AlertLabels(odd).fingerprint)
        #expect(try states(of: server) == ["suppressed"])
    }

    @Test func `a test alert arrives and is over at once`() async throws {
        let server = try AlertmanagerServer()
        let test = TestAlert(context: Samples.context, transport: Self.transport) {
            Timestamp(seconds: Int64(Date().timeIntervalSince1970), fractionDigits: 0)
        }
        let receiver = try Samples.receiver(.alertmanager, address: server.address)
        #expect(await test.send(to: receiver).failure == nil)
        #expect(try states(of: server) == [])
    }
}
