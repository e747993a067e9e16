import Decisions
import VectorStores

/// Whose turn it is to be probed.
struct RecallTurn: Sendable, Hashable {
    /// The tenant.
    var tenant: String
    /// How wide to walk.
    var breadth: RecallSample.Breadth
    /// Which of the tenant's newest to ask about, counted round.
    var number: Int
}

/// The tenants that are probed in turn, their recall, and the newest samples of all.
struct RecallBook: Sendable {
    private struct Watched {
        var recall = TenantRecall()
        /// The turn it last had, counted over all; 0 for none yet.
        var lastTurn: UInt64 = 0
        /// How many turns it had.
        var turns = 0
    }

    /// The breadth of a walk that asks for none.
    var usualBreadth = StoreStatistics.IndexReport().ef
    private var tenants: [ByteKey: Watched] = [:]
    private var turn: UInt64 = 0
    private var newest: [RecallSample] = []
    private var wellSince: Timestamp

    init(start: Timestamp) { wellSince = start }

    /// Remembers tenants, the first ones first, as far as there is room.
    ///
    /// Where there is none, the least recently probed of those that are known to be well gives way; one
    /// that is not judged yet stays until it is, else nobody would ever be.
    mutating func admit(_ names: [String], at now: Timestamp) {
        var settled: [ByteKey]?
        for key in names.lazy.map({ ByteKey($0) }) where tenants[key] == nil {
            if tenants.count >= RecallGuard.tenantsKept {
                var leaving = settled ?? settledTenants(at: now)
                guard let last = leaving.popLast() else { return }
                settled = leaving
                tenants[last] = nil
            }
            tenants[key] = Watched()
        }
    }

    /// Those that are judged and well, the least recently probed last.
    private func settledTenants(at now: Timestamp) -> [ByteKey] {
        tenants.filter { _, watched in
            watched.recall.step == .usual && watched.recall.summary(at: now)?.isJudged == true
        }.sorted { ($0.value.lastTurn, $0.key) > ($1.value.lastTurn, $1.key) }.map(\.key)
    }

    /// Gives the least recently probed tenant a turn; `nil` when none is remembered.
    mutating func nextTurn() -> RecallTurn? {
        guard
            let key = tenants.min(by: { ($0.value.lastTurn, $0.key) < ($1.value.lastTurn, $1.key) })?.key,
            var watched = tenants[key]
        else { return nil }
        turn += 1
        watched.lastTurn = turn
        watched.turns += 1
        tenants[key] = watched
        // While widened, each question is asked at both breadths.
        guard watched.recall.step == .widened else {
            return RecallTurn(tenant: key.text, breadth: .usual, number: watched.turns)
        }
        let isWide = watched.turns.isMultiple(of: 2)
        return RecallTurn(
            tenant: key.text, breadth: isWide ? .wide : .usual, number: (watched.turns + 1) / 2)
    }

    /// Takes up a sample of a tenant; returns its step when that is another now.
    mutating func note(_ sample: RecallSample, of tenant: String) -> RecallStep? {
        let key = ByteKey(tenant)
        guard var watched = tenants[key] else { return nil }
        if sample.breadth == .usual {
            newest.append(sample)
            if newest.count > RecallProbe.window { newest.removeFirst() }
        }
        let before = watched.recall.step
        watched.recall.note(sample)
        tenants[key] = watched
        let after = watched.recall.step
        if after == .usual, before != .usual { wellSince = sample.time }
        return after == before ? nil : after
    }

    /// Forgets a tenant that has nothing to ask about any more.
    mutating func forget(_ tenant: String, at now: Timestamp) {
        let gone = tenants.removeValue(forKey: ByteKey(tenant))
        if let gone, gone.recall.step != .usual { wellSince = now }
    }

    /// How searches of a tenant are asked.
    func step(of tenant: String) -> RecallStep { tenants[ByteKey(tenant)]?.recall.step ?? .usual }

    /// The recall over the newest samples of all tenants; `nil` before the first.
    func summary(at now: Timestamp) -> RecallSummary? {
        guard let last = newest.map(\.time).max() else { return nil }
        return RecallSummary(
            recall: newest.reduce(0) { $0 + $1.recall } / Double(newest.count), samples: newest.count,
            ageSeconds: max(0, now.secondsSince1970 - last.secondsSince1970))
    }

    /// The recall of each tenant that was sampled in the last hour.
    func summaries(at now: Timestamp) -> [ByteKey: TenantRecallSummary] {
        tenants.compactMapValues { $0.recall.summary(at: now) }
    }
}

extension RecallBook {
    /// One check for each tenant below the floor, the worst first; else one that says how well all is.
    func checks(at now: Timestamp) -> [HealthCheck] {
        let below = tenants.filter { $0.value.recall.step != .usual }.map { key, watched in
            (key: key, recall: watched.recall, summary: watched.recall.summary(at: now))
        }.sorted { ($0.summary?.recall ?? 1, $0.key) < ($1.summary?.recall ?? 1, $1.key) }
        guard !below.isEmpty else {
            return summary(at: now).map { summary in
                HealthCheck(
                    name: RecallGuard.checkName, status: .ok, since: wellSince,
                    detail: "\(Self.percent(summary.recall)) of \(summary.samples) sampled searches")
            }.map { [$0] } ?? []
        }
        let more = below.count - RecallGuard.maximumChecks
        return below.prefix(RecallGuard.maximumChecks).enumerated().map { place, tenant in
            let name = tenant.key.text.isEmpty ? "(none)" : tenant.key.text
            let others = place == RecallGuard.maximumChecks - 1 && more > 0 ? "; so are \(more) more" : ""
            return HealthCheck(
                name: "\(RecallGuard.checkName) \(name)", status: .degraded,
                since: tenant.recall.since ?? now,
                detail: Self.detail(tenant.summary, tenant.recall.step) + others)
        }
    }

    private static func detail(_ summary: TenantRecallSummary?, _ step: RecallStep) -> String {
        let found = summary.map { "\(percent($0.recall)) of \($0.samples) sampled searches, " } ?? ""
        let done =
            step == .exact ? "searches compare everything" : "searches walk \(RecallGuard.widening)x as wide"
        return "\(found)below \(percent(RecallGuard.floor)): \(done) until the index is rebuilt"
    }

    private static func percent(_ share: Double) -> String {
        let tenths = Int((share * 1_000).rounded(.down))
        return tenths % 10 == 0 ? "\(tenths / 10) %" : "\(tenths / 10).\(tenths % 10) %"
    }
}
