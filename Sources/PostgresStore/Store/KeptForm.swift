import Decisions
import VectorStores

extension Decision {
    /// The decision as it will be read back from the server.
    ///
    /// PostgreSQL has no zero character and writes numbers its own way. What is stored takes that form before it is
    /// compared with anything, or a log that is read a second time would seem to hold other decisions.
    var keptForm: Decision {
        var kept = self
        kept.id = id.withoutZeros
        kept.tenant = tenant.withoutZeros
        kept.principal.id = principal.id.withoutZeros
        kept.principal.roles = principal.roles.map(\.withoutZeros)
        kept.resource.kind = resource.kind.withoutZeros
        kept.resource.id = resource.id?.withoutZeros
        kept.resource.scope = resource.scope?.withoutZeros
        kept.actions = actions.map(\.withoutZeros)
        kept.outcome = outcome?.withoutZeros
        kept.policies = policies.map(\.withoutZeros)
        kept.source.ip = source.ip?.withoutZeros
        kept.source.agent = source.agent?.withoutZeros
        kept.source.format = source.format?.withoutZeros
        if extras.isEmpty { return kept }
        kept.extras = extras.keptForm
        if case .string(let original)? = kept.extras[CopyBinary.originalIDKey] {
            // A log that says this of a decision would have it read back under another name.
            var claimed = kept
            claimed.id = original
            claimed.extras[CopyBinary.originalIDKey] = nil
            if IdentityResolver.isDerived(kept.id, for: claimed) {
                kept.extras[CopyBinary.originalIDKey] = nil
            }
        }
        return kept
    }
}

extension JSONObject {
    fileprivate var keptForm: JSONObject {
        var kept = JSONObject()
        for member in members {
            let key = member.key.withoutZeros
            // Only a key that was changed can have become one that is there.
            if key.utf8.count == member.key.utf8.count {
                kept.append(key, member.value.keptForm)
            } else {
                kept[key] = member.value.keptForm
            }
        }
        return kept
    }
}

extension JSONValue {
    fileprivate var keptForm: JSONValue {
        switch self {
        case .null, .bool: self
        case .number(let text): NumericText.kept(text)
        case .string(let text): .string(text.withoutZeros)
        case .array(let elements): .array(elements.map(\.keptForm))
        case .object(let object): .object(object.keptForm)
        }
    }
}

/// Numbers of JSON as the server's `numeric` writes them: without exponent and without a zero's sign.
enum NumericText {
    /// The most digits before and after the point that `numeric` has.
    private static let integerDigits = 131_072
    private static let fractionDigits = 16_383

    /// A number as it is read back; one that `numeric` cannot hold is kept as text.
    static func kept(_ text: String) -> JSONValue {
        let bytes = Array(text.utf8)
        let exponentMark = bytes.firstIndex { $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E") }
        let isNegative = bytes.first == UInt8(ascii: "-")
        let mantissa = bytes[(isNegative ? 1 : 0)..<(exponentMark ?? bytes.count)]
        let point = mantissa.firstIndex(of: UInt8(ascii: ".")) ?? mantissa.endIndex
        let isZero = !mantissa.contains { $0 > UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        guard exponentMark != nil || (isNegative && isZero) || bytes.count > fractionDigits else {
            return .number(text)
        }
        let whole = mantissa[..<point]
        let fraction = mantissa[point...].dropFirst()
        var exponent = 0
        if let exponentMark {
            let digits = bytes[(exponentMark + 1)...].drop { $0 == UInt8(ascii: "+") }
            guard let parsed = Int(String(decoding: digits, as: UTF8.self)) else { return .string(text) }
            exponent = parsed
        }
        guard (-fractionDigits...integerDigits).contains(exponent),
            whole.count + exponent <= integerDigits, fraction.count - exponent <= fractionDigits
        else { return .string(text) }
        let plain = shifted(Array(whole + fraction), point: whole.count + exponent)
        return .number(isNegative && !isZero ? "-" + plain : plain)
    }

    /// Digits with the point at a place, which may lie outside of them.
    private static func shifted(_ digits: [UInt8], point: Int) -> String {
        let zero = UInt8(ascii: "0")
        var digits = digits
        var point = point
        if point < 1 {
            digits.insert(contentsOf: Array(repeating: zero, count: 1 - point), at: 0)
            point = 1
        }
        if point > digits.count {
            digits.append(contentsOf: Array(repeating: zero, count: point - digits.count))
        }
        let whole = digits[..<point].drop { $0 == zero }
        let text = whole.isEmpty ? "0" : String(decoding: whole, as: UTF8.self)
        if point == digits.count { return text }
        return text + "." + String(decoding: digits[point...], as: UTF8.self)
    }
}
