public import Decisions
import VectorStores

/// Which searches are judged together: those in one tenant, or those that name none.
public enum RecallScope: Sendable, Hashable, Comparable {
    /// Searches that name no tenant.
    case everything
    /// Searches in a tenant.
    case tenant(ByteKey)

    /// The scope of a tenant; `""` is that of decisions without one.
    public init(tenant: String) { self = .tenant(ByteKey(tenant)) }

    /// What the scope is called: a tenant's name, `(none)` or `across tenants`.
    public var name: String {
        switch self {
        case .everything: "across tenants"
        case .tenant(let key): key.text.isEmpty ? "(none)" : key.text
        }
    }

    /// The tenant; `nil` for searches that name none.
    var tenant: String? {
        guard case .tenant(let key) = self else { return nil }
        return key.text
    }

    /// What matches in the scope.
    var query: Query? { tenant.map { .tenant($0) } }
}

extension SearchRequest {
    /// The scope that the search is judged in.
    var recallScope: RecallScope {
        query?.tenantScope.map { RecallScope(tenant: $0) } ?? .everything
    }

    /// The scopes whose trouble is the search's: its own, and without a tenant that of the entry it is to be
    /// near to.
    var guardingScopes: [RecallScope] {
        guard recallScope == .everything, case .like(_, let tenant?)? = target else { return [recallScope] }
        return [.everything, RecallScope(tenant: tenant)]
    }
}

/// A search that somebody asked, to be asked again when its recall is measured.
struct RecallQuestion: Sendable {
    /// Tells it from the others of its scope.
    var number: UInt64
    /// What it was near to.
    var target: SearchRequest.Target
    /// What had to match.
    var query: Query?
}
