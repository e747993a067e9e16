extension Query {
    /// A query split into the one tenant it is bound to and what is left to ask.
    struct Scope {
        /// The tenant that every match is in; `nil` when the query is not bound to one.
        var tenant: String?
        /// What remains; `nil` when everything in the tenant matches.
        var remainder: Query?
    }

    /// The tenant, when a query asks for that and nothing else.
    public var onlyTenant: String? {
        let scope = scope
        return scope.remainder == nil ? scope.tenant : nil
    }

    /// Takes a `tenant:X` that every match must satisfy out of the query.
    ///
    /// A tenant's rows are a partition of the index, which is cheaper than any filter.
    var scope: Scope {
        switch self {
        case .comparison(let comparison):
            if let tenant = comparison.onlyTenant { return Scope(tenant: tenant, remainder: nil) }
            return Scope(tenant: nil, remainder: self)
        case .all(let parts):
            guard
                let place = parts.firstIndex(where: { part in
                    if case .comparison(let comparison) = part { return comparison.onlyTenant != nil }
                    return false
                }), case .comparison(let comparison) = parts[place]
            else { return Scope(tenant: nil, remainder: parts.isEmpty ? nil : self) }
            var rest = parts
            rest.remove(at: place)
            let remainder: Query? = rest.isEmpty ? nil : rest.count == 1 ? rest[0] : .all(rest)
            return Scope(tenant: comparison.onlyTenant, remainder: remainder)
        case .any, .not: return Scope(tenant: nil, remainder: self)
        }
    }

    /// The tenant that every match is in; `nil` when the query is not bound to one.
    public var tenantScope: String? { scope.tenant }

    /// The query with one more condition.
    public func and(_ other: Query) -> Query {
        switch (self, other) {
        case (.all(let left), .all(let right)): .all(left + right)
        case (.all(let left), _): .all(left + [other])
        case (_, .all(let right)): .all([self] + right)
        default: .all([self, other])
        }
    }

    /// The query that every decision of a tenant matches.
    public static func tenant(_ tenant: String) -> Query {
        .comparison(Comparison(field: "tenant", operation: .equals, operands: [tenant]))
    }
}

extension Query.Comparison {
    /// The tenant of `tenant:X`; `nil` for anything else.
    fileprivate var onlyTenant: String? {
        field == "tenant" && operation == .equals && operands.count == 1 ? operands[0] : nil
    }
}
