/// The hash of Fowler, Noll and Vo (variant 1a, 64 bits, RFC 9923) that Alertmanager tells alerts apart by.
struct Fingerprint: Sendable {
    private var value: UInt64 = 0xcbf2_9ce4_8422_2325

    /// Adds a text and a byte that no text contains, so that parts stay apart.
    mutating func add(_ text: String) {
        for byte in text.utf8 { add(byte) }
        add(0xff)
    }

    private mutating func add(_ byte: UInt8) {
        value = (value ^ UInt64(byte)) &* 0x100_0000_01b3
    }

    /// Sixteen hexadecimal digits.
    var text: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    /// The digits of some texts in their order.
    static func of(_ texts: [String]) -> String {
        var hash = Fingerprint()
        for text in texts { hash.add(text) }
        return hash.text
    }
}
