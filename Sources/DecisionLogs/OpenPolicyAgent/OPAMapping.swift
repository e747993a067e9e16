/// Where in an event each field of a decision is looked for; of several places the first that holds something counts.
///
/// What an input holds is between callers and policies, so it can be said for each rule that is asked. What a mapping
/// does not find is looked for where inputs usually have it.
public struct OPAMapping: Sendable, Hashable {
    /// The rules whose events it is for, without leading slashes; nil stands for all events.
    let path: TextPattern?
    /// The tenant.
    public var tenant: [OPAPlace] = []
    /// Who asked.
    public var principal: [OPAPlace] = []
    /// The roles or groups of who asked: a list, or one.
    public var roles: [OPAPlace] = []
    /// The kind of what was asked about.
    public var kind: [OPAPlace] = []
    /// What was asked about.
    public var resource: [OPAPlace] = []
    /// Where that lives; else the rule that was asked.
    public var scope: [OPAPlace] = []
    /// What was to be done: a list, or one.
    public var actions: [OPAPlace] = []
    /// The path of an HTTP request, which names a resource where nothing else does.
    public var requestPath: [OPAPlace] = []
    /// The client's address.
    public var address: [OPAPlace] = []
    /// The client's user agent.
    public var agent: [OPAPlace] = []
    /// Where the answer stands: yes or no.
    public var allow: [OPAPlace] = []
    /// Where the reasons to deny stand: none of them allows.
    public var deny: [OPAPlace] = []

    /// Creates a mapping that names no place, for events of a rule.
    ///
    /// The rule is written as OPA's API has it, `shop/authz/allow`; a star at its end stands for anything.
    public init(path: String? = nil) {
        self.path = path.map { TextPattern(Self.withoutSlash($0)) }
    }

    /// Whether it is for events of a rule.
    func fits(path: String?) -> Bool {
        guard let pattern = self.path else { return true }
        return path.map { pattern.fits(Self.withoutSlash($0)) } ?? false
    }

    /// A rule is logged with and without a slash before it.
    private static func withoutSlash(_ path: String) -> String {
        String(Substring(path.utf8.drop { $0 == UInt8(ascii: "/") }))
    }
}

extension OPAMapping {
    /// The inputs of OPA's documentation and of AuthZEN, then those of its Envoy plugin (`attributes`) and of
    /// Kubernetes admission reviews (`request`).
    static let builtIn = {
        var mapping = OPAMapping()
        mapping.tenant = ["/input/tenant", "/input/tenant_id", "/input/org", "/labels/app"]
        mapping.principal = [
            "/input/user/id", "/input/user", "/input/subject/id", "/input/subject", "/input/principal/id",
            "/input/principal", "/input/attributes/source/principal", "/input/request/userInfo/username",
        ]
        mapping.roles = [
            "/input/user/roles", "/input/user/groups", "/input/subject/roles", "/input/subject/groups",
            "/input/principal/roles", "/input/principal/groups", "/input/roles", "/input/groups",
            "/input/request/userInfo/groups",
        ]
        mapping.kind = ["/input/resource/type", "/input/resource/kind", "/input/resource"]
        mapping.resource = ["/input/resource/id"]
        mapping.actions = [
            "/input/action", "/input/action/name", "/input/method", "/input/attributes/request/http/method",
            "/input/request/operation", "/input/operation",
        ]
        mapping.requestPath = ["/input/path", "/input/attributes/request/http/path"]
        mapping.address = ["/input/attributes/source/address/socketAddress/address"]
        mapping.agent = ["/input/attributes/request/http/headers/user-agent"]
        return mapping
    }()
}
