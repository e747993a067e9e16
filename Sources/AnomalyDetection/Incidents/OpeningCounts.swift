import Decisions

/// How many incidents each principal and each tenant opened in each hour of event time.
struct OpeningCounts: Sendable {
    private struct Key: Hashable, Sendable {
        var tenant: ByteKey
        var principal: ByteKey?
        var hour: Int64
    }

    /// Counts kept; beyond, those of the oldest hours go.
    static let maximumKept = 50_000

    private var counts: [Key: Int] = [:]

    /// The hour of an instant, counted from 1970.
    static func hour(of time: Timestamp) -> Int64 {
        time.seconds >= 0 ? time.seconds / 3_600 : (time.seconds - 3_599) / 3_600
    }

    /// How many were opened in an hour by a principal, or by the whole tenant.
    func count(_ tenant: String, _ principal: String?, _ hour: Int64) -> Int {
        counts[Key(tenant: ByteKey(tenant), principal: principal.map { ByteKey($0) }, hour: hour)] ?? 0
    }

    /// Counts one more.
    mutating func add(_ tenant: String, _ principal: String, _ hour: Int64) {
        let tenant = ByteKey(tenant)
        counts[Key(tenant: tenant, principal: ByteKey(principal), hour: hour), default: 0] += 1
        counts[Key(tenant: tenant, principal: nil, hour: hour), default: 0] += 1
        guard counts.count > Self.maximumKept else { return }
        let hours = counts.keys.map(\.hour).sorted()
        let middle = hours[hours.count / 2]
        counts = counts.filter { $0.key.hour > middle }
    }
}
