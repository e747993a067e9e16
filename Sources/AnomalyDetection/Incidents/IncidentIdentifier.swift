import Decisions

/// Short names for incidents that are easy to say and to type.
enum IncidentIdentifier {
    /// Digits and capitals without those that look or sound alike (0 O, 1 I L, U V).
    static let alphabet = Array("23456789ABCDEFGHJKMNPQRSTWXYZ")
    /// How long a name is when nothing collides.
    static let length = 4
    /// How long a name can become.
    static let maximumLength = 12

    /// The name made from a story and its first member: the same on every machine; longer when
    /// shorter ones are taken, `nil` when all are.
    static func identifier(
        for key: Incident.Key, member: String, isTaken: (String) -> Bool
    ) -> String? {
        var hash = FNV1a()
        for part in [key.tenant, key.principal, key.kind, key.effect.rawValue, member] {
            hash.add(part)
        }
        var bits = mix(hash.value)
        var name = ""
        while name.count < maximumLength {
            name.append(alphabet[Int(bits % UInt64(alphabet.count))])
            bits = mix(bits &+ 0x9e37_79b9_7f4a_7c15)
            if name.count >= length, !isTaken(name) { return name }
        }
        return nil
    }
}

/// The hash of Fowler, Noll and Vo (variant 1a, 64 bits, RFC 9923).
struct FNV1a: Sendable {
    /// The hash so far.
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    /// The hash of one text.
    static func hash(_ text: String) -> UInt64 {
        var hash = FNV1a()
        hash.add(text)
        return hash.value
    }

    /// Adds a text and a byte that no text contains, so that parts stay apart.
    mutating func add(_ text: String) {
        for byte in text.utf8 { add(byte) }
        add(0xff)
    }

    private mutating func add(_ byte: UInt8) {
        value = (value ^ UInt64(byte)) &* 0x100_0000_01b3
    }
}
