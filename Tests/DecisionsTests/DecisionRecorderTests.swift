import Decisions
import Testing

@Suite struct DecisionRecorderTests {
    private func decision(_ number: Int) -> Decision {
        Decision(
            id: "\(number)", time: Timestamp(seconds: 0), principal: Principal(id: "p"),
            resource: Resource(kind: "k"), actions: ["a"], effect: .allow)
    }

    @Test func `decisions come out in the order they went in`() {
        let recorder = DecisionRecorder(capacity: 10)
        for number in 0..<5 { #expect(recorder.record(decision(number))) }
        #expect(recorder.pending == 5)
        #expect(recorder.drain(max: 2).map(\.id) == ["0", "1"])
        #expect(recorder.drain().map(\.id) == ["2", "3", "4"])
        #expect(recorder.drain().isEmpty)
        #expect(recorder.recorded == 5)
        #expect(recorder.dropped == 0)
    }

    @Test func `a full recorder drops and counts`() {
        let recorder = DecisionRecorder(capacity: 3)
        let taken = (0..<5).map { recorder.record(decision($0)) }
        #expect(taken == [true, true, true, false, false])
        #expect(recorder.dropped == 2)
        #expect(recorder.drain().map(\.id) == ["0", "1", "2"])
        #expect(recorder.record(decision(9)))
    }

    @Test func `what a small batch left waiting counts as held and keeps its order`() {
        let recorder = DecisionRecorder(capacity: 4)
        for number in 0..<4 { recorder.record(decision(number)) }
        #expect(recorder.drain(max: 1).map(\.id) == ["0"])
        #expect(recorder.pending == 3)
        #expect((4..<7).map { recorder.record(decision($0)) } == [true, false, false])
        #expect(recorder.drain(max: 2).map(\.id) == ["1", "2"])
        #expect(recorder.drain().map(\.id) == ["3"])
        #expect(recorder.drain().map(\.id) == ["4"])
        #expect(recorder.pending == 0)
    }

    /// Moving what is left at each batch, while producers wait, does not end in time.
    @Test(.timeLimit(.minutes(5))) func `small batches of a full recorder move nothing`() {
        let count = 100_000
        let recorder = DecisionRecorder(capacity: count)
        let one = decision(1)
        for _ in 0..<count { recorder.record(one) }
        var drained = 0
        while !recorder.drain(max: 1).isEmpty { drained += 1 }
        #expect(drained == count)
    }

    @Test func `recycled memory holds nothing old`() {
        let recorder = DecisionRecorder(capacity: 4)
        recorder.record(decision(1))
        recorder.recycle(recorder.drain())
        #expect(recorder.drain().isEmpty)
        recorder.record(decision(2))
        #expect(recorder.drain().map(\.id) == ["2"])
    }

    @Test func `a policy leaves decisions out, which is counted and is no drop`() {
        let recorder = DecisionRecorder(
            capacity: 200, policy: RecordingPolicy(RecordingMode(percent: 25) ?? .on))
        let taken = (0..<400).map { recorder.record(decision($0)) }
        #expect(taken.allSatisfy { $0 })
        let expected = (0..<400).map(String.init).filter { recorder.policy.takes(id: $0, tenant: "") }
        #expect(recorder.drain().map(\.id) == expected)
        #expect(recorder.recorded == expected.count && recorder.leftOut == 400 - expected.count)
        #expect(recorder.dropped == 0)
    }

    @Test func `a policy can be changed while decisions come, and counts from the next one on`() {
        let recorder = DecisionRecorder(capacity: 1)
        recorder.policy = RecordingPolicy(.off)
        for number in 0..<3 { #expect(recorder.record(decision(number))) }
        #expect(recorder.pending == 0 && recorder.leftOut == 3)
        var policy = RecordingPolicy(.off)
        policy.set(.on, tenant: "")
        recorder.policy = policy
        #expect(recorder.record(decision(3)) && !recorder.record(decision(4)))
        #expect(recorder.recorded == 1 && recorder.dropped == 1 && recorder.leftOut == 3)
        recorder.policy = RecordingPolicy()
        #expect(recorder.drain().map(\.id) == ["3"])
        #expect(recorder.record(decision(5)) && recorder.policy.takesAll)
    }

    @Test func `changes of the policy and decisions of many producers add up`() async {
        let recorder = DecisionRecorder(capacity: 10_000)
        await withTaskGroup(of: Void.self) { group in
            for producer in 0..<3 {
                group.addTask {
                    for number in 0..<2_000 { recorder.record(decision(producer * 2_000 + number)) }
                }
            }
            group.addTask {
                for turn in 0..<200 { recorder.policy = RecordingPolicy(turn % 2 == 0 ? .off : .on) }
            }
        }
        #expect(recorder.recorded + recorder.leftOut == 6_000)
        #expect(recorder.drain().count == recorder.recorded && recorder.dropped == 0)
    }

    @Test func `many producers lose nothing that was taken`() async {
        let recorder = DecisionRecorder(capacity: 500)
        var drained: [Decision] = []
        await withTaskGroup(of: Void.self) { group in
            for producer in 0..<4 {
                group.addTask {
                    for number in 0..<1000 { recorder.record(decision(producer * 1000 + number)) }
                }
            }
            for await _ in group { drained += recorder.drain(max: 100) }
        }
        drained += recorder.drain()
        #expect(Set(drained.map(\.id)).count == drained.count)
        #expect(drained.count == recorder.recorded)
        #expect(recorder.recorded + recorder.dropped == 4000)
    }

    @Test func `a run delivers what waits and ends when it is cancelled`() async throws {
        let recorder = DecisionRecorder(capacity: 100)
        for number in 0..<10 { recorder.record(decision(number)) }
        let (batches, feed) = AsyncStream<[Decision]>.makeStream()
        let task = Task {
            try await recorder.run(every: .milliseconds(1), on: ContinuousClock(), batch: 4) { batch in
                feed.yield(batch)
                if batch.contains(where: { $0.id == "last" }) { feed.finish() }
            }
        }
        var last = decision(0)
        last.id = "last"
        recorder.record(last)
        var ids: [String] = []
        for await batch in batches {
            #expect(batch.count <= 4)
            ids += batch.map(\.id)
        }
        #expect(ids == (0..<10).map(String.init) + ["last"])
        task.cancel()
        try await task.value
    }

    @Test func `an error of the receiver ends a run`() async {
        struct Refused: Error {}
        let recorder = DecisionRecorder(capacity: 1)
        recorder.record(decision(0))
        await #expect(throws: Refused.self) {
            try await recorder.run(every: .seconds(1), on: ContinuousClock()) { _ in throw Refused() }
        }
    }
}
