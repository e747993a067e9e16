import Decisions
import Operations
import TerminalUI
import VectorStores

/// What the table of tenants remembers.
struct TenantsState: Equatable, Sendable {
    /// The tenant at hand, by name.
    var cursor = ListCursor<String>()
    /// The column it is sorted by.
    var order = Order.decisions
    /// Whether the order is turned round.
    var isInverted = false
    /// The filter on names.
    var filter = LineEditor()
    /// Whether the filter is being typed.
    var isFiltering = false

    /// The columns it can be sorted by; names from A, everything else from the most.
    enum Order: String, Equatable, Sendable, CaseIterable {
        case name, decisions, denies, incidents, last

        var next: Order {
            switch self {
            case .decisions: .denies
            case .denies: .incidents
            case .incidents: .last
            case .last: .name
            case .name: .decisions
            }
        }

        /// Whether it goes by what only decisions have.
        var isOfDecisions: Bool { self == .denies || self == .incidents }
    }
}

extension ConsoleState {
    /// The tenants that pass the filter, in order.
    var tenantRows: [TenantSummary] {
        let wanted = tenants.filter.text.lowercased()
        let rows = snapshot.tenants.filter {
            wanted.isEmpty || Self.tenantName($0.id).lowercased().contains(wanted)
        }
        let sorted = rows.sorted { left, right in
            let (before, after) = (Self.sortKey(left, tenants.order), Self.sortKey(right, tenants.order))
            if tenants.order == .name || before == after { return left.id < right.id }
            return before > after
        }
        return tenants.isInverted ? sorted.reversed() : sorted
    }

    private static func sortKey(_ row: TenantSummary, _ order: TenantsState.Order) -> Double {
        switch order {
        case .name: 0
        case .decisions: Double(row.statistics.vectors)
        case .denies: row.denyShare
        case .incidents: Double(row.openIncidents) + Double(row.anomalies) * 1e-9
        case .last: row.statistics.lastTime?.secondsSince1970 ?? -.infinity
        }
    }

    /// The tenant at hand.
    var selectedTenant: TenantSummary? {
        let rows = tenantRows
        return rows.first { $0.id == tenants.cursor.selected } ?? rows.first
    }

    mutating func reconcileTenants() {
        tenants.cursor.reconcile(tenantRows.map(\.id), height: pageRows)
    }

    /// Enter narrows the whole console to the tenant at hand.
    mutating func openTenant() -> [ConsoleRequest] {
        guard let tenant = selectedTenant else { return [] }
        return setScope(tenant.id)
    }

    /// Narrows the console to a tenant, or widens it to all.
    mutating func setScope(_ tenant: String?) -> [ConsoleRequest] {
        guard scope != tenant else { return [] }
        scope = tenant
        scopeActivity = nil
        search.outcome = nil
        anomalies.places = [:]
        reconcile()
        let said = tenant.map { "narrowed to \(Self.tenantName($0)) · @ shows every tenant" }
        show(said ?? "every tenant is shown", .done)
        var requests = scopeRequests()
        if view == .search { requests += runSearch() }
        return requests
    }

    /// Asks for the narrowed tenant's past when the charts need it anew.
    mutating func scopeRequests() -> [ConsoleRequest] {
        guard let scope, let model = snapshot.metric(.decisions), !ledger.isWaiting(.activity) else {
            return []
        }
        if let shown = scopeActivity, shown.tenant == scope, shown.end == model.end { return [] }
        let step = max(1, Int64(model.step.rounded()))
        let buckets = min(max(1, model.values.count), 2_000)
        let request = ActivityRequest(
            tenant: scope, from: model.end.advanced(bySeconds: -step * Int64(buckets)), bucketSeconds: step,
            buckets: buckets)
        scopeActivity = ScopeActivity(
            tenant: scope, end: model.end, step: step, decisions: scopeActivity?.decisions ?? [],
            denies: scopeActivity?.denies ?? [])
        return [ask(.activity(request), .activity)]
    }

    mutating func takeScopeActivity(_ history: ActivityHistory) {
        scopeActivity?.decisions = history.decisions
        scopeActivity?.denies = history.denies
    }
}

extension TenantSummary {
    /// Denies among its decisions, 0 to 1.
    var denyShare: Double {
        statistics.vectors == 0 ? 0 : Double(statistics.denies) / Double(statistics.vectors)
    }

    /// Strange ones among its decisions, 0 to 1.
    var anomalyShare: Double {
        statistics.vectors == 0 ? 0 : Double(anomalies) / Double(statistics.vectors)
    }

    /// Different vectors among its decisions, 0 to 1.
    var distinctShare: Double {
        statistics.vectors == 0 ? 0 : Double(statistics.distinct) / Double(statistics.vectors)
    }
}
