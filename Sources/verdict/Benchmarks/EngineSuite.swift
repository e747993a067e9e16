import Decisions
import Operations
import PolicyEngine

/// Measures what an engine's check costs alone and while it records, in turns, and what recording costs by itself.
enum EngineSuite {
    /// Calls that are timed together; fewer than a recorder holds, so that none is dropped.
    private static let slice = 1_000

    static func run(decisions count: Int) async throws {
        let sample = try EmbedSuite.generatedSample(count)
        let requests = sample.map { AccessRequest(asking: $0) }
        let policies = try SamplePolicySet.load()
        let recorder = DecisionRecorder()
        let consumer = emptying(recorder)
        var alone = Run(PolicyEngine(policies: policies, clock: CallTimes.now) { _ in }, calls: count)
        var recording = Run(
            PolicyEngine(policies: policies, clock: CallTimes.now, recorder: recorder), calls: count)
        for (turn, place) in stride(from: 0, to: count, by: slice).enumerated() {
            let places = place..<min(place + slice, count)
            try await empty(recorder)
            // In turns, and each goes first as often, so that the machine's moods are the same for both.
            if turn % 2 == 0 { alone.check(requests[places]) }
            recording.check(requests[places])
            if turn % 2 == 1 { alone.check(requests[places]) }
        }
        consumer.cancel()
        let delivered = try await consumer.value
        let record = try await recordTimes(sample)
        let added = recording.times.quantile(0.5) - alone.times.quantile(0.5)
        try StandardOutput.shared.write(json: [
            "suite": .string("engine"), "measure": .string("calls"), "checks": .integer(count),
            "check_p50_us": microseconds(alone.times, 0.5), "check_p99_us": microseconds(alone.times, 0.99),
            "check_per_second": .decimal(Double(count) / alone.seconds, digits: 0),
            "recording_p50_us": microseconds(recording.times, 0.5),
            "recording_p99_us": microseconds(recording.times, 0.99),
            "recording_per_second": .decimal(Double(count) / recording.seconds, digits: 0),
            "recording_added_us": .decimal(added / 1_000, digits: 3),
            "record_p50_ns": .decimal(record.quantile(0.5), digits: 0),
            "record_p99_ns": .decimal(record.quantile(0.99), digits: 0),
            "clock_ns": .decimal(CallTimes.clockCost, digits: 0),
            "recorded": .integer(recorder.recorded), "delivered": .integer(delivered),
            "dropped": .integer(recorder.dropped),
        ])
    }

    /// Empties a recorder until cancelled, and tells how much came.
    private static func emptying(_ recorder: DecisionRecorder) -> Task<Int, any Error> {
        Task {
            var delivered = 0
            try await recorder.run(every: .milliseconds(1), on: ContinuousClock()) { delivered += $0.count }
            return delivered
        }
    }

    /// How long recording takes by itself, while a consumer empties the recorder.
    private static func recordTimes(_ sample: [Decision]) async throws -> CallTimes {
        let recorder = DecisionRecorder()
        let consumer = emptying(recorder)
        var times = CallTimes(capacity: sample.count)
        for place in sample.indices {
            if place % slice == 0 { try await empty(recorder) }
            // An engine hands over a decision that it has made: the copy is not the recorder's.
            let decision = sample[place]
            let began = CallTimes.now()
            recorder.record(consume decision)
            times.add(since: began)
        }
        consumer.cancel()
        _ = try await consumer.value
        return times
    }

    /// One engine and how long its checks took.
    private struct Run {
        let engine: PolicyEngine
        var times: CallTimes
        var seconds = 0.0

        init(_ engine: PolicyEngine, calls: Int) {
            self.engine = engine
            times = CallTimes(capacity: calls)
        }

        mutating func check(_ requests: ArraySlice<AccessRequest>) {
            let began = ContinuousClock().now
            for request in requests {
                let started = CallTimes.now()
                _ = engine.check(request)
                times.add(since: started)
            }
            seconds += began.secondsUntilNow
        }
    }

    /// Waits until the consumer has taken everything.
    private static func empty(_ recorder: DecisionRecorder) async throws {
        while recorder.pending > 0 { try await Task.sleep(for: .microseconds(200)) }
    }

    private static func microseconds(_ times: CallTimes, _ share: Double) -> JSONValue {
        .decimal(times.quantile(share) / 1_000, digits: 3)
    }
}

extension AccessRequest {
    /// The request that a decision answered.
    init(asking decision: Decision) {
        self.init(
            id: decision.id, time: decision.time, tenant: decision.tenant, principal: decision.principal,
            resource: decision.resource, actions: decision.actions)
        source = decision.source
    }
}
