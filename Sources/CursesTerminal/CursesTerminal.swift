import CCurses
import Glibc
public import TerminalUI

/// A real terminal through ncurses, driven by one thread of its own.
///
/// ncurses is neither thread-safe nor async-signal-safe, so everything asked of the terminal goes to
/// that thread as a request, and everything it reports comes back as events.
public final class CursesTerminal: Terminal {
    /// Which glyphs the terminal can show.
    public let glyphs: GlyphSet
    /// How many colours it shows.
    public let colorDepth: ColorDepth
    /// What happens, in order.
    public let events: AsyncStream<TerminalEvent>
    private let link: ScreenLink

    /// Takes the terminal over; throws a sentence when it cannot be used.
    public static func open(_ options: TerminalOptions) throws(TerminalError) -> CursesTerminal {
        if options.headlessSize == nil {
            guard isatty(options.inputDescriptor) == 1, isatty(options.outputDescriptor) == 1 else {
                throw TerminalError(
                    description: "standard input and output are not a terminal; run it in one, or use "
                        + "`verdict frame` for a picture")
            }
        }
        return try CursesTerminal(options)
    }

    private init(_ options: TerminalOptions) throws(TerminalError) {
        let (stream, continuation) = AsyncStream.makeStream(
            of: TerminalEvent.self, bufferingPolicy: .bufferingOldest(4_096))
        events = stream
        link = try ScreenLink(events: continuation)
        let facts = try ScreenThread.start(options, link)
        glyphs = facts.glyphs
        colorDepth = facts.colorDepth
    }

    /// Its extent now.
    public var size: Size { link.size }

    /// Shows a picture; returns when it is written.
    public func present(_ surface: Surface, theme: Theme) async {
        await withCheckedContinuation { link.send(.present(surface, theme, Reply($0))) }
    }

    /// Asks the terminal to fill the clipboard (OSC 52).
    public func copy(_ text: String) async -> ClipboardAnswer {
        guard let sequence = Clipboard.sequence(text) else { return .tooLong(limit: Clipboard.maximumBytes) }
        let wasSent = await withCheckedContinuation { link.send(.write(sequence, Reply($0))) }
        return wasSent ? .sent(bytes: text.utf8.count) : .unavailable
    }

    /// Rings the bell.
    public func ringBell() async {
        _ = await withCheckedContinuation { link.send(.write([7], Reply($0))) }
    }

    /// Stops the program as Ctrl-z does elsewhere; returns when it is continued.
    public func suspend() async {
        await withCheckedContinuation { link.send(.suspend(Reply($0))) }
    }

    /// Draws everything anew.
    public func redraw() async {
        await withCheckedContinuation { link.send(.redraw(Reply($0))) }
    }

    /// Gives the terminal back as it was found.
    public func restore() async {
        await withCheckedContinuation { link.send(.restore(Reply($0))) }
    }

    /// What ncurses believes the terminal shows, row by row.
    func readBack() async -> [String] {
        await withCheckedContinuation { link.send(.readBack(Reply($0))) }
    }
}
