import ArgumentParser
import Decisions
import Operations
import VectorStores

/// Tells what policies decided, and which of them decide alike.
struct PoliciesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policies", abstract: "List the policies, or those that decide alike.",
        discussion: """
            Policies are compared by what they decided: kinds, actions, effects, roles and scopes, whoever asked. \
            With --similar, pairs of one tenant's policies come by how alike they are, those that may be made one \
            first, with what they share and in what they differ. A query narrows the decisions that are looked at.
            """)

    @Argument(help: ArgumentHelp("What must match.", valueName: "query"))
    var query: [String] = []

    @Flag(name: .long, help: "Pairs of policies that decide alike.")
    var similar = false

    @Option(name: .long, help: ArgumentHelp("How many pairs, at most.", valueName: "number"))
    var limit = PolicyReport.usualPairs

    @OptionGroup var storeOptions: StoreOptionGroup
    @OptionGroup var output: OutputOptions

    /// The most pairs that can be asked for.
    private static let maximumPairs = 1_000

    func run() async throws {
        guard (1...Self.maximumPairs).contains(limit) else {
            throw CommandFailure.usage("--limit takes 1 to \(Self.maximumPairs), not \(limit)")
        }
        let parsed = try storeOptions.parse(query: query)
        let resolved = try storeOptions.resolveDurable()
        let store = try await StoreOpening.open(resolved, access: .read)
        if let reason = await store.capabilities.noDecisionsReason {
            await store.close()
            throw CommandFailure.usage("\(printable(resolved.name)): there are no policies, since \(reason)")
        }
        let report: PolicyReport
        do {
            report = try await read(store, matching: parsed)
        } catch {
            await store.close()
            throw error
        }
        await store.close()
        if report.leftOut > 0 {
            StandardError.write(
                "verdict: only the first \(grouped(PolicyCollector.maximumPolicies)) policies are told: others are "
                    + "named by \(counted(report.leftOut, "decision")); narrow them with a query\n")
        }
        try similar ? showPairs(report) : showPolicies(report)
    }

    private func read(_ store: any DecisionStore, matching query: Query?) async throws -> PolicyReport {
        let line = ProgressLine()
        defer { line.finish() }
        return try await PolicyReading.report(of: store, matching: query, pairs: similar ? limit : 0) {
            count in
            try Interruption.check()
            line.show("reading", detail: counted(count, "decision"))
        }
    }

    private func showPolicies(_ report: PolicyReport) throws {
        if output.json {
            for policy in report.policies { try StandardOutput.shared.write(json: policy.commandJSON) }
            return
        }
        var table = TextTable([
            ("DECISIONS", .right), ("DENIED", .right), ("CONDITIONAL", .right), ("PATTERNS", .right),
            ("TENANT", .left), ("POLICY", .left),
        ])
        for policy in report.policies {
            table.append([
                grouped(policy.decisions), grouped(policy.denied), grouped(policy.conditional),
                grouped(policy.patterns.count), policy.tenant.isEmpty ? "(none)" : policy.tenant,
                policy.policy,
            ])
        }
        try StandardOutput.shared.write(report.policies.isEmpty ? emptyText(report) : table.text)
    }

    private func showPairs(_ report: PolicyReport) throws {
        if output.json {
            for pair in report.pairs { try StandardOutput.shared.write(json: pair.commandJSON) }
            return
        }
        if report.pairs.isEmpty {
            let text = "no two policies of \(report.policies.count) decide alike\n"
            return try StandardOutput.shared.write(report.policies.isEmpty ? emptyText(report) : text)
        }
        for pair in report.pairs {
            let tenant = pair.first.tenant.isEmpty ? "(none)" : pair.first.tenant
            let sign = pair.isCandidate ? "≈" : " "
            try StandardOutput.shared.write(
                "\(sign) cos \(fixed(pair.similarity, digits: 2))  \(printable(pair.first.policy)) "
                    + "(\(grouped(pair.first.decisions)))  ~  \(printable(pair.second.policy)) "
                    + "(\(grouped(pair.second.decisions)))  tenant \(printable(tenant))\n")
            for reason in pair.why { try StandardOutput.shared.write("      \(printable(reason))\n") }
        }
    }

    private func emptyText(_ report: PolicyReport) -> String {
        report.decisions == 0
            ? "no decisions\n" : "none of \(counted(report.decisions, "decision")) names a policy\n"
    }
}

extension PolicyProfile {
    /// The policy as the command prints it.
    var commandJSON: JSONObject {
        [
            "tenant": .string(tenant), "policy": .string(policy), "decisions": .integer(decisions),
            "denied": .integer(denied), "conditional": .integer(conditional),
            "patterns": .integer(patterns.count),
        ]
    }
}

extension PolicyPair {
    /// The pair as the command prints it.
    var commandJSON: JSONObject {
        func parts(_ parts: [Part]) -> JSONValue {
            .array(
                parts.map { part in
                    .object([
                        "kind": .string(part.pattern.kind), "action": .string(part.pattern.action),
                        "effect": .string(part.pattern.effect.rawValue), "role": .string(part.pattern.role),
                        "share": .decimal(part.share, digits: 6),
                    ])
                })
        }
        return [
            "tenant": .string(first.tenant), "first": .string(first.policy), "second": .string(second.policy),
            "first_decisions": .integer(first.decisions), "second_decisions": .integer(second.decisions),
            "similarity": .decimal(similarity, digits: 6), "shared": .decimal(shared, digits: 6),
            "together": .decimal(together, digits: 6), "contradictions": .integer(contradictions),
            "relation": .string(relation.rawValue), "candidate": .bool(isCandidate),
            "common": parts(common), "only_first": parts(onlyFirst), "only_second": parts(onlySecond),
            "why": .strings(why),
        ]
    }
}
