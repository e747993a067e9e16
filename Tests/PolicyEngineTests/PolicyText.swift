import Configuration
import PolicyEngine

/// Policies from YAML, as the program reads them.
func policySet(_ yaml: String) throws -> PolicySet {
    try PolicySet(from: policyTree(yaml))
}

func policyTree(_ yaml: String) throws -> PolicyTree {
    tree(try YAMLDocument.parse(yaml))
}

private func tree(_ value: YAMLValue) -> PolicyTree {
    switch value.content {
    case .scalar(let text, _): .scalar(text, line: value.line)
    case .sequence(let elements): .sequence(elements.map(tree), line: value.line)
    case .mapping(let entries):
        .mapping(
            entries.map { PolicyTree.Member(key: $0.key, line: $0.line, value: tree($0.value)) },
            line: value.line)
    }
}

/// The policies of the sample companies.
func samplePolicies() throws -> PolicySet { try policySet(SamplePolicies.yaml) }
