/// Where in an input each field of a decision is looked for; of several pointers the first that leads to
/// something counts.
struct OPAMapping: Sendable, Hashable {
    var tenant: [JSONPointer] = []
    var principal: [JSONPointer] = []
    var roles: [JSONPointer] = []
    var kind: [JSONPointer] = []
    var resource: [JSONPointer] = []
    var actions: [JSONPointer] = []
    /// The path of an HTTP request, which names a resource where nothing else does.
    var path: [JSONPointer] = []
    var address: [JSONPointer] = []
    var agent: [JSONPointer] = []

    /// The inputs of OPA's documentation and of AuthZEN, then those of its Envoy plugin (`attributes`) and of
    /// Kubernetes admission reviews (`request`).
    static let builtIn = OPAMapping(
        tenant: ["/tenant", "/tenant_id", "/org"],
        principal: [
            "/user/id", "/user", "/subject/id", "/subject", "/principal/id", "/principal",
            "/attributes/source/principal", "/request/userInfo/username",
        ],
        roles: [
            "/user/roles", "/user/groups", "/subject/roles", "/subject/groups", "/principal/roles",
            "/principal/groups", "/roles", "/groups", "/request/userInfo/groups",
        ],
        kind: ["/resource/type", "/resource/kind", "/resource"],
        resource: ["/resource/id"],
        actions: [
            "/action", "/action/name", "/method", "/attributes/request/http/method", "/request/operation",
            "/operation",
        ],
        path: ["/path", "/attributes/request/http/path"],
        address: ["/attributes/source/address/socketAddress/address"],
        agent: ["/attributes/request/http/headers/user-agent"])
}
