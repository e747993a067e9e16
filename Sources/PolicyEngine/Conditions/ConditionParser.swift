/// A recursive-descent parser of conditions; `not` binds tighter than `and`, `and` tighter than `or`.
struct ConditionParser {
    private let line: Int
    private let tokens: [(token: ConditionToken, column: Int)]
    private var place = 0
    private var depth = 0

    init(_ source: String, line: Int) throws(PolicyError) {
        guard source.utf8.count <= PolicyLimits.conditionBytesMax else {
            throw PolicyError(
                line: line,
                problem:
                    "the condition is longer than \(PolicyLimits.conditionBytesMax) bytes; split the rule")
        }
        self.line = line
        var lexer = ConditionLexer(source, line: line)
        var tokens: [(token: ConditionToken, column: Int)] = []
        while let next = try lexer.next() { tokens.append(next) }
        self.tokens = tokens
    }

    mutating func parse() throws(PolicyError) -> Expression {
        let expression = try disjunction()
        guard place == tokens.count else { throw unexpected("`and`, `or` or the end") }
        return expression
    }

    private mutating func disjunction() throws(PolicyError) -> Expression {
        depth += 1
        defer { depth -= 1 }
        guard depth <= PolicyLimits.conditionDepthMax else {
            throw PolicyError(
                line: line,
                problem: "the condition nests deeper than \(PolicyLimits.conditionDepthMax); split the rule")
        }
        var expression = try conjunction()
        while take(.name("or")) { expression = .any(expression, try conjunction()) }
        return expression
    }

    private mutating func conjunction() throws(PolicyError) -> Expression {
        var expression = try negation()
        while take(.name("and")) { expression = .all(expression, try negation()) }
        return expression
    }

    private mutating func negation() throws(PolicyError) -> Expression {
        var negations = 0
        while take(.name("not")) { negations += 1 }
        let expression = try primary()
        return negations.isMultiple(of: 2) ? expression : .not(expression)
    }

    private mutating func primary() throws(PolicyError) -> Expression {
        if take(.symbol("(")) {
            let expression = try disjunction()
            guard take(.symbol(")")) else { throw unexpected("`)`") }
            return expression
        }
        let left = try operand()
        for comparison in Comparison.allCases where takeComparison(comparison) {
            return .comparison(left, comparison, try operand())
        }
        return .truth(left)
    }

    private mutating func operand() throws(PolicyError) -> Operand {
        guard place < tokens.count else { throw unexpected("a name or a value") }
        if take(.symbol("[")) { return .literal(.list(try list())) }
        if let literal = literal(tokens[place].token) {
            place += 1
            return .literal(literal)
        }
        guard case .name(let name) = tokens[place].token, let operand = Operand(named: name) else {
            throw unexpected("a value or one of \(Operand.names.joined(separator: ", "))")
        }
        place += 1
        return operand
    }

    private mutating func list() throws(PolicyError) -> [AttributeValue] {
        var values: [AttributeValue] = []
        if take(.symbol("]")) { return values }
        repeat {
            guard place < tokens.count, let literal = literal(tokens[place].token) else {
                throw unexpected("a value")
            }
            values.append(literal)
            place += 1
        } while take(.symbol(","))
        guard take(.symbol("]")) else { throw unexpected("`,` or `]`") }
        return values
    }

    private func literal(_ token: ConditionToken) -> AttributeValue? {
        switch token {
        case .text(let text): .text(text)
        case .number(let number): .number(number)
        case .name("true"): .flag(true)
        case .name("false"): .flag(false)
        default: nil
        }
    }

    private mutating func take(_ token: ConditionToken) -> Bool {
        guard place < tokens.count, tokens[place].token == token else { return false }
        place += 1
        return true
    }

    private mutating func takeComparison(_ comparison: Comparison) -> Bool {
        take(comparison == .member ? .name(comparison.rawValue) : .symbol(comparison.rawValue))
    }

    private func unexpected(_ expected: String) -> PolicyError {
        let found =
            place < tokens.count
            ? "\(tokens[place].token.shown) at column \(tokens[place].column)" : "the end"
        return PolicyError(line: line, problem: "the condition has \(found) where \(expected) should be")
    }
}
