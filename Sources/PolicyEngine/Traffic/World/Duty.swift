/// What the holders of a role usually do.
struct Duty: Sendable {
    let role: String
    let department: String
    /// The user agents its holders come with.
    let agents: [String]
    let tasks: [Task]

    /// One thing done often or seldom.
    struct Task: Sendable {
        let kind: String
        let action: String
        let weight: Int
        /// Whether it is done to resources of one's own.
        let own: Bool

        init(_ action: String, _ kind: String, _ weight: Int, own: Bool = false) {
            self.kind = kind
            self.action = action
            self.weight = weight
            self.own = own
        }
    }

    /// The duties of people, with how many of a hundred have them.
    static let people: [(duty: Duty, share: Int)] = [
        (
            Duty(
                role: "finance-clerk", department: "finance", agents: ["web/4.2"],
                tasks: [
                    Task("read", "invoice", 46), Task("create", "invoice", 14),
                    Task("approve", "invoice", 12),
                    Task("read", "payment", 14), Task("run", "report", 9),
                    Task("read", "document", 10, own: true),
                ]), 16
        ),
        (
            Duty(
                role: "payroll-clerk", department: "hr", agents: ["web/4.2"],
                tasks: [
                    Task("read", "payroll", 44), Task("update", "payroll", 14), Task("read", "employee", 32),
                    Task("read", "document", 10, own: true),
                ]), 8
        ),
        (
            Duty(
                role: "support-agent", department: "support", agents: ["desk/7.1"],
                tasks: [
                    Task("read", "ticket", 44), Task("comment", "ticket", 20), Task("close", "ticket", 12),
                    Task("read", "customer", 22), Task("update", "customer", 12),
                ]), 24
        ),
        (
            Duty(
                role: "sales-rep", department: "sales", agents: ["web/4.2", "mobile/9.0"],
                tasks: [
                    Task("read", "customer", 38), Task("update", "customer", 10), Task("create", "quote", 16),
                    Task("read", "quote", 26), Task("read", "document", 10, own: true),
                ]), 20
        ),
        (
            Duty(
                role: "engineer", department: "engineering", agents: ["cli/1.9", "git/2.47"],
                tasks: [
                    Task("read", "repository", 22), Task("push", "repository", 12),
                    Task("get", "artifact", 36),
                    Task("get", "deployment", 10), Task("create", "deployment", 9),
                    Task("get", "configmap", 9),
                    Task("read", "feature-flag", 9), Task("write", "document", 10, own: true),
                    Task("read", "document", 8),
                ]), 18
        ),
        (
            Duty(
                role: "analyst", department: "data", agents: ["notebook/3.3"],
                tasks: [
                    Task("query", "dataset", 34), Task("run", "report", 20), Task("read", "report", 20),
                    Task("get", "object", 40), Task("write", "document", 10, own: true),
                ]), 8
        ),
        (
            Duty(
                role: "sre", department: "engineering", agents: ["cli/1.9"],
                tasks: [
                    Task("get", "deployment", 30), Task("rollback", "deployment", 9),
                    Task("get", "configmap", 20),
                    Task("update", "configmap", 9), Task("purge", "queue", 8), Task("read", "metric", 30),
                ]), 4
        ),
        (
            Duty(
                role: "auditor", department: "security", agents: ["web/4.2"],
                tasks: [
                    Task("read", "audit-log", 50), Task("read", "invoice", 25), Task("read", "report", 25),
                ]), 2
        ),
    ]

    /// The services of a company, most talkative first: name and duty.
    static let services: [(name: String, duty: Duty)] = [
        service(
            "svc-web", "frontend",
            [
                Task("verify", "session", 60), Task("read", "customer", 20), Task("read", "document", 12),
                Task("get", "object", 8), Task("read", "quote", 10),
            ]),
        service(
            "svc-billing", "billing",
            [
                Task("read", "invoice", 40), Task("create", "payment", 30), Task("read", "customer", 22),
                Task("publish", "queue", 8),
            ]),
        service(
            "svc-search", "indexer",
            [
                Task("read", "document", 46), Task("read", "ticket", 26), Task("read", "customer", 28),
                Task("read", "employee", 14),
            ]),
        service(
            "svc-deploy", "deployer",
            [
                Task("get", "deployment", 30), Task("create", "deployment", 16), Task("get", "configmap", 26),
                Task("get", "artifact", 90),
            ]),
        service(
            "svc-notify", "notifier",
            [Task("consume", "queue", 20), Task("read", "ticket", 120), Task("read", "session", 18)]),
        service("svc-report", "reporter", [Task("query", "dataset", 30), Task("put", "object", 120)]),
        service("vault-agent", "vault", [Task("get", "secrets", 90), Task("rotate", "secrets", 10)]),
        service(
            "ci-runner", "builder",
            [Task("read", "repository", 20), Task("put", "artifact", 60), Task("get", "artifact", 30)]),
        service("svc-backup", "backup", [Task("dump", "database", 10), Task("put", "object", 90)]),
    ]

    private static func service(
        _ name: String, _ role: String, _ tasks: [Task]
    ) -> (name: String, duty: Duty) {
        (name, Duty(role: role, department: "platform", agents: ["\(name)/1"], tasks: tasks))
    }
}
