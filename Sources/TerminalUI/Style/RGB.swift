/// A colour of the sRGB space, eight bits a channel.
public struct RGB: Sendable, Hashable {
    /// Red.
    public let red: UInt8
    /// Green.
    public let green: UInt8
    /// Blue.
    public let blue: UInt8

    /// A colour of three channels.
    public init(red: UInt8, green: UInt8, blue: UInt8) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    /// A colour written `rrggbb`, with or without `#`; nil for anything else.
    public init?(hex: String) {
        let digits = hex.hasPrefix("#") ? hex.dropFirst() : hex[...]
        guard digits.utf8.count == 6, digits.allSatisfy(\.isHexDigit), let value = UInt32(digits, radix: 16)
        else { return nil }
        self.init(
            red: UInt8(value >> 16), green: UInt8(value >> 8 & 0xFF), blue: UInt8(value & 0xFF))
    }

    /// The colour as `#rrggbb`.
    public var hex: String {
        func pair(_ value: UInt8) -> String {
            (value < 16 ? "0" : "") + String(value, radix: 16)
        }
        return "#" + pair(red) + pair(green) + pair(blue)
    }

    /// Relative luminance, 0 to 1 (WCAG 2.2, "relative luminance").
    public var luminance: Double {
        0.2126 * RGB.linear(red) + 0.7152 * RGB.linear(green) + 0.0722 * RGB.linear(blue)
    }

    /// Contrast ratio of two colours, 1 to 21 (WCAG 2.2, "contrast ratio").
    public func contrast(with other: RGB) -> Double {
        let (first, second) = (luminance, other.luminance)
        return (max(first, second) + 0.05) / (min(first, second) + 0.05)
    }

    static func linear(_ channel: UInt8) -> Double {
        let value = Double(channel) / 255
        if value <= 0.04045 { return value / 12.92 }
        let base = (value + 0.055) / 1.055
        // base^2.4 = base^2 * (base^2)^(1/5)
        return base * base * Root.fifth(base * base)
    }

    static func encoded(_ linear: Double) -> UInt8 {
        let bounded = min(max(linear, 0), 1)
        // x^(1/2.4) = (x^(1/12))^5
        let twelfth = Root.cube(bounded).squareRoot().squareRoot()
        let value =
            bounded <= 0.0031308
            ? bounded * 12.92
            : 1.055 * twelfth * twelfth * twelfth * twelfth * twelfth - 0.055
        return UInt8(min(max((value * 255).rounded(), 0), 255))
    }
}

/// Roots by Newton's iteration: the same bits on every machine, whatever its mathematics library.
enum Root {
    static func cube(_ value: Double) -> Double {
        if value == 0 { return 0 }
        let magnitude = abs(value)
        var root = magnitude < 1 ? 1.0 : magnitude
        for _ in 0..<64 {
            let next = (2 * root + magnitude / (root * root)) / 3
            if abs(next - root) <= 1e-15 * root { break }
            root = next
        }
        return value < 0 ? -root : root
    }

    static func fifth(_ value: Double) -> Double {
        if value <= 0 { return 0 }
        var root = 1.0
        for _ in 0..<64 {
            let fourth = root * root * root * root
            let next = (4 * root + value / fourth) / 5
            if abs(next - root) <= 1e-15 * root { break }
            root = next
        }
        return root
    }
}

extension RGB {
    /// How much more red there is than green and blue, -255 to 255.
    var redness: Double { Double(red) - (Double(green) + Double(blue)) / 2 }
}
