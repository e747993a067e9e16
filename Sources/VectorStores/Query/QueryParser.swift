public import Decisions

extension Query {
    /// The longest query, in bytes of UTF-8.
    public static let maximumBytes = 4_096
    /// The deepest nesting of brackets and `not`.
    public static let maximumDepth = 32

    /// Reads a query; relative times become instants before `now`.
    ///
    /// `not` binds tighter than `and`, `and` tighter than `or`; `and` may be left out. White space
    /// alone is the query that everything matches.
    public init(parsing text: String, now: Timestamp) throws(QueryError) {
        var parser = QueryParser(text, now: now)
        self = try parser.parse()
    }
}

/// Reads queries by recursive descent.
struct QueryParser {
    private let text: String
    private let now: Timestamp
    private var lexer: QueryLexer

    init(_ text: String, now: Timestamp) {
        self.text = text
        self.now = now
        lexer = QueryLexer(text)
    }

    mutating func parse() throws(QueryError) -> Query {
        guard lexer.bytes.count <= Query.maximumBytes else {
            throw error("expected at most \(Query.maximumBytes) bytes", at: Query.maximumBytes)
        }
        lexer.skipSpace()
        if lexer.current == nil { return .all([]) }
        let query = try parseAny(depth: 0)
        lexer.skipSpace()
        guard lexer.current == nil else {
            throw error("expected `and`, `or` or another comparison")
        }
        return query
    }

    private mutating func parseAny(depth: Int) throws(QueryError) -> Query {
        var parts = [try parseAll(depth: depth)]
        while takeKeyword("or") { parts.append(try parseAll(depth: depth)) }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func parseAll(depth: Int) throws(QueryError) -> Query {
        var parts = [try parsePart(depth: depth)]
        while true {
            if takeKeyword("and") {
                parts.append(try parsePart(depth: depth))
                continue
            }
            lexer.skipSpace()
            let start = lexer.offset
            guard let next = lexer.current, next != UInt8(ascii: ")"), !takeKeyword("or") else {
                lexer.rewind(to: start)
                break
            }
            parts.append(try parsePart(depth: depth))
        }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func parsePart(depth: Int) throws(QueryError) -> Query {
        lexer.skipSpace()
        guard depth <= Query.maximumDepth else {
            throw error("expected at most \(Query.maximumDepth) levels of brackets and `not`")
        }
        if takeKeyword("not") { return .not(try parsePart(depth: depth + 1)) }
        if lexer.take(UInt8(ascii: "(")) {
            let inner = try parseAny(depth: depth + 1)
            lexer.skipSpace()
            guard lexer.take(UInt8(ascii: ")")) else { throw error("expected `)`") }
            return inner
        }
        // A keyword here joins nothing; as a field it has a sign behind it.
        let start = lexer.offset
        if takeKeyword("and") || takeKeyword("or") { throw missingTerm(at: start) }
        return .comparison(try parseComparison())
    }

    private func missingTerm(at offset: Int) -> QueryError {
        error("expected a field, `not` or `(`, such as `tenant:acme`", at: offset)
    }

    private mutating func parseComparison() throws(QueryError) -> Query.Comparison {
        let start = lexer.offset
        let field = lexer.takeName()
        guard !field.isEmpty else { throw missingTerm(at: start) }
        guard let operation = lexer.takeOperation() else {
            throw error(
                "expected `:` `~` `<` `<=` `>` or `>=` after `\(PrintedText.escaped(field, limit: 40))`")
        }
        let place = lexer.offset
        if operation.isRange, QueryField.kind(of: field).isUnordered {
            throw error(
                "expected `:` or `~`: `\(PrintedText.escaped(field, limit: 40))` is neither a number nor a time",
                at: start)
        }
        if operation == .equals, lexer.take(UInt8(ascii: "[")) {
            return Query.Comparison(field: field, operation: operation, operands: try parseList(for: field))
        }
        return Query.Comparison(
            field: field, operation: operation,
            operands: [try parseOperand(field: field, operation: operation, inList: false, at: place)])
    }

    private mutating func parseList(for field: String) throws(QueryError) -> [String] {
        var operands: [String] = []
        while true {
            lexer.skipSpace()
            operands.append(
                try parseOperand(field: field, operation: .equals, inList: true, at: lexer.offset))
            lexer.skipSpace()
            if lexer.take(UInt8(ascii: "]")) { return operands }
            guard lexer.take(UInt8(ascii: ",")) else { throw error("expected `,` or `]`") }
        }
    }

    private mutating func parseOperand(
        field: String, operation: Query.Operation, inList: Bool, at place: Int
    ) throws(QueryError) -> String {
        let operand: String
        if lexer.take(UInt8(ascii: "\"")) {
            let quoted = try takeQuoted()
            if let next = lexer.current, !QueryLexer.isSpace(next), !QueryLexer.endsValue(next, inList: true)
            {
                throw error("expected white space after the closing quote")
            }
            operand = quoted
        } else {
            operand = lexer.takeBareValue(inList: inList)
            guard !operand.isEmpty else {
                throw error("expected a value (`\"\"` for the empty one)", at: place)
            }
        }
        switch QueryOperand.normalized(operand, field: field, operation: operation, now: now) {
        case .success(let normalized): return normalized
        case .failure(let problem): throw error(problem.expected, at: place)
        }
    }

    private mutating func takeQuoted() throws(QueryError) -> String {
        switch lexer.takeQuoted() {
        case .text(let text): return text
        case .unknownEscape: throw error(#"expected `"` or `\` after `\`"#)
        case .unclosed: throw error("expected a closing `\"`")
        }
    }

    /// Takes a keyword when it stands there as a word of its own, in lower or upper case.
    private mutating func takeKeyword(_ keyword: String) -> Bool {
        let start = lexer.offset
        lexer.skipSpace()
        let name = lexer.takeName()
        let isWord = name == keyword || name == keyword.uppercased()
        if isWord, lexer.current.map({ QueryLexer.isSpace($0) || $0 == UInt8(ascii: "(") }) ?? true {
            return true
        }
        lexer.rewind(to: start)
        return false
    }

    private func error(_ expected: String, at offset: Int? = nil) -> QueryError {
        QueryError(query: text, offset: offset ?? lexer.offset, expected: expected)
    }
}
