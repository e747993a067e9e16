extension Query: CustomStringConvertible {
    /// The query as text that reads back as an equal query.
    public var description: String { text(inside: .any) }

    /// How tightly the place of a part binds.
    private enum Place: Int {
        case any
        case all
        case not
    }

    private func text(inside place: Place) -> String {
        switch self {
        case .comparison(let comparison): comparison.text
        case .not(let part): "not " + part.text(inside: .not)
        case .all(let parts):
            Query.joined(parts, by: " ", inside: .all, bracketed: place != .any)
        case .any(let parts):
            Query.joined(parts, by: " or ", inside: .any, bracketed: place != .any)
        }
    }

    private static func joined(
        _ parts: [Query], by separator: String, inside place: Place, bracketed: Bool
    ) -> String {
        let inner = parts.map { part -> String in
            if case .any = part { return part.text(inside: .all) }
            return part.text(inside: place)
        }.joined(separator: separator)
        return bracketed && parts.count > 1 ? "(\(inner))" : inner
    }
}

extension Query.Comparison {
    /// The comparison as a query writes it.
    fileprivate var text: String {
        let values = operands.map(Query.Comparison.quotedIfNeeded)
        let value = operands.count == 1 ? values[0] : "[\(values.joined(separator: ","))]"
        return field + operation.rawValue + value
    }

    private static func quotedIfNeeded(_ operand: String) -> String {
        let isBare =
            !operand.isEmpty
            && operand.utf8.allSatisfy { byte in
                !QueryLexer.isSpace(byte) && !QueryLexer.endsValue(byte, inList: true)
                    && byte != UInt8(ascii: "\\")
                    && byte != UInt8(ascii: "=")
            }
        if isBare { return operand }
        let escaped = operand.flatMap { character in
            character == "\"" || character == "\\" ? ["\\", character] : [character]
        }
        return "\"\(String(escaped))\""
    }
}
