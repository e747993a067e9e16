public import Decisions
public import VectorStores

/// Measures the recall that people get: the graph's answers against exact ones, a few at a time.
///
/// Each probe asks the same question of one scope twice, so its cost is one graph walk and one scan, which lets
/// writers in on its way; the caller decides how often. Asked is what people asked lately; where nobody asked
/// anything, stored entries, without what has their very vector, which every walk finds. Ties count as found: see
/// ``AnswerComparison``.
public struct RecallProbe: Sendable {
    /// Neighbours compared per probe.
    public static let neighbours = 10
    /// Probes that the figure over all tenants is over.
    public static let window = 512
    /// How many of a scope's newest decisions its probes go around among.
    public static let newest = 16
    /// How many entries of its own vector a decision that is asked about may have.
    static let mostRepeats = 54

    private let recallGuard: RecallGuard

    /// Creates a probe that tells a guard what it finds.
    public init(_ recallGuard: RecallGuard) { self.recallGuard = recallGuard }

    /// Probes the next of a store's scopes; returns the scope and its step when that is another now.
    ///
    /// Asks the store for its tenants and, once a minute, for how wide it walks by itself: a larger one walks wider.
    public func takeTurn(in store: any DecisionStore) async throws -> (scope: RecallScope, step: RecallStep)?
    {
        let measured = try await RecallTuner.setting(of: store)?.measurement?.breadth
        if measured == nil, recallGuard.recentBreadth == nil {
            recallGuard.setAskedBreadth(try await store.statistics().index.ef)
        }
        return try await takeTurn(
            in: store, tenants: try await store.tenants(), breadth: measured ?? recallGuard.usualBreadth)
    }

    /// Probes the next of a store's scopes, where its own walks have a breadth; returns the scope and its step when
    /// that is another now.
    ///
    /// What the store keeps of scopes in trouble is taken up first, and what changed is kept there, so that other
    /// processes search alike. Of many tenants those with the newest decisions are probed. A table of others is left
    /// alone, since each exact answer would have its server read it whole: its recall is measured when somebody asks.
    public func takeTurn(
        in store: any DecisionStore, tenants: [TenantStatistics], breadth: Int
    ) async throws -> (scope: RecallScope, step: RecallStep)? {
        guard await store.capabilities.holdsDecisions else { return nil }
        try? await recallGuard.synchronize(with: store)
        recallGuard.setUsualBreadth(breadth)
        let active = tenants.sorted {
            ($0.lastTime?.secondsSince1970 ?? 0, $1.tenant) > ($1.lastTime?.secondsSince1970 ?? 0, $0.tenant)
        }
        // Of a store that holds nothing there is nothing to ask but what is kept of it.
        let everything: [RecallScope] = active.isEmpty ? [] : [.everything]
        recallGuard.admit(
            everything + recallGuard.keptScopes + active.map { RecallScope(tenant: $0.tenant) })
        guard let change = try await probeNext(in: store) else { return nil }
        try? await recallGuard.synchronize(with: store)
        return change
    }

    /// Probes the scope whose turn it is; returns the scope and its step when that is another now.
    func probeNext(in store: any VectorStore) async throws -> (scope: RecallScope, step: RecallStep)? {
        guard let turn = recallGuard.nextTurn() else { return nil }
        let sample =
            if let question = turn.question {
                try await sample(question, turn, in: store)
            } else {
                try await storedSample(turn, in: store)
            }
        return sample.flatMap { recallGuard.note($0, of: turn.scope) }.map { (turn.scope, $0) }
    }

    /// Asks again what somebody asked; `nil` when that says nothing any more.
    private func sample(
        _ question: RecallQuestion, _ turn: RecallTurn, in store: any VectorStore
    ) async throws -> RecallSample? {
        var request = SearchRequest(
            target: question.target, query: question.query, limit: Self.neighbours)
        do {
            let truth = try await store.exactSearch(request)
            if turn.breadth == .wide { request.breadth = recallGuard.wideBreadth(of: request) }
            let answer = try await store.search(request)
            // Few entries match it now, and all are compared: that is right, whatever the graph is. A wide walk may
            // cost more than that, which is what widening then does.
            guard !answer.exact || turn.breadth == .wide, let recall = Self.recall(of: answer, against: truth)
            else {
                recallGuard.forget(question, of: turn.scope)
                return nil
            }
            return RecallSample(recall: recall, breadth: turn.breadth, time: recallGuard.now)
        } catch let error as StoreError where [.unknownID, .ambiguousID, .usage].contains(error.code) {
            // The entry that it was to be near to is gone.
            recallGuard.forget(question, of: turn.scope)
            return nil
        }
    }

    /// Asks what is near to a stored entry; `nil` when there is nothing to be found.
    ///
    /// The exact answer comes first: what is stored between both can then only be found, never missed.
    private func storedSample(_ turn: RecallTurn, in store: any VectorStore) async throws -> RecallSample? {
        let own = try await store.search(SearchRequest(query: turn.scope.query, limit: Self.newest)).results
        guard !own.isEmpty else {
            recallGuard.forget(turn.scope)
            return nil
        }
        let stored = own[turn.number % own.count].stored
        var request = SearchRequest(
            target: .like(id: stored.storedID, tenant: stored.decision.tenant), query: turn.scope.query,
            limit: Self.neighbours + repeatsAllowed)
        let truth = try await store.exactSearch(request)
        let repeats = truth.results.count { $0.stored.embedding == stored.embedding }
        // Of a crowd only itself comes back: another entry is asked about at the next turn.
        guard truth.results.count < request.limit || repeats <= repeatsAllowed else { return nil }
        // A walk keeps as many candidates as results are asked for, which must not be more than people's have.
        request.limit = Self.neighbours + repeats
        if turn.breadth == .wide {
            request.breadth = recallGuard.wideBreadth(of: SearchRequest(limit: Self.neighbours))
        }
        var answer = try await store.search(request)
        let isAnsweredExactly = answer.exact
        if isAnsweredExactly, turn.breadth == .usual {
            // The store compares everything by itself: how its graph does is worth knowing all the same.
            request.forcesGraph = true
            answer = try await store.search(request)
        }
        guard let recall = Self.recall(of: answer, against: truth, leavingOut: stored.embedding) else {
            return nil
        }
        return RecallSample(
            recall: recall, breadth: turn.breadth, isAnsweredExactly: isAnsweredExactly,
            time: recallGuard.now)
    }

    /// How many entries of its own vector may be asked for beside the neighbours, without a wider walk.
    private var repeatsAllowed: Int {
        min(Self.mostRepeats, max(0, recallGuard.usualBreadth - Self.neighbours - 1))
    }

    /// The share of the true nearest that an answer found, but for those of one vector; `nil` when there are none.
    public static func recall(
        of answer: SearchAnswer, against truth: SearchAnswer, leavingOut own: Embedding? = nil
    ) -> Double? {
        func nearest(_ answer: SearchAnswer) -> [SearchResult] {
            Array(answer.results.lazy.filter { $0.stored.embedding != own }.prefix(neighbours))
        }
        return AnswerComparison(of: nearest(answer), with: nearest(truth)).recall
    }
}
