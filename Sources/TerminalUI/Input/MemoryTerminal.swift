/// A terminal that only remembers: pictures come out as shown, events go in as told.
public actor MemoryTerminal: Terminal {
    /// Its extent.
    public nonisolated let size: Size
    /// Which glyphs it can show.
    public nonisolated let glyphs: GlyphSet
    /// How many colours it shows.
    public nonisolated let colorDepth: ColorDepth
    /// What was sent, in order.
    public nonisolated let events: AsyncStream<TerminalEvent>
    private nonisolated let continuation: AsyncStream<TerminalEvent>.Continuation
    /// The last picture shown.
    public private(set) var picture: Surface?
    /// The theme it was shown in.
    public private(set) var theme: Theme?
    /// How many pictures were shown.
    public private(set) var pictureCount = 0
    /// The last text copied.
    public private(set) var clipboard: String?
    /// How often the bell was rung.
    public private(set) var bellCount = 0
    /// How often the program was stopped.
    public private(set) var suspendCount = 0
    /// Whether the terminal was given back.
    public private(set) var isRestored = false

    /// A terminal of that size.
    public init(size: Size, glyphs: GlyphSet = .braille, colorDepth: ColorDepth = .truecolor) {
        self.size = size
        self.glyphs = glyphs
        self.colorDepth = colorDepth
        (events, continuation) = AsyncStream.makeStream(
            of: TerminalEvent.self, bufferingPolicy: .bufferingOldest(10_000))
    }

    /// Reports an event.
    public nonisolated func send(_ event: TerminalEvent) {
        continuation.yield(event)
        if event == .closed { continuation.finish() }
    }

    /// Presses keys by their names.
    public nonisolated func press(_ keys: String) {
        for key in Key.sequence(keys) { send(.key(key)) }
    }

    /// Remembers the picture.
    public func present(_ surface: Surface, theme: Theme) async {
        picture = surface
        self.theme = theme
        pictureCount += 1
    }

    /// Remembers the text.
    public func copy(_ text: String) async -> ClipboardAnswer {
        clipboard = text
        return .sent(bytes: text.utf8.count)
    }

    /// Counts the bell.
    public func ringBell() async { bellCount += 1 }

    /// Counts the stop and continues at once.
    public func suspend() async {
        suspendCount += 1
        continuation.yield(.resumed)
    }

    /// Forgets the picture.
    public func redraw() async { picture = nil }

    /// Ends the events.
    public func restore() async {
        isRestored = true
        continuation.finish()
    }
}
