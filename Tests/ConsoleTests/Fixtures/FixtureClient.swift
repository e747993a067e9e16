import AnomalyDetection
import Decisions
import Locks
import Operations
import VectorStores

/// A client that answers at once from the fixture and remembers what it was asked.
final class FixtureClient: ConsoleClient {
    let asked = Mutex<[String]>([])
    let stream: AsyncStream<ConsoleSnapshot>
    let feed: AsyncStream<ConsoleSnapshot>.Continuation
    /// Every call fails with this sentence.
    let failure: String?
    /// Searches never answer; they end when they are stopped.
    let hangs: Bool
    /// Searches that do not heed being stopped wait here for the end of the test.
    let stuck = Mutex<[CheckedContinuation<Void, Never>]>([])
    let isDeaf: Bool

    init(failure: String? = nil, hangs: Bool = false, isDeaf: Bool = false) {
        self.failure = failure
        self.hangs = hangs
        self.isDeaf = isDeaf
        (stream, feed) = AsyncStream.makeStream(of: ConsoleSnapshot.self)
    }

    private func note(_ call: String) throws {
        asked.withLock { $0.append(call) }
        if let failure { throw StoreError(.inputOutput, failure) }
    }

    /// Lets searches that are stuck end.
    func release() {
        let held = stuck.withLock { held in
            defer { held = [] }
            return held
        }
        for one in held { one.resume() }
    }

    var calls: [String] { asked.withLock { $0 } }

    func snapshots() -> AsyncStream<ConsoleSnapshot> { stream }

    func search(_ request: SearchRequest) async throws -> SearchAnswer {
        try note(
            "search limit=\(request.limit) exact=\(request.exact) query=\(request.query.map { "\($0)" } ?? "-")"
        )
        if hangs { try await Task.sleep(for: .seconds(3_600)) }
        if isDeaf { await withCheckedContinuation { held in stuck.withLock { $0.append(held) } } }
        if request.forcesGraph { return Self.walk(limit: request.limit) }
        var answer = Self.answer(isLike: request.target != nil, limit: request.limit)
        if request.exact, request.target != nil {
            answer.strategy = .exact
            answer.exact = true
            answer.scanned = 11_204
            answer.elapsedMicroseconds = 1_240
        }
        return answer
    }

    /// The answer of a walk that missed two rows and gave another for one of them.
    static func walk(limit: Int) -> SearchAnswer {
        var answer = answer(isLike: true, limit: limit)
        let last = answer.results.last?.similarity ?? 0
        for place in [7, 3] where place < answer.results.count { answer.results.remove(at: place) }
        answer.results.append(
            SearchResult(
                stored: Fixture.stored(Fixture.decision("d-40", "q.costa", "get", "report", "r-40")),
                similarity: last - 0.2))
        answer.scanned = 812
        answer.elapsedMicroseconds = 41
        return answer
    }

    static func answer(isLike: Bool, limit: Int) -> SearchAnswer {
        let principals = ["alice", "svc-deploy", "m.chen"]
        let rows = (0..<12).map { (index: Int) -> Decision in
            let resource: String? = index == 3 ? nil : "inv-\(index)"
            return Fixture.decision(
                "d-\(index)", principals[index % 3], index % 2 == 0 ? "get" : "delete", "invoice", resource,
                effect: Effect.allCases[index % 3], secondsAgo: Int64(index) * 37)
        }
        let results = rows.enumerated().map { index, decision in
            SearchResult(
                stored: Fixture.stored(decision), similarity: isLike ? 0.99 - Float(index) * 0.05 : nil)
        }
        return SearchAnswer(
            strategy: isLike ? .graph : .list, exact: !isLike, scanned: 1_204, elapsedMicroseconds: 88,
            reason: limit > 12 ? "only 12 entries match" : nil, results: Array(results.prefix(limit)))
    }

    func decisions(ids: [String], tenant: String) async throws -> [StoredDecision] {
        try note("decisions \(ids.joined(separator: ",")) of \(tenant)")
        return ids.map {
            Fixture.stored(Fixture.decision($0, "svc-deploy", "get", "secrets", "db", tenant: tenant))
        }
    }

    func triage(_ order: TriageOrder, by person: String?) async throws -> TriageOutcome {
        var outcome = TriageOutcome()
        var word = "undo"
        for id in order.incidents {
            var incident = Fixture.incidents.first { $0.id == id } ?? Fixture.incidents[0]
            if case .act(let act) = order.deed {
                word = act.kind.rawValue
                _ = try incident.perform(act, by: person ?? "sam", at: Fixture.now)
            }
            incident.revision = 5
            outcome.incidents.append(incident)
            outcome.changed.insert(id)
        }
        try note("triage \(word) \(order.incidents.joined(separator: ","))")
        return outcome
    }

    func teach(_ order: TaughtOrder, by person: String?) async throws -> TaughtItem {
        switch order {
        case .suppress: try note("suppress")
        case .withdraw(let id): try note("withdraw \(id)")
        case .restore(let id): try note("restore \(id)")
        }
        return Fixture.taught[0]
    }

    func tuningHistory() async throws -> TuningHistory {
        try note("tuning history")
        return Fixture.tuningHistory
    }

    func startRebuild(_ request: RebuildRequest, by person: String?) async throws -> Int {
        try note("rebuild m=\(request.m.map(String.init) ?? "-")")
        return 4
    }

    func cancelJob(_ id: Int) async { asked.withLock { $0.append("cancel \(id)") } }

    func recallCurve(breadths: [Int]) async throws -> [RecallPoint] {
        try note("curve \(breadths.count)")
        return breadths.map {
            RecallPoint(breadth: $0, recall: 1 - 1.6 / Double($0), p50Microseconds: 12 + Double($0))
        }
    }

    func setRecall(_ target: Double?, by person: String?) async throws -> RecallTuning {
        try note("recall \(target.map { "\($0)" } ?? "off")")
        guard let target else { return RecallTuning(setting: nil, curve: []) }
        return RecallTuning(
            setting: RecallSetting(
                target: target,
                measurement: RecallSetting.Measurement(
                    breadth: 96, recall: 0.9834, p50Microseconds: 108, distinct: 15_022, time: Fixture.now)),
            curve: try await recallCurve(breadths: RecallTuner.breadths))
    }

    func setRecording(
        _ mode: RecordingMode?, tenant: String?, by person: String?
    ) async throws -> RecordingPolicy {
        try note("recording \(tenant ?? "*") \(mode.map { "\($0)" } ?? "default")")
        var policy = RecordingPolicy()
        if let tenant { policy.set(mode, tenant: tenant) } else { policy.others = mode }
        return policy
    }

    func reload(by person: String?) async throws -> String {
        try note("reload")
        return "the configuration was read"
    }

    func activity(_ request: ActivityRequest) async throws -> ActivityHistory {
        try note("activity \(request.tenant ?? "-")")
        return ActivityHistory(
            decisions: Fixture.wave(request.buckets, height: 30),
            denies: Fixture.wave(request.buckets, height: 2))
    }

    func policies(tenant: String?) async throws -> PolicyReport {
        try note("policies \(tenant ?? "-")")
        return Fixture.policies
    }

    func reach(of incident: Incident) async throws -> IncidentReach {
        try note("reach \(incident.id)")
        return Fixture.reach(of: incident)
    }

    func flips(of incident: Incident) async throws -> FlipReport {
        try note("flips \(incident.id)")
        return Fixture.flips(of: incident)
    }

    func score(of incident: Incident, after changes: [FlipChange]) async throws -> FlipScore {
        try note("score \(incident.id) \(changes.map(\.value).joined(separator: " "))")
        return Fixture.score(0.88, isFlagged: false)
    }

    func hunt(_ question: HuntQuestion) async throws -> HuntReport {
        try note("hunt \(question.decision.id) in \(question.tenant ?? "-")")
        return Fixture.hunt
    }

    func change(hunts order: HuntOrder, by person: String?) async throws -> HuntStatus {
        try note("hunts \(order)")
        var status = Fixture.hunts[0]
        if case .remove = order { status.hunt.removed = Hunt.Removal(who: "sam", time: Fixture.now) }
        return status
    }

    func export(_ text: String, suggestedName: String) async throws -> String {
        try note("export \(suggestedName)")
        return "exports/" + suggestedName
    }

    func openLog(path: String, follow: Bool) async throws { try note("open \(path) follow=\(follow)") }

    func startDemo() async throws { try note("demo") }
}
