/// A kind of resource in the invented companies, where it lives and how its resources are named.
struct ResourceKind: Sendable {
    let name: String
    /// The last label of the scope it lives in.
    let area: String
    let naming: Naming

    /// How the resources of a kind are called.
    enum Naming: Sendable {
        /// Few, each with its own name, drawn by Zipf's law.
        case named([String], WeightedChoice)
        /// Many, a prefix and a number: a busy few by Zipf's law, and the rest evenly.
        case numbered(prefix: String, busy: WeightedChoice, count: Int)
    }

    private static func named(_ name: String, in area: String, _ names: [String]) -> ResourceKind {
        ResourceKind(name: name, area: area, naming: .named(names, .zipf(names.count)))
    }

    private static func numbered(
        _ name: String, in area: String, _ prefix: String, busy: Int = 200, count: Int = 600_000
    ) -> ResourceKind {
        ResourceKind(
            name: name, area: area, naming: .numbered(prefix: prefix, busy: .zipf(busy), count: count))
    }

    /// Every kind there is, by name.
    static let catalogue: [String: ResourceKind] = Dictionary(
        uniqueKeysWithValues: all.map { ($0.name, $0) })

    /// Every kind there is.
    static let all: [ResourceKind] = [
        numbered("invoice", in: "finance", "inv-"),
        numbered("payment", in: "finance", "pmt-"),
        numbered("payroll", in: "hr", "pay-", count: 4_000),
        numbered("employee", in: "hr", "emp-", count: 4_000),
        numbered("customer", in: "sales", "cust-"),
        numbered("quote", in: "sales", "quo-"),
        numbered("ticket", in: "support", "tkt-"),
        numbered("document", in: "office", "doc-"),
        numbered("session", in: "edge", "ses-", count: 3_000_000),
        numbered("object", in: "storage", "obj-", count: 3_000_000),
        numbered("artifact", in: "platform", "art-"),
        named(
            "repository", in: "platform",
            ["web", "billing", "search", "infra", "mobile", "data-jobs", "docs", "design", "auth", "edge"]),
        named(
            "deployment", in: "platform",
            ["web", "billing", "search", "notify", "gateway", "worker", "auth", "report"]),
        named(
            "configmap", in: "platform", ["web", "billing", "search", "gateway", "limits", "flags", "auth"]),
        named(
            "feature-flag", in: "platform",
            ["new-checkout", "dark-mode", "fast-search", "beta-export", "sso", "quota-v2"]),
        named(
            "secrets", in: "platform",
            [
                "db/main", "db/replica", "jwt/signing", "smtp/relay", "stripe/live", "s3/backup",
                "oauth/client",
                "tls/edge", "kafka/sasl", "redis/cache", "ldap/bind", "slack/hook", "pager/key", "cdn/token",
                "github/app", "sentry/dsn", "vpn/psk", "sso/saml", "db/audit", "jwt/refresh",
            ]),
        named(
            "queue", in: "platform", ["mail", "invoices", "events", "exports", "thumbnails", "dead-letter"]),
        named("database", in: "data", ["orders", "customers", "ledger", "events"]),
        named(
            "dataset", in: "data",
            ["orders", "sessions", "churn", "revenue", "support", "inventory", "marketing", "hr-salaries"]),
        named(
            "report", in: "data", ["revenue", "churn", "sla", "stock", "headcount", "incidents", "margin"]),
        named("audit-log", in: "security", ["iam", "finance", "platform", "hr"]),
        named("metric", in: "platform", ["cpu", "memory", "latency", "errors", "saturation", "queue-depth"]),
    ]
}
