import Decisions
import Operations
import PolicyEngine

/// Measures what an engine's check costs alone, and with a recorder that is emptied beside it.
enum EngineSuite {
    static func run(decisions count: Int) async throws {
        let policies = try SamplePolicySet.load()
        let requests = try EmbedSuite.generatedSample(count).map { decision in
            var request = AccessRequest(
                id: decision.id, time: decision.time, tenant: decision.tenant, principal: decision.principal,
                resource: decision.resource, actions: decision.actions)
            request.source = decision.source
            return request
        }
        let origin = ContinuousClock().now
        let clock: @Sendable () -> Int64 = {
            let elapsed = (ContinuousClock().now - origin).components
            return elapsed.seconds * 1_000_000_000 + elapsed.attoseconds / 1_000_000_000
        }
        let alone = check(requests, PolicyEngine(policies: policies, clock: clock) { _ in })
        let recorder = DecisionRecorder()
        let consumer = Task { () async throws -> Int in
            var delivered = 0
            try await recorder.run(every: .milliseconds(1), on: ContinuousClock()) { delivered += $0.count }
            return delivered
        }
        let recording = check(
            requests, PolicyEngine(policies: policies, clock: clock, recorder: recorder))
        consumer.cancel()
        let delivered = try await consumer.value
        try StandardOutput.shared.write(json: [
            "suite": .string("engine"), "checks": .integer(count),
            "check_p50_us": .decimal(alone.times.quantile(0.5) ?? 0, digits: 2),
            "check_p99_us": .decimal(alone.times.quantile(0.99) ?? 0, digits: 2),
            "recording_p50_us": .decimal(recording.times.quantile(0.5) ?? 0, digits: 2),
            "recording_p99_us": .decimal(recording.times.quantile(0.99) ?? 0, digits: 2),
            "recording_per_second": .decimal(Double(count) / recording.seconds, digits: 0),
            "recorded": .integer(recorder.recorded), "delivered": .integer(delivered),
            "dropped": .integer(recorder.dropped),
        ])
    }

    private static func check(_ requests: [AccessRequest], _ engine: PolicyEngine) -> (
        times: LatencyHistogram, seconds: Double
    ) {
        var times = LatencyHistogram()
        let began = ContinuousClock().now
        for request in requests {
            let started = ContinuousClock().now
            _ = engine.check(request)
            times.record(microseconds: started.secondsUntilNow * 1e6)
        }
        return (times, began.secondsUntilNow)
    }
}
