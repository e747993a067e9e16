public import Decisions
import Locks
public import VectorStores

/// Keeps searches right where the graph is not: wider where live recall falls below the floor, and exact
/// where that is not enough either, until the graph is well again.
///
/// Each tenant is judged for itself, and searches that name none as one more. Fed by ``RecallProbe``; shared
/// by everything that searches for people. What is done is a record of the store, written by whoever writes
/// it, so that other processes search and report alike.
public final class RecallGuard: Sendable {
    /// The recall that no tenant may stay below.
    public static let floor = 0.95
    /// Samples that a judgement takes, into trouble and out of it.
    public static let leastSamples = 16
    /// The newest samples of each tenant, by which it is judged.
    public static let samplesKept = 64
    /// How long a sample counts for its tenant, in seconds, while its recall is not below the floor.
    public static let windowSeconds: Int64 = 3_600
    /// How long one does that is needed for a judgement: with all scopes remembered, one probed every ten seconds, a
    /// judgement takes three hours.
    public static let seldomSeconds: Int64 = 6 * 3_600
    /// Tenants remembered, and the searches that name none.
    public static let scopesKept = 65
    /// Searches of people remembered for each, to be asked again.
    public static let questionsKept = 32
    /// How many times as wide searches are asked first.
    public static let widening = 4
    /// How long a store is not asked again how wide it walks, in seconds.
    static let breadthSeconds: Int64 = 60
    /// Tenants that health names.
    public static let maximumChecks = 5
    /// What the check of recall is called, alone or before a tenant's name.
    public static let checkName = "recall"

    private let book: Mutex<RecallBook>
    private let clock: @Sendable () -> Timestamp

    /// Creates a guard that has heard of nothing yet and changes no search.
    public init(clock: @escaping @Sendable () -> Timestamp) {
        self.clock = clock
        book = Mutex(RecallBook(start: clock()))
    }

    /// Answers a search as it is to be asked, and remembers it if a walk answered.
    public func search(_ request: SearchRequest, in store: any VectorStore) async throws -> SearchAnswer {
        let guarded = guarded(request)
        let isExactByForce = guarded.exact && !request.exact
        // Whom nobody asked to compare everything must not keep who writes waiting.
        let answer = try await isExactByForce ? store.exactSearch(guarded) : store.search(guarded)
        // What is answered exactly says nothing of the graph.
        if !answer.exact, isGuarded(request) {
            let now = clock()
            book.withLock { $0.note(asked: request, at: now) }
        }
        return answer
    }

    /// The request as it is to be asked: wider or exact when the recall of its scope is below the floor.
    public func guarded(_ request: SearchRequest) -> SearchRequest {
        var guarded = request
        switch step(of: request) {
        case .usual: break
        case .widened: guarded.breadth = wideBreadth(of: request)
        case .exact: guarded.exact = true
        }
        return guarded
    }

    /// How a request is to be asked.
    ///
    /// Its scope is the tenant its query is bound to, else all; then it is also asked as the tenant of the
    /// entry is that it is to be near to.
    public func step(of request: SearchRequest) -> RecallStep {
        guard isGuarded(request) else { return .usual }
        return book.withLock { book in request.guardingScopes.map { book.step(of: $0) }.max() ?? .usual }
    }

    private func isGuarded(_ request: SearchRequest) -> Bool {
        request.target != nil && !request.exact && !request.forcesGraph
    }

    /// The recall over the newest samples of all; `nil` before the first.
    public func summary() -> RecallSummary? {
        let now = clock()
        return book.withLock { $0.summary(at: now) }
    }

    /// The recall of each tenant that was sampled in the last hour.
    public func summaries() -> [ByteKey: TenantRecallSummary] {
        let now = clock()
        return book.withLock { $0.summaries(at: now) }
    }

    /// What health says of recall: a line for each scope below the floor, or one for all.
    public func checks() -> [HealthCheck] {
        let now = clock()
        return book.withLock { $0.checks(at: now) }
    }

    // MARK: What the store keeps

    /// Takes up what a store keeps of scopes in trouble.
    public func takeUp(from store: any DecisionStore) async throws {
        _ = try await takeUpKept(from: store)
    }

    /// Takes up what a store keeps, and keeps there what changed; a reader only takes up.
    func synchronize(with store: any DecisionStore) async throws {
        let (kept, revision) = try await takeUpKept(from: store)
        guard await store.capabilities.readOnlyReason == nil else { return }
        let now = clock()
        let troubles = book.withLock { $0.troubles(at: now) }.kept
        guard !troubles.asksAlike(kept) else { return }
        do {
            try await store.write([troubles.change(expected: revision)])
        } catch let error as StoreError where error.code == .revisionConflict {
            // Somebody else's is taken up at the next look.
        }
    }

    private func takeUpKept(
        from store: any DecisionStore
    ) async throws -> (troubles: RecallTroubles?, revision: UInt64) {
        let kept = try await RecallTroubles.kept(in: store)
        let rebuilt = try await JobRecord.lastRebuild(of: store)
        let measured = try await RecallTuner.setting(of: store)?.measurement
        book.withLock { book in
            book.take(kept.troubles, rebuilt: rebuilt)
            // What the store walks by now, however wide it did when the troubles were kept.
            if let measured { book.usualBreadth = measured.breadth }
        }
        return kept
    }

    // MARK: For the probe

    /// How wide a search is asked while it is widened.
    func wideBreadth(of request: SearchRequest) -> Int {
        let usual = request.breadth ?? usualBreadth
        return min(SearchRequest.maximumBreadth, max(usual, request.limit) * Self.widening)
    }

    /// How wide the store walks by itself.
    var usualBreadth: Int { book.withLock { $0.usualBreadth } }

    /// Says how wide the store walks by itself.
    func setUsualBreadth(_ breadth: Int) { book.withLock { $0.usualBreadth = breadth } }

    /// The breadth of a walk that asks for none, if the store was asked for it lately: telling it takes a look at all
    /// of its index.
    var recentBreadth: Int? {
        let now = clock()
        let oldest = now.advanced(bySeconds: -Self.breadthSeconds)
        return book.withLock { book in
            book.breadthAsked.flatMap { $0 > oldest && $0 <= now ? book.usualBreadth : nil }
        }
    }

    /// Notes what a store that was asked for it says.
    func setAskedBreadth(_ breadth: Int) {
        let now = clock()
        book.withLock { book in
            book.usualBreadth = breadth
            book.breadthAsked = now
        }
    }

    /// The scopes in trouble that the store keeps.
    var keptScopes: [RecallScope] { book.withLock { $0.keptScopes } }

    /// Remembers scopes to probe, the first ones first.
    func admit(_ scopes: [RecallScope]) {
        let now = clock()
        book.withLock { $0.admit(scopes, at: now) }
    }

    /// Whose turn it is; `nil` when no scope is remembered.
    func nextTurn() -> RecallTurn? { book.withLock { $0.nextTurn() } }

    /// Takes up a sample; returns the scope's step when that is another now.
    func note(_ sample: RecallSample, of scope: RecallScope) -> RecallStep? {
        book.withLock { $0.note(sample, of: scope) }
    }

    /// Forgets a question that cannot be asked any more, or tells nothing.
    func forget(_ question: RecallQuestion, of scope: RecallScope) {
        book.withLock { $0.forget(question, of: scope) }
    }

    /// Forgets a scope that has nothing to ask about any more.
    func forget(_ scope: RecallScope) {
        let now = clock()
        book.withLock { $0.forget(scope, at: now) }
    }

    /// The time that samples are taken at.
    var now: Timestamp { clock() }
}
