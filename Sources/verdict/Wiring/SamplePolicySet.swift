import Configuration
import PolicyEngine

/// The policies of the demonstration, read from the text that is compiled in.
enum SamplePolicySet {
    /// Reads the policies.
    static func load() throws -> PolicySet {
        try PolicySet(from: tree(of: try YAMLDocument.parse(SamplePolicies.yaml, file: "sample policies")))
    }

    private static func tree(of value: YAMLValue) -> PolicyTree {
        switch value.content {
        case .scalar(let text, _):
            .scalar(value.isNull ? "" : text, line: value.line)
        case .sequence(let elements):
            .sequence(elements.map { tree(of: $0) }, line: value.line)
        case .mapping(let entries):
            .mapping(
                entries.map { PolicyTree.Member(key: $0.key, line: $0.line, value: tree(of: $0.value)) },
                line: value.line)
        }
    }
}
