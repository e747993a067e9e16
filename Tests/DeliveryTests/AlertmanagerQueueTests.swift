import AnomalyDetection
import Decisions
import Testing

@testable import Delivery

/// What is particular where labels identify an alert, and where alerts lapse.
@Suite struct AlertmanagerQueueTests {
    private func paths(_ shipment: Shipment?, at now: Timestamp) -> [String] {
        (shipment?.requests(context: Samples.context, at: now) ?? []).map {
            "\($0.method.rawValue) \($0.url.dropFirst("http://127.0.0.1:9/alertmanager".count))"
        }
    }

    @Test func `an open alert is sent again before it lapses, and its end for five minutes`() throws {
        var scene = QueueScene([try Samples.receiver(.alertmanager)])
        _ = scene.told([Samples.incident()])
        for _ in 0..<3 {
            scene.wait(1_199)
            #expect(scene.told([Samples.incident()]).isEmpty)
            scene.wait(1)
            #expect(scene.told([Samples.incident()]).map(\.isRenewal) == [true])
        }
        let end = scene.told([Samples.incident(state: .resolved)])
        var repeats = 0
        for _ in 0..<10 {
            scene.wait(60)
            for shipment in scene.told([Samples.incident(state: .resolved)]) {
                repeats += 1
                #expect(shipment.alert.ends == end.first?.alert.ends)
            }
        }
        #expect(repeats == 4 && scene.queue.deliveries.isEmpty)
    }

    @Test func `taking silences, ending takes the silence away`() throws {
        var scene = QueueScene([try Samples.receiver(.alertmanager)])
        let fired = scene.told([Samples.incident()]).first
        #expect(paths(fired, at: scene.now) == ["POST /api/v2/alerts"])
        let taken = scene.told([Samples.incident(state: .acknowledged)], silence: "5e-1").first
        #expect(paths(taken, at: scene.now) == ["POST /api/v2/alerts", "POST /api/v2/silences"])
        let ended = scene.told([Samples.incident(state: .resolved)]).first
        #expect(paths(ended, at: scene.now) == ["POST /api/v2/alerts", "DELETE /api/v2/silence/5e-1"])
    }

    @Test func `a silence is made anew before it ends`() throws {
        var scene = QueueScene([try Samples.receiver(.alertmanager)])
        _ = scene.told([Samples.incident()])
        _ = scene.told([Samples.incident(state: .acknowledged)], silence: "5e-1")
        var made: [[String]] = []
        for _ in 0..<9 {
            scene.wait(1_200)
            let sent = scene.told([Samples.incident(state: .acknowledged)], silence: "5e-2")
            #expect(sent.count == 1)
            made.append(paths(sent.first, at: scene.now))
        }
        let anew = ["POST /api/v2/alerts", "POST /api/v2/silences", "DELETE /api/v2/silence/5e-1"]
        #expect(made.filter { $0.count > 1 } == [anew])
    }

    @Test func `a new incident of a story that was taken is heard`() throws {
        var scene = QueueScene([try Samples.receiver(.alertmanager)])
        _ = scene.told([Samples.incident()])
        _ = scene.told([Samples.incident(state: .acknowledged)], silence: "5e-1")
        let both = [Samples.incident(state: .acknowledged), Samples.incident("M3XQ", first: Samples.now)]
        let sent = scene.told(both)
        #expect(sent.map(\.alert.incident) == ["M3XQ"])
        #expect(paths(sent.first, at: scene.now) == ["DELETE /api/v2/silence/5e-1", "POST /api/v2/alerts"])
        // The first one's end does not end what the second one shares with it.
        #expect(scene.told([Samples.incident(state: .resolved), both[1]]).isEmpty)
        let end = [Samples.incident(state: .resolved), Samples.incident("M3XQ", state: .resolved)]
        #expect(scene.told(end).map(\.alert.status) == [.resolved])
    }

    @Test func `an alert that gets worse ends what it was before`() throws {
        var scene = QueueScene([try Samples.receiver(.alertmanager)])
        _ = scene.told([Samples.incident(severity: .medium)])
        let worse = scene.told([Samples.incident(severity: .critical)])
        #expect(worse.map { $0.ended?["severity"] } == ["warning"])
        #expect(worse.first?.alert.labels["severity"] == "critical")
    }

    @Test func `an event from the future begins now`() throws {
        var scene = QueueScene([try Samples.receiver(.alertmanager)])
        let sent = scene.told([Samples.incident(first: Samples.now.advanced(bySeconds: 86_400))])
        #expect(sent.first?.alert.starts == scene.now)
    }
}
