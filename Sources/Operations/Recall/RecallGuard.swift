public import Decisions
import Locks
public import VectorStores

/// Keeps searches right where the graph is not: a tenant whose live recall falls below the floor is
/// searched with a wider walk, and exactly when that is not enough either, until the graph is well again.
///
/// Fed by ``RecallProbe``; shared by everything that searches for people.
public final class RecallGuard: Sendable {
    /// The recall that no tenant may stay below.
    public static let floor = 0.95
    /// Samples that a judgement takes, into trouble and out of it.
    public static let leastSamples = 16
    /// Samples kept for each tenant.
    public static let samplesKept = 64
    /// How long a sample counts for its tenant, in seconds, while its recall is not below the floor.
    public static let windowSeconds: Int64 = 3_600
    /// Tenants remembered.
    public static let tenantsKept = 64
    /// How many times as wide searches are asked first.
    public static let widening = 4
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

    /// The request as it is to be asked: wider or exact when its tenant's recall is below the floor.
    ///
    /// Its tenant is the one the query is bound to, else that of the entry it is to be near to.
    public func guarded(_ request: SearchRequest) -> SearchRequest {
        guard let target = request.target, !request.exact, !request.forcesGraph else { return request }
        var tenant = request.query?.tenantScope
        if tenant == nil, case .like(_, let named) = target { tenant = named }
        guard let tenant else { return request }
        var guarded = request
        switch book.withLock({ $0.step(of: tenant) }) {
        case .usual: break
        case .widened: guarded.breadth = wideBreadth(of: request)
        case .exact: guarded.exact = true
        }
        return guarded
    }

    /// The recall over the newest samples of all tenants; `nil` before the first.
    public func summary() -> RecallSummary? {
        let now = clock()
        return book.withLock { $0.summary(at: now) }
    }

    /// The recall of each tenant that was sampled in the last hour.
    public func summaries() -> [ByteKey: TenantRecallSummary] {
        let now = clock()
        return book.withLock { $0.summaries(at: now) }
    }

    /// What health says of recall: a line for each tenant below the floor, or one for all.
    public func checks() -> [HealthCheck] {
        let now = clock()
        return book.withLock { $0.checks(at: now) }
    }

    // MARK: For the probe

    /// How wide a search is asked while it is widened.
    func wideBreadth(of request: SearchRequest) -> Int {
        let usual = request.breadth ?? book.withLock { $0.usualBreadth }
        return min(SearchRequest.maximumBreadth, max(usual, request.limit) * Self.widening)
    }

    /// Says how wide the store walks by itself.
    func setUsualBreadth(_ breadth: Int) { book.withLock { $0.usualBreadth = breadth } }

    /// Remembers tenants to probe, the first ones first.
    func admit(_ tenants: [String]) {
        let now = clock()
        book.withLock { $0.admit(tenants, at: now) }
    }

    /// Whose turn it is; `nil` when no tenant is remembered.
    func nextTurn() -> RecallTurn? { book.withLock { $0.nextTurn() } }

    /// Takes up a sample; returns the tenant's step when that is another now.
    func note(_ sample: RecallSample, of tenant: String) -> RecallStep? {
        book.withLock { $0.note(sample, of: tenant) }
    }

    /// Forgets a tenant that has nothing to ask about any more.
    func forget(_ tenant: String) {
        let now = clock()
        book.withLock { $0.forget(tenant, at: now) }
    }

    /// The time that samples are taken at.
    var now: Timestamp { clock() }
}
