@testable public import Operations

/// A tenant's scope, written as the tenant's name.
extension RecallScope: ExpressibleByStringLiteral {
    /// The scope of a tenant.
    public init(stringLiteral tenant: String) { self.init(tenant: tenant) }
}
