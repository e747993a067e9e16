/// A colour of the OKLab space, in which equal distances look equal.
///
/// Björn Ottosson, "A perceptual color space for image processing", 2020.
struct OKLab: Sendable, Equatable {
    var lightness: Double
    var a: Double
    var b: Double

    init(lightness: Double, a: Double, b: Double) {
        self.lightness = lightness
        self.a = a
        self.b = b
    }

    init(_ color: RGB) {
        let red = RGB.linear(color.red)
        let green = RGB.linear(color.green)
        let blue = RGB.linear(color.blue)
        let long = Root.cube(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
        let medium = Root.cube(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
        let short = Root.cube(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
        lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
        a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
        b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    }

    /// The nearest sRGB colour of the same lightness and hue: chroma is reduced until it fits.
    var rgb: RGB {
        var scale = 1.0
        while scale > 0.01 {
            let channels = linearChannels(chromaScale: scale)
            if channels.allSatisfy({ $0 > -0.002 && $0 < 1.002 }) { break }
            scale -= 0.04
        }
        let channels = linearChannels(chromaScale: max(0, scale))
        return RGB(
            red: RGB.encoded(channels[0]), green: RGB.encoded(channels[1]), blue: RGB.encoded(channels[2]))
    }

    private func linearChannels(chromaScale: Double) -> [Double] {
        let (a, b) = (a * chromaScale, b * chromaScale)
        func cubed(_ value: Double) -> Double { value * value * value }
        let long = cubed(lightness + 0.3963377774 * a + 0.2158037573 * b)
        let medium = cubed(lightness - 0.1055613458 * a - 0.0638541728 * b)
        let short = cubed(lightness - 0.0894841775 * a - 1.2914855480 * b)
        return [
            4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
        ]
    }

    func squaredDistance(to other: OKLab) -> Double {
        let (dl, da, db) = (lightness - other.lightness, a - other.a, b - other.b)
        return dl * dl + da * da + db * db
    }

    func mixed(with other: OKLab, share: Double) -> OKLab {
        OKLab(
            lightness: lightness + (other.lightness - lightness) * share,
            a: a + (other.a - a) * share, b: b + (other.b - b) * share)
    }
}

extension RGB {
    /// The colour a share of the way to another, mixed in OKLab.
    public func mixed(with other: RGB, share: Double) -> RGB {
        if share <= 0 { return self }
        if share >= 1 { return other }
        return OKLab(self).mixed(with: OKLab(other), share: share).rgb
    }

    /// The colour made lighter or darker, hue kept, until it stands out from every background.
    public func lifted(against backgrounds: [RGB], to ratio: Double, lighter: Bool) -> RGB {
        func enough(_ color: RGB) -> Bool {
            backgrounds.allSatisfy { color.contrast(with: $0) >= ratio }
        }
        if enough(self) { return self }
        var lab = OKLab(self)
        while lighter ? lab.lightness < 1 : lab.lightness > 0 {
            lab.lightness += lighter ? 0.01 : -0.01
            let color = lab.rgb
            if enough(color) { return color }
        }
        return lighter ? RGB(red: 255, green: 255, blue: 255) : RGB(red: 0, green: 0, blue: 0)
    }
}
