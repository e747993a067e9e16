import Decisions
import Operations

@testable import Console

extension Fixture {
    /// Policies of which two decide the same, one part of that, and one something else.
    static var policies: PolicyReport {
        var collector = PolicyCollector()
        func add(_ policy: String, _ count: Int, _ kind: String, _ action: String, _ effect: Effect = .allow)
        {
            for number in 0..<count {
                var decision = decision(
                    "\(policy)-\(kind)-\(action)-\(number)", "user-\(number % 7)", action, kind,
                    "r-\(number)",
                    effect: effect)
                decision.principal.roles = ["clerk"]
                decision.policies = [policy]
                collector.add(decision)
            }
        }
        for name in ["invoice-base", "invoice-copy"] {
            add(name, name == "invoice-base" ? 80 : 24, "invoice", "read")
            add(name, name == "invoice-base" ? 20 : 6, "invoice", "approve")
        }
        add("report-deny", 40, "report", "export", .deny)
        var none = decision("none", "alice", "read", "invoice", "r")
        none.policies = []
        collector.add(none)
        return collector.report()
    }
}
