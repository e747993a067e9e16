import Decisions

/// The small facts of a row in one byte.
struct RowFlags {
    var rawValue: UInt8

    static let deletedBit: UInt8 = 1 << 6
    private static let derivedBit: UInt8 = 1 << 7

    init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    init(effect: Effect, cacheHit: Bool?, form: IdentifierColumn.Form, isDerived: Bool) {
        rawValue = form.rawValue << 4 | (isDerived ? RowFlags.derivedBit : 0)
        self.effect = effect
        self.cacheHit = cacheHit
    }

    /// What was answered: bits 0 and 1.
    var effect: Effect {
        get {
            switch rawValue & 3 {
            case 0: .allow
            case 1: .deny
            default: .conditional
            }
        }
        set { rawValue = rawValue & ~3 | RowFlags.code(of: newValue) }
    }

    /// The number of an effect in bits 0 and 1.
    static func code(of effect: Effect) -> UInt8 {
        switch effect {
        case .allow: 0
        case .deny: 1
        case .conditional: 2
        }
    }

    /// Whether the answer came from a cache: bits 2 and 3.
    var cacheHit: Bool? {
        get {
            switch rawValue >> 2 & 3 {
            case 0: nil
            case 1: false
            default: true
            }
        }
        set {
            let code: UInt8 = newValue.map { $0 ? 2 : 1 } ?? 0
            rawValue = rawValue & ~0b1100 | code << 2
        }
    }

    /// How the identifier is kept: bits 4 and 5.
    var form: IdentifierColumn.Form { IdentifierColumn.Form(rawValue: rawValue >> 4 & 3) ?? .long }

    /// Whether the row was deleted: bit 6.
    var isDeleted: Bool { rawValue & RowFlags.deletedBit != 0 }

    /// Whether the stored identifier was derived from the source's: bit 7.
    var isDerived: Bool { rawValue & RowFlags.derivedBit != 0 }
}
