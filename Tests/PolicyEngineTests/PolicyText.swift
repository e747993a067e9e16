import PolicyEngine
import Yams

/// Policies from YAML, as the program reads them.
func policySet(_ yaml: String) throws -> PolicySet {
    try PolicySet(from: policyTree(yaml))
}

func policyTree(_ yaml: String) throws -> PolicyTree {
    guard let node = try Yams.compose(yaml: yaml) else { return .scalar("", line: 1) }
    return tree(node)
}

private func tree(_ node: Node) -> PolicyTree {
    let line = node.mark?.line ?? 1
    switch node {
    case .scalar(let scalar): return .scalar(scalar.string, line: line)
    case .sequence(let sequence): return .sequence(sequence.map(tree), line: line)
    case .mapping(let mapping):
        return .mapping(
            mapping.map { key, value in
                PolicyTree.Member(key: key.string ?? "", line: key.mark?.line ?? line, value: tree(value))
            }, line: line)
    case .alias: return .scalar("", line: line)
    }
}

/// The policies of the sample companies.
func samplePolicies() throws -> PolicySet { try policySet(SamplePolicies.yaml) }
