import Decisions
import VectorStores

/// Whose turn it is to be probed.
struct RecallTurn: Sendable {
    /// The scope.
    var scope: RecallScope
    /// How wide to walk.
    var breadth: RecallSample.Breadth
    /// Which of the scope's newest entries to ask about, counted round, where nobody asked anything.
    var number: Int
    /// What somebody asked, to be asked again.
    var question: RecallQuestion?
}

/// The scopes that are probed in turn, what people asked in them, their recall, and the newest samples.
struct RecallBook: Sendable {
    private struct Watched {
        var recall = TenantRecall()
        /// The turn it last had, counted over all; 0 for none yet.
        var lastTurn: UInt64 = 0
        /// How many turns it had.
        var turns = 0
        /// The newest searches that people asked and a walk answered, oldest first.
        var questions: [RecallQuestion] = []
    }

    /// The breadth of a walk that asks for none.
    var usualBreadth = StoreStatistics.IndexReport().ef
    /// When the store was last asked for it.
    var breadthAsked: Timestamp?
    private var scopes: [RecallScope: Watched] = [:]
    private var turn: UInt64 = 0
    /// At which turn each scope gave way that did lately.
    private var gaveWay: [RecallScope: UInt64] = [:]
    private var asked: UInt64 = 0
    private var newest: [RecallSample] = []
    /// Since when no scope is in trouble.
    private(set) var wellSince: Timestamp
    /// What the store keeps of scopes in trouble, which others may have found.
    private var kept: [RecallScope: RecallTrouble] = [:]
    /// What the store still keeps of scopes that have nothing to ask about any more.
    private var forgotten: Set<RecallScope> = []

    init(start: Timestamp) { wellSince = start }

    /// Remembers scopes, the first ones first, as far as there is room.
    ///
    /// Where there is none, the least recently probed of those that are known to be well gives way; one
    /// that is not judged yet stays until it is, else nobody would ever be. In its place comes who never had a
    /// turn, then who has waited longest: until the others could be judged at least, unless somebody asks.
    mutating func admit(_ names: [RecallScope], isAsked: Bool = false, at now: Timestamp) {
        forgotten.subtract(names)
        var waiting: [RecallScope] = []
        for scope in names where scopes[scope] == nil {
            if scopes.count < RecallGuard.scopesKept {
                enter(scope)
            } else if isAsked || kept[scope] != nil || !waits(scope) {
                waiting.append(scope)
            }
        }
        var leaving = waiting.isEmpty ? [] : settledScopes(at: now)
        guard !leaving.isEmpty else { return }
        for scope in waiting.sorted(by: comesBefore) where scopes[scope] == nil {
            guard let last = leaving.popLast() else { break }
            scopes[last] = nil
            gaveWay[last] = turn
            enter(scope)
        }
        if gaveWay.count > Self.mostRemembered {
            let remembered = gaveWay.filter { waits($0.key) }
            gaveWay = remembered
        }
    }

    private mutating func enter(_ scope: RecallScope) {
        gaveWay[scope] = nil
        scopes[scope] = Watched()
    }

    /// Whether a scope gave way so lately that the others were not all judged since.
    private func waits(_ scope: RecallScope) -> Bool {
        let judging = UInt64(RecallGuard.scopesKept * RecallGuard.leastSamples)
        return gaveWay[scope].map { turn - $0 < judging } ?? false
    }

    /// Who is in trouble comes first, then who never had a turn.
    private func comesBefore(_ one: RecallScope, _ other: RecallScope) -> Bool {
        func rank(_ scope: RecallScope) -> UInt64 {
            kept[scope] != nil ? 0 : gaveWay[scope].map { $0 + 2 } ?? 1
        }
        return rank(one) < rank(other)
    }

    /// Of more that gave way only those are remembered that still wait.
    private static let mostRemembered = 4_096

    /// The scopes in trouble that the store keeps, to be probed here too: nobody else may be there to find
    /// them well, or gone.
    var keptScopes: [RecallScope] { kept.keys.sorted() }

    /// Those that are judged and well, or that give nothing to judge, the least recently probed last; not the searches
    /// that name no tenant.
    private func settledScopes(at now: Timestamp) -> [RecallScope] {
        scopes.filter { scope, watched in
            let isSettled =
                (watched.recall.judged(at: now)?.samples ?? 0) >= RecallGuard.leastSamples
                || watched.turns >= 2 * RecallGuard.leastSamples
            return scope != .everything && watched.recall.step == .usual && isSettled
        }.sorted { ($0.value.lastTurn, $0.key) > ($1.value.lastTurn, $1.key) }.map(\.key)
    }

    /// Remembers what somebody asked, in place of the oldest that is.
    mutating func note(asked request: SearchRequest, at now: Timestamp) {
        guard let target = request.target else { return }
        let scope = request.recallScope
        admit([scope], isAsked: true, at: now)
        asked += 1
        scopes[scope]?.questions.append(
            RecallQuestion(number: asked, target: target, query: request.query))
        if let count = scopes[scope]?.questions.count, count > RecallGuard.questionsKept {
            scopes[scope]?.questions.removeFirst()
        }
    }

    /// Forgets a question that cannot be asked any more, or tells nothing.
    mutating func forget(_ question: RecallQuestion, of scope: RecallScope) {
        scopes[scope]?.questions.removeAll { $0.number == question.number }
    }

    /// Gives the least recently probed scope a turn; `nil` when none is remembered.
    mutating func nextTurn() -> RecallTurn? {
        guard
            let scope = scopes.min(by: { ($0.value.lastTurn, $0.key) < ($1.value.lastTurn, $1.key) })?.key,
            var watched = scopes[scope]
        else { return nil }
        turn += 1
        watched.lastTurn = turn
        watched.turns += 1
        scopes[scope] = watched
        // While widened, each question is asked at both breadths.
        let isWidened = watched.recall.step == .widened
        let isWide = isWidened && watched.turns.isMultiple(of: 2)
        let number = isWidened ? (watched.turns + 1) / 2 : watched.turns
        let questions = watched.questions
        return RecallTurn(
            scope: scope, breadth: isWide ? .wide : .usual, number: number,
            question: questions.isEmpty ? nil : questions[number % questions.count])
    }

    /// Takes up a sample of a scope; returns its step when that is another now.
    mutating func note(_ sample: RecallSample, of scope: RecallScope) -> RecallStep? {
        guard var watched = scopes[scope] else { return nil }
        if sample.breadth == .usual {
            newest.append(sample)
            if newest.count > RecallProbe.window { newest.removeFirst() }
        }
        let before = step(of: scope)
        watched.recall.note(sample)
        scopes[scope] = watched
        let after = step(of: scope)
        if after == .usual, before != .usual { wellSince = sample.time }
        return after == before ? nil : after
    }

    /// Forgets a scope that has nothing to ask about any more.
    mutating func forget(_ scope: RecallScope, at now: Timestamp) {
        if step(of: scope) != .usual { wellSince = now }
        scopes[scope] = nil
        kept[scope] = nil
        forgotten.insert(scope)
    }

    /// Takes up what a store keeps; what began before its index was built anew is judged anew.
    mutating func take(_ troubles: RecallTroubles?, rebuilt: Timestamp?) {
        if let troubles, scopes.isEmpty { usualBreadth = troubles.breadth }
        let told = troubles?.begun(after: rebuilt).scopes ?? [:]
        // Only until whoever writes has left it out.
        forgotten.formIntersection(told.keys)
        kept = told.filter { !forgotten.contains($0.key) }
        guard let rebuilt else { return }
        for scope in Array(scopes.keys) { scopes[scope]?.recall.forget(before: rebuilt) }
        for (scope, watched) in scopes where watched.recall.since.map({ $0 <= rebuilt }) ?? false {
            scopes[scope]?.recall = TenantRecall()
            wellSince = max(wellSince, rebuilt)
        }
    }

    /// How searches of a scope are asked: as this process found, or as the store keeps it until it has.
    func step(of scope: RecallScope) -> RecallStep {
        let own = scopes[scope]?.recall
        if let own, own.step == .usual, own.isJudged(since: kept[scope]?.since) { return .usual }
        return max(own?.step ?? .usual, kept[scope]?.step ?? .usual)
    }

    /// The scopes in trouble, and what is done about them.
    func troubles(at now: Timestamp) -> RecallTroubles {
        var troubles = RecallTroubles(breadth: usualBreadth)
        for scope in Set(scopes.keys).union(kept.keys) {
            let step = step(of: scope)
            guard step != .usual else { continue }
            let own = scopes[scope]?.recall
            let known = kept[scope]
            let judged = own?.judged(at: now)
            troubles.scopes[scope] = RecallTrouble(
                step: step, since: own?.since ?? known?.since ?? now,
                recall: judged?.recall ?? known?.recall,
                samples: judged?.samples ?? known?.samples ?? 0)
        }
        return troubles
    }

    /// The recall over the newest samples of all scopes; `nil` before the first.
    func summary(at now: Timestamp) -> RecallSummary? {
        guard let last = newest.map(\.time).max() else { return nil }
        return RecallSummary(
            recall: newest.reduce(0) { $0 + $1.recall } / Double(newest.count), samples: newest.count,
            ageSeconds: max(0, now.secondsSince1970 - last.secondsSince1970))
    }

    /// The recall of each tenant that was sampled in the last hour.
    func summaries(at now: Timestamp) -> [ByteKey: TenantRecallSummary] {
        var summaries: [ByteKey: TenantRecallSummary] = [:]
        for case (.tenant(let key), let watched) in scopes {
            summaries[key] = watched.recall.summary(at: now)
            summaries[key]?.step = step(of: .tenant(key))
        }
        return summaries
    }
}
