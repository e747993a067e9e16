/// A published colour scheme: the 16 colours of Base16 or the 24 of Base24.
public struct Scheme: Sendable, Hashable {
    /// Whether a scheme is dark on light or light on dark.
    public enum Variant: String, Sendable, Hashable {
        /// Light text on a dark background.
        case dark
        /// Dark text on a light background.
        case light
    }

    /// Its published name.
    public let name: String
    /// Who made it.
    public let author: String
    /// Dark or light.
    public let variant: Variant
    /// Always 24 colours, base00 to base17.
    public let palette: [RGB]

    /// A scheme of 16 or 24 colours; nil for any other number.
    ///
    /// The last eight of a Base16 scheme are taken from the first sixteen as the Base24 styling
    /// guide says. Without a variant, the brightness of background and text decides.
    public init?(name: String, author: String, variant: Variant?, palette: [RGB]) {
        guard palette.count == 16 || palette.count == 24 else { return nil }
        let fallback = [0x0, 0x0, 0x8, 0xA, 0xB, 0xC, 0xD, 0xE].map { palette[$0] }
        self.name = name
        self.author = author
        self.palette = palette.count == 24 ? palette : palette + fallback
        self.variant = variant ?? (palette[0].luminance <= palette[5].luminance ? .dark : .light)
    }
}
