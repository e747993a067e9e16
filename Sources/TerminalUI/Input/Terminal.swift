/// A screen and a keyboard.
public protocol Terminal: Sendable {
    /// Its extent now.
    var size: Size { get }
    /// Which glyphs it can show.
    var glyphs: GlyphSet { get }
    /// How many colours it shows.
    var colorDepth: ColorDepth { get }
    /// What happens, in order; ends when the terminal is gone. May be read once.
    var events: AsyncStream<TerminalEvent> { get }
    /// Shows a picture; only what changed is written.
    func present(_ surface: Surface, theme: Theme) async
    /// Asks the terminal to put text on the clipboard of the machine it runs on.
    func copy(_ text: String) async -> ClipboardAnswer
    /// Rings the bell.
    func ringBell() async
    /// Stops the program as Ctrl-z does elsewhere; returns when it is continued.
    func suspend() async
    /// Draws everything anew at the next picture.
    func redraw() async
    /// Gives the terminal back as it was found; may be called more than once.
    func restore() async
}

/// What became of a text for the clipboard.
public enum ClipboardAnswer: Sendable, Hashable {
    /// It was sent; so many bytes. Whether the terminal takes it cannot be known.
    case sent(bytes: Int)
    /// It is longer than terminals take; so many bytes are allowed.
    case tooLong(limit: Int)
    /// There is no terminal to send it to.
    case unavailable
}
