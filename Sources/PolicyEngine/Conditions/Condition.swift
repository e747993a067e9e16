/// A condition of a rule, parsed once: `resource.attr.owner == principal.id and hour < 20`.
public struct Condition: Sendable, Equatable {
    /// The condition as it was written.
    public let source: String

    let expression: Expression

    /// Parses a condition; `line` is where it stands, for the error.
    public init(parsing source: String, line: Int = 1) throws(PolicyError) {
        self.source = source
        var parser = try ConditionParser(source, line: line)
        expression = try parser.parse()
    }

    /// Whether two conditions were written alike.
    public static func == (lhs: Condition, rhs: Condition) -> Bool { lhs.source == rhs.source }

    /// Whether the condition holds for a request.
    ///
    /// A comparison with an attribute that is absent does not hold, whatever the comparison; neither
    /// does one of a text with a number, except `!=`.
    public func holds(for request: AccessRequest) -> Bool { expression.holds(for: request) }
}

/// The parsed form of a condition.
indirect enum Expression: Sendable {
    case any(Expression, Expression)
    case all(Expression, Expression)
    case not(Expression)
    case comparison(Operand, Comparison, Operand)
    case truth(Operand)

    func holds(for request: AccessRequest) -> Bool {
        switch self {
        case .any(let left, let right): left.holds(for: request) || right.holds(for: request)
        case .all(let left, let right): left.holds(for: request) && right.holds(for: request)
        case .not(let inner): !inner.holds(for: request)
        case .truth(let operand): operand.value(in: request) == .flag(true)
        case .comparison(let left, let comparison, let right):
            if let left = left.value(in: request), let right = right.value(in: request) {
                comparison.holds(left, right)
            } else {
                false
            }
        }
    }
}

/// How two values are compared.
enum Comparison: String, Sendable, CaseIterable {
    case equal = "=="
    case unequal = "!="
    case less = "<"
    case atMost = "<="
    case greater = ">"
    case atLeast = ">="
    case member = "in"

    func holds(_ left: AttributeValue, _ right: AttributeValue) -> Bool {
        switch self {
        case .equal: left == right
        case .unequal: left != right
        case .member: if case .list(let values) = right { values.contains(left) } else { false }
        case .less:
            ordered(left, right) {
                $0 < $1
            } texts: {
                $0 < $1
            }
        case .atMost:
            ordered(left, right) {
                $0 <= $1
            } texts: {
                $0 <= $1
            }
        case .greater:
            ordered(left, right) {
                $0 > $1
            } texts: {
                $0 > $1
            }
        case .atLeast:
            ordered(left, right) {
                $0 >= $1
            } texts: {
                $0 >= $1
            }
        }
    }

    private func ordered(
        _ left: AttributeValue, _ right: AttributeValue,
        _ numbers: (Double, Double) -> Bool, texts: (String, String) -> Bool
    ) -> Bool {
        switch (left, right) {
        case (.number(let left), .number(let right)): numbers(left, right)
        case (.text(let left), .text(let right)): texts(left, right)
        default: false
        }
    }
}
